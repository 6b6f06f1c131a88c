"""Keeps personal data no longer than needed, and exports or erases what is kept of a person."""
