"""Stores every incoming message as it came, and defines what its reader makes of it."""
