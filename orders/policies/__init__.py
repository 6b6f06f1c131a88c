"""Sets how a channel trades: its policy, order types, payment methods and custom fields."""
