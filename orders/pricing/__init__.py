"""What things cost: price lists, tax, promotions and coupons, exchange rates."""
