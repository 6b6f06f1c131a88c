"""Pays money back: a refund is proposed, approved, sent to the provider and completed."""
