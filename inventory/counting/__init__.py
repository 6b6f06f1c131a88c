"""Counts stock, blind or not, and posts the differences."""
