"""Records payments and asks providers to authorise, capture, refund and void them."""
