"""Counts the work queues that a person may see."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import TypedDict

from django.db.models import Model, QuerySet

from erp.access.models import Actor
from erp.approvals.queries import answers_for
from erp.lists import row_counts
from erp.shapes import Words
from erp.wiring import QUEUES, resolve


@dataclass(frozen=True)
class Queue:
    """Work of one kind: its name, the list it opens, and the rows that wait.

    stage   the page of the frame whose counter it adds to: "" for none
    is_approval   of rows that somebody approves: what one who proposed them cannot approve is not their work
    """

    label: Words
    url: str
    right: str
    rows: Callable[[], QuerySet[Model]]
    alarming: bool = False
    stage: str = ""
    is_approval: bool = False

    def rows_for(self, proposer: int) -> QuerySet[Model]:
        """The rows that wait for somebody: not those that they proposed and another person has to approve."""
        return self.rows().exclude(
            needs_second_person=True, proposed_for=proposer, approved_for=None
        )


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
    person = answers_for(actor)
    keys = {queue.url: _key(queue, person) for queue in queues}
    counts = row_counts.counted({keys[queue.url]: _rows(queue, person) for queue in queues})
    return [
        {
            "queue": queue,
            "number": counts[keys[queue.url]],
            "shown": row_counts.shown(counts[keys[queue.url]]),
            "is_own": _is_work_of(actor, queue),
        }
        for queue in queues
    ]


def _key(queue: Queue, person: int) -> str:
    """What a count is remembered by: that of approvals is another for each person."""
    return f"queue:{queue.url}:{person}" if queue.is_approval else f"queue:{queue.url}"


def _rows(queue: Queue, person: int) -> Callable[[], QuerySet[Model]]:
    return partial(queue.rows_for, person) if queue.is_approval else queue.rows
