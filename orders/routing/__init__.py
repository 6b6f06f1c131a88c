"""From where, by whom and by when: warehouse, carrier, promise."""
