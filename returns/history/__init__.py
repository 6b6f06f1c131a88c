"""Orders, returns and refunds of the past, taken in from files."""
