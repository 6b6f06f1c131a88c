"""Goods through the hands of people with a scanner: receiving, moving, counting."""
