"""Stores comments and mentions that staff write on a record."""
