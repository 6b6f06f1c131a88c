"""Notices: what staff are told by itself, by role, on their home page and by mail."""
