"""Who gets goods that are short: backorders, priorities, what the customer chooses."""
