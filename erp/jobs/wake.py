"""Wakes a worker for a job that has just begun."""

from erp.events.record import give_hint


def wake_jobs() -> None:
    """Hint, after the commit, that a job waits. A lost hint costs two seconds."""
    give_hint("erp.tasks.run_jobs")
