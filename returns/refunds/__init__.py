"""Money that goes back: proposed, approved, asked of the provider, completed."""
