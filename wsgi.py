"""The WSGI entry: `gunicorn wsgi:app`."""

from approval.app import create_app

app = create_app()
