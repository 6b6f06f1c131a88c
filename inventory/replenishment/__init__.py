"""What to buy, how much and when: forecasts, lot sizes, suggestions."""
