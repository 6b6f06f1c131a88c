"""Defines list pages: columns, filters, saved views and their pagination."""
