"""Has background tasks bear the id of the request that started them, and one of their own where none did."""

from typing import Any

from celery import Task, signals

from erp.logs.origin import Origin, current_request_id, new_request_id, started_by

HEADER = "throughline_request_id"
_running: dict[str, Any] = {}


@signals.before_task_publish.connect
def _carry(headers: dict[str, Any] | None = None, **_rest: object) -> None:
    """Send the id of the request along with a task."""
    if headers is not None and (request_id := current_request_id()):
        headers.setdefault(HEADER, request_id)


@signals.task_prerun.connect
def _begin(task_id: str = "", task: Task | None = None, **_rest: object) -> None:
    if task is None:
        return
    stated = task.request.get(HEADER) or (task.request.headers or {}).get(HEADER)
    origin = started_by(Origin(str(stated or new_request_id()), task=task.name))
    origin.__enter__()
    _running[task_id] = origin


@signals.task_postrun.connect
def _end(task_id: str = "", **_rest: object) -> None:
    if origin := _running.pop(task_id, None):
        origin.__exit__(None, None, None)


@signals.setup_logging.connect
def _set_up(**_rest: object) -> None:
    """Log as settings say, in workers and the scheduler too: Celery would have lines of its own form."""
    import logging.config

    from django.conf import settings

    logging.config.dictConfig(settings.LOGGING)
