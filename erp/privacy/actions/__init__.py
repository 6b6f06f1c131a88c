"""Erases people, and lets go what was kept long enough."""
