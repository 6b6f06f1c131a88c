"""Reads foreign bytes in child processes with limits: a file can end its reader, never the house."""
