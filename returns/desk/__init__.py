"""Shows the pages of returns and refunds."""
