"""Suggests what to buy, how much and when, from demand, lead times and lot sizes."""
