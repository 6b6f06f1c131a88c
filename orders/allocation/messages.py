"""Asks the customer what to do about missing goods."""

from datetime import datetime

from erp.events.models import Event
from erp.messages.compose import queue_messages
from orders.allocation.models import ChoiceOffer
from orders.order.links import choice_url
from orders.order.messages import OrderContext, about_order, example, order_context


class ChoiceContext(OrderContext):
    """And the open question with its link; None once it is settled."""

    choice_url: str
    choice: ChoiceOffer | None


def tell_choice(*, event: Event, now: datetime) -> None:
    """On order.choice_offered: ask the customer what to do about goods that are short."""
    context = choice_context(event.facts["order_id"])
    if context["choice"] is not None:  # it is not settled meanwhile
        queue_messages(notifications=[about_order(event, "choice", context)])


def choice_context(order_id: int) -> ChoiceContext:
    """What a message about an order needs, and the open question with its link."""
    context = order_context(order_id)
    return {
        **context,
        "choice_url": choice_url(context["order"].number, context["order"].links_withdrawn),
        "choice": ChoiceOffer.objects.filter(order_id=order_id, status="open").first(),
    }


def choice_example() -> ChoiceContext | None:
    """The newest order's context, for looking at a template; None before the first order."""
    found = example()
    return choice_context(found["order"].pk) if found else None
