"""Sends files that are made to break readers in by every way that takes them, and judges the house meanwhile."""
