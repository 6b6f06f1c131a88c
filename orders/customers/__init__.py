"""Identifies customers; keeps their contacts, masking, groups, tax exemptions, credit terms."""
