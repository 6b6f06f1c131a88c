"""The ground floor: settings, wiring, and what every stage of an order's life shares."""
