"""Counts what this installation does and measures how it is, for Prometheus."""
