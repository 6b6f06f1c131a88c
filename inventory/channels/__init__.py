"""Tells sales channels what they can sell: allotments, listings, stock feeds."""
