"""Sets how a channel trades: its policy, order types and custom fields."""
