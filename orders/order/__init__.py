"""Holds the order itself: its rows, statuses, holds, claims, timeline, search and documents."""
