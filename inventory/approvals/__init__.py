"""Approves and rejects the stock documents that wait for a second person, whatever proposed them."""
