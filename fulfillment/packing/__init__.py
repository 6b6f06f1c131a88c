"""Packs parcels and prints their labels and packing slips."""
