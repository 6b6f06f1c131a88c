"""Rules and offers tried on real history before they act, and decisions replayed."""
