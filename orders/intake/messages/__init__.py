"""What channels sent, kept as it came, and what every reader makes of it."""
