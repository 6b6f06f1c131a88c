"""Turning what channels send into the one frozen IncomingOrder. Writes no rows."""
