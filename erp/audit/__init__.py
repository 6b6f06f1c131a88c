"""Keeps the history of master data and checks the invariants that `manage.py audit` proves."""
