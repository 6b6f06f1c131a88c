"""Mailboxes, letters, and the drafts of orders they become."""
