"""The inbox: every message by its reader, replayed, shown to people."""
