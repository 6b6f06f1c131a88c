"""The counters of the home page: capped, so that they never slow it."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet

from erp.access.models import Actor
from erp.wiring import QUEUES, resolve

CAP = 1000


@dataclass(frozen=True)
class Queue:
    """Work of one kind: its name, the list it opens, and the rows that wait."""

    label: Any
    url: str
    right: str
    rows: Callable[[], QuerySet[Any]]
    alarming: bool = False


def counted(actor: Actor) -> list[dict[str, Any]]:
    """Every queue this person may see, with how much waits in it: at most "1,000+"."""
    queues = [queue for name in QUEUES for queue in resolve(name) if queue.right in actor.verbs]
    result = []
    for queue in queues:
        number = queue.rows().order_by()[: CAP + 1].count()
        shown = f"{CAP:,}+" if number > CAP else f"{number:,}"
        result.append({"queue": queue, "number": number, "shown": shown})
    return result
