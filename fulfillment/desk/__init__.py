"""The pages of work and shipments."""
