"""Keeps what we have, where it is, what is promised and what we buy."""
