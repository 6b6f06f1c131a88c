"""Handles return authorizations: requested, approved, received, inspected, closed."""
