"""What may happen: the tables of steps, pure, without Flask or a database."""
