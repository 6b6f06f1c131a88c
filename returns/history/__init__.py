"""Imports past orders, returns and refunds from files."""
