"""Updates our order to match what its channel says about it."""
