"""Files of orders and of payments, whatever their columns."""
