"""What channels sell of our stock: allotments, listings, and telling them what is left."""
