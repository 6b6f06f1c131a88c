"""Takes a new business to its first order: the company, then products with prices and stock, a channel, an order."""
