"""Follows parcels to delivery, notifies customers and measures transit times."""
