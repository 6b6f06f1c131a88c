"""Writes log lines with the request they belong to, and without personal data."""
