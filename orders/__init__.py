"""Takes orders in and processes them until a warehouse can ship them."""
