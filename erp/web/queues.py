"""Counts the work queues that a person may see."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypedDict

from django.db.models import Model, QuerySet

from erp.access.models import Actor
from erp.lists import row_counts
from erp.shapes import Words
from erp.wiring import QUEUES, resolve


@dataclass(frozen=True)
class Queue:
    """Work of one kind: its name, the list it opens, and the rows that wait.

    stage   the page of the frame whose counter it adds to: "" for none
    """

    label: Words
    url: str
    right: str
    rows: Callable[[], QuerySet[Model]]
    alarming: bool = False
    stage: str = ""


def queues_of(actor: Actor) -> list[Queue]:
    """Return the queues that a person may see, those they can act on first."""
    queues = [queue for name in QUEUES for queue in resolve(name) if queue.right in actor.verbs]
    return sorted(queues, key=lambda queue: not _is_work_of(actor, queue))


def _is_work_of(actor: Actor, queue: Queue) -> bool:
    noun = queue.right.partition(".")[0]
    return any(v.startswith(f"{noun}.") and v != f"{noun}.view" for v in actor.verbs)


class QueueShown(TypedDict):
    """A queue with how much waits in it, as the home page shows it."""

    queue: Queue
    number: int
    shown: str
    is_own: bool


def counted(actor: Actor) -> list[QueueShown]:
    """Count every queue this person may see, at most "1,000+"."""
    queues = queues_of(actor)
    counts = row_counts.counted({f"queue:{queue.url}": queue.rows for queue in queues})
    return [
        {
            "queue": queue,
            "number": counts[f"queue:{queue.url}"],
            "shown": row_counts.shown(counts[f"queue:{queue.url}"]),
            "is_own": _is_work_of(actor, queue),
        }
        for queue in queues
    ]
