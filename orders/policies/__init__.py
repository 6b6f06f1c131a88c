"""How a channel trades: its policy, the order types, the merchant's custom fields."""
