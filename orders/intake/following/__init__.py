"""Our order follows what its channel says of it."""
