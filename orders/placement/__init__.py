"""Places an order: gathers facts, validates, prices, decides, and writes all rows at once."""
