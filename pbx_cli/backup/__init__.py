"""Backups: one archive with the database and all files that its rows speak of; and the way back."""
