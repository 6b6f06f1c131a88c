"""Declares the verbs on returns as people would mix them, for tests that mix them."""

from collections.abc import Callable
from typing import Any

from orders.models import OrderLine
from returns.models import ReturnAuthorization
from returns.rma.actions import (
    Verdict,
    approve_return,
    inspect_return,
    receive_return,
    request_return,
)
from returns.rma.wishes import Wish


def first_line(order: int) -> OrderLine:
    return OrderLine.objects.filter(order=order).order_by("position")[0]


class ReturnVerbs:
    """A return is asked for, comes and is looked at; `take` runs each verb."""

    take: Callable[
        ..., Any
    ]  # of the machine that this is mixed into; hypothesis has a metaclass of its own

    def ask_back(self, order, units):
        """The return of an order's first line, where it may be returned."""
        wish = Wish(first_line(order).pk, units, "damaged")
        made = self.take(request_return, order_id=order, wishes=[wish])
        return made.pk if made else None

    def bring_back(self, row, units, fate):
        self.take(approve_return, return_id=row)
        line = ReturnAuthorization.objects.get(pk=row).lines.get()
        self.take(receive_return, return_id=row, units={line.pk: units})
        self.take(inspect_return, return_id=row, verdicts=[Verdict(line.pk, units, fate)])
