"""Carriers: making tracking numbers, reading what they report. Writes no rows."""
