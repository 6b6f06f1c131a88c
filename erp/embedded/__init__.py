"""Runs PostgreSQL and Valkey from wheels, without Django, and supervises `manage.py up`."""
