"""Scores the fraud risk of an order and holds or declines it."""
