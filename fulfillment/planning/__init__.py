"""What a warehouse is to send: work for each order, planned, cut short, cancelled."""
