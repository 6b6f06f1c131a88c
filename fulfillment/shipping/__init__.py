"""Ships parcels: posts the stock movement and updates the order and its channel."""
