"""Makes backups, restores them, and drills whether they can be restored."""
