"""From an incoming order to its rows: facts, validation, charges, the one writer."""
