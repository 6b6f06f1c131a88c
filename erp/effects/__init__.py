"""Says whether this installation may act on the world; a restored copy may not until somebody says so."""
