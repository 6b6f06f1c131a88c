"""Delivers alerts to staff by role, on the home page and by mail."""
