"""The pages of returns and refunds."""
