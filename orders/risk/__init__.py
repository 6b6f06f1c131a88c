"""How likely an order is fraud, and what follows."""
