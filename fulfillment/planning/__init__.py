"""Plans fulfillment orders: what each warehouse sends of an order, cut short or cancelled."""
