"""Where parcels are, and what customers and channels are told."""
