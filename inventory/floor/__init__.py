"""Serves scanners in the warehouse: receiving, moving and counting goods."""
