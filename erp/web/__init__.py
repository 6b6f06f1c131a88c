"""Draws the dashboard: navigation, list pages, charts, search, health checks and settings."""
