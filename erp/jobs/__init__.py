"""Runs long work with progress: bulk actions, imports, exports, scheduled tasks."""
