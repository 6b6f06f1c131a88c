"""Parcels: what is in them, their papers."""
