"""Shows the pages of orders and customers: lists, order page, phone desk, alerts."""
