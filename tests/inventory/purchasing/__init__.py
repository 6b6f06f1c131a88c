"""Buying: what suppliers ask, what is ordered, what it costs."""
