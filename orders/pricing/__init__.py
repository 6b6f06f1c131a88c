"""Calculates what an order costs: price lists, tax, promotions, coupons, exchange rates."""
