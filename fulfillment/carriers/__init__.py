"""Connects carriers, one module each, and stores no rows."""
