"""Taking goods from their bins, and refusing what was stopped."""
