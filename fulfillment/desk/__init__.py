"""Shows the pages of fulfillment orders and shipments, and serves their API."""
