"""Asks workers for turns at a queue of rows: so many at once wait in the broker, however long the queue is.

The rows are the record. A message to the broker is a hint that there is work: it names no row, and one that is lost
or comes twice changes nothing.
"""

from celery import current_app
from redis.exceptions import RedisError

from erp.celery import QUEUE_OF
from erp.valkey import valkey


def ask_for_turns(task: str, *, most: int) -> None:
    """Ask for as many turns of a task as are missing to `most`."""
    for _turn in range(most - _waiting(QUEUE_OF[task])):
        current_app.send_task(task, retry=False)


def ask_for_another(task: str) -> None:
    """Ask for the turn after this one."""
    current_app.send_task(task, retry=False)


def is_waiting(queue: str) -> bool:
    """Whether anything waits in a queue of the broker."""
    return _waiting(queue) > 0


def _waiting(queue: str) -> int:
    """Messages that wait in a queue of the broker; none where it does not answer."""
    try:
        return int(valkey().llen(queue))
    except RedisError:
        return 0
