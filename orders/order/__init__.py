"""The order itself: its rows, lives, timeline, holds, progress, search and documents."""
