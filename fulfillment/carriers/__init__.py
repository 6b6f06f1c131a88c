"""Carriers: one module each, pure or network, never rows."""
