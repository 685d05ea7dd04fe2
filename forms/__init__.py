"""What may be typed: WTForms, without a database; choices are handed in by the view."""
