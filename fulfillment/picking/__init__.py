"""Picks goods for a fulfillment order and refuses work that was stopped."""
