"""Finds order alerts for staff: late, out of stock, disputed, waiting for approval."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from django.utils import timezone

from erp.ids import public_id
from erp.notices.kinds import Found
from inventory.desk.alerts import approval_hours
from inventory.models import Sku
from inventory.stock.queries import availability
from orders.allocation.queries import backordered_units
from orders.customers.models import TermsProposal
from orders.intake.mail.models import MailConnection
from orders.intake.shops.models import ShopConnection
from orders.order.models.order import Hold, Order
from orders.order.queries import due_soon, overdue

FAILURES = 5  # in a row, before somebody is told


COUNTED = 1000


def watch(now: datetime) -> Iterator[Found]:
    """Find everything that staff are alerted to about orders."""
    yield from _late(now)
    yield from _out_of_stock(now)
    yield from _failing(now)
    yield from _waiting(now)


def _late(now: datetime) -> Iterator[Found]:
    """Once a day each: orders past their day to ship, and those that must go soon."""
    day = f"{timezone.localtime(now):%Y-%m-%d}"
    orders = Order.objects.filter(is_history=False)
    for kind, rows, url in (
        ("overdue", overdue(orders, now), "/orders/?late=1"),
        ("due_soon", due_soon(orders, now), "/orders/?due=1"),
    ):
        found = list(rows.order_by("ship_by", "pk").values_list("number", flat=True)[:COUNTED])
        if found:
            yield Found(kind, day, {"orders": len(found), "number": found[0]}, url)


def _out_of_stock(now: datetime) -> Iterator[Found]:
    """SKUs that orders wait for, of which nothing is there and nothing is on order; once a week each."""
    owed: dict[int, int] = {}
    for (part, _warehouse), units in backordered_units().items():
        owed[part] = owed.get(part, 0) + units
    year, week, _day = now.isocalendar()
    skus = Sku.objects.in_bulk(owed)
    codes = sorted(sku.code for sku in skus.values())
    there = {level["sku"]: level for level in availability(codes=codes)} if skus else {}
    for pk, units in sorted(owed.items()):
        sku = skus[pk]
        level = there.get(sku.code)
        if level is None or (level["available"] <= 0 and level["incoming"] <= 0):
            yield Found(
                "out_of_stock",
                f"{pk}:{year}-{week}",
                {"sku": sku.code, "units": units},
                f"/inventory/{sku.code}/",
            )


def _failing(now: datetime) -> Iterator[Found]:
    """Shops and mailboxes that have not answered several times in a row; once a day each."""
    failing = {"is_active": True, "failures__gte": FAILURES}
    fields = ("pk", "channel__name", "failures", "error")
    shops = ShopConnection.objects.filter(**failing).order_by("pk").values_list(*fields)
    boxes = MailConnection.objects.filter(**failing).order_by("pk").values_list(*fields)
    for what, rows in (("shop", shops), ("mailbox", boxes)):
        for pk, name, times, error in rows:
            params = {"name": name, "times": times, "error": error[:120]}
            key = f"{what}:{pk}:{timezone.localtime(now):%Y-%m-%d}"
            yield Found("connection_failing", key, params, "/settings/channels/")


def _waiting(now: datetime) -> Iterator[Found]:
    """Disputed payments, and second reviews that nobody has given in time."""
    hours = approval_hours()
    holds = Hold.objects.filter(released_at=None, order__status__in=("pending", "confirmed"))
    disputed = holds.filter(reason="payment_disputed").select_related("order")
    for hold in disputed.order_by("pk").iterator():
        order = hold.order
        params: dict[str, object] = {
            "order": order.number,
            "amount": str(order.total),
            "currency": order.currency,
        }
        yield Found("payment_disputed", str(hold.pk), params, f"/orders/{order.number}/")
    terms = TermsProposal.objects.filter(
        status="waiting", proposed_at__lt=now - timedelta(hours=hours)
    )
    for pk, customer in terms.order_by("pk").values_list("pk", "customer_id").iterator():
        number = public_id("cus", customer)
        params = {"what": "terms", "number": number, "hours": hours}
        yield Found("approval_late", f"terms:{pk}", params, f"/customers/{number}/")
    late = holds.filter(kind="finance", opened_at__lt=now - timedelta(hours=hours))
    waiting = late.order_by("pk").values_list("pk", "order__number")
    for pk, number in waiting.iterator():
        yield Found(
            "approval_late",
            f"hold:{pk}",
            {"what": "order", "number": number, "hours": hours},
            f"/orders/{number}/",
        )
