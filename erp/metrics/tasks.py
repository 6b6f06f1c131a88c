"""Counts the runs of background tasks, and how long they take."""

import time

from celery import Task, signals

from erp.metrics.tally import add_up, count, observe

_begun: dict[str, float] = {}


@signals.task_prerun.connect
def _begin(task_id: str = "", **_rest: object) -> None:
    _begun[task_id] = time.monotonic()


@signals.task_postrun.connect
def _end(
    task_id: str = "", task: Task | None = None, state: str | None = None, **_rest: object
) -> None:
    began = _begun.pop(task_id, None)
    if task is None or began is None:
        return
    count("tasks", task.name, (state or "unknown").lower())
    observe("task_duration", time.monotonic() - began, task.name)


@signals.worker_process_shutdown.connect
def _last(**_rest: object) -> None:
    """Add up what a worker's process counted before it ends."""
    add_up()
