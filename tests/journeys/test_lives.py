"""Random lives of orders: whatever is done to one, the customer has paid for exactly what they keep.

`LIVES=1000 pytest tests/journeys/test_lives.py` (or `make lives`) tries as many as the acceptance asks for.
"""

import os
import random
from datetime import timedelta
from decimal import Decimal
from typing import NamedTuple

import msgspec
import pytest
from django.db import transaction

from erp.audit.proof import prove
from erp.errors import DomainError
from erp.events.models import EventDelivery
from erp.events.relay import act_on
from erp.money import minor_unit, rounded
from erp.once import OnceKey, claim
from fulfillment.models import Parcel
from fulfillment.shipping.actions import ship_order
from fulfillment.tracking.actions import Scan, record_tracking
from orders.changes.actions.cancel import cancel_units
from orders.changes.actions.change import change_order
from orders.changes.actions.effect import Wanted
from orders.changes.actions.split import split_order
from orders.invoicing.actions.issue import follow_invoices
from orders.models import (
    ChannelPolicy,
    Invoice,
    Order,
    OrderLine,
    Price,
    PriceList,
    ShippingService,
)
from orders.placement.actions.place import place_order
from orders.placement.incoming import IncomingOrder
from returns.models import Refund, ReturnAuthorization
from returns.refunds.actions.follow import record_channel_refund
from returns.refunds.actions.propose import propose_refund
from returns.refunds.actions.settle import approve_refund, complete_refund, reject_refund
from returns.refunds.queries import purse_of
from returns.rma.actions import approve_return, receive_return, request_return
from returns.rma.wishes import Wish
from tests.conftest import NOON, order_body

pytestmark = pytest.mark.django_db

LIVES = int(os.environ.get("LIVES", "30"))
STEPS = 16
ZERO = Decimal(0)
OWN = ("changed", "cancelled")  # refunds that the house proposes by itself
EVERY = {
    "place_order",
    "change_order",
    "cancel_units",
    "ship_order",
    "record_tracking",
    "request_return",
    "receive_return",
    "propose_refund",
    "approve_refund",
    "complete_refund",
    "reject_refund",
    "record_channel_refund",
    "split_order",
}
SKUS = ("TEA-001", "MUG-001", "POT-001", "WRAP")
FOLLOWING = (
    "fulfillment.planning.tasks.",
    "orders.invoicing.tasks.follow_invoices",
    "returns.refunds.tasks.propose",
    "returns.refunds.tasks.credit_refund",
)


class Paid(NamedTuple):
    """Units of a line that a shop paid back and that stayed in the order; `unshipped` of them cannot have left then."""

    line: int
    units: int
    unshipped: int


class Life:
    """One order, and what its test knows of it: `allowances` are what was given for goods that stay, by refund."""

    def __init__(self, seed: int, shop, by) -> None:
        self.chance = random.Random(seed)
        self.by, self.shop, self.clock = by, shop, NOON
        self.allowances: dict[int, Decimal] = {}
        self.shops_units: dict[
            int, tuple[int, int]
        ] = {}  # (line, units) that a shop's refund paid back
        self.steps: list[str] = []
        self.currency = self.chance.choice(("CNY", "JPY", "KWD"))

    def take(self, action, **given):
        """Do it, and what follows by events; a refusal leaves nothing behind."""
        self.clock += timedelta(minutes=7)
        try:
            with transaction.atomic():
                done = action(by=self.by, now=self.clock, **given)
        except DomainError as refusal:
            self.steps.append(f"{action.__name__}: {refusal.code}")
            return None
        self.steps.append(action.__name__)
        self.follow()
        return done

    def follow(self) -> None:
        while due := EventDelivery.objects.filter(status="pending").order_by("pk").first():
            claim(OnceKey(f"subscriber:{due.subscriber}", str(due.event_id)))
            if due.subscriber.startswith(FOLLOWING):
                with transaction.atomic():
                    act_on(due.subscriber, due.event, self.clock)
            EventDelivery.objects.filter(pk=due.pk).update(status="done")

    def open_shop(self) -> None:
        unit = minor_unit(self.currency)
        includes_tax = self.chance.random() < 0.5
        PriceList.objects.filter(code="retail").update(
            currency=self.currency, includes_tax=includes_tax
        )
        for price in Price.objects.order_by("pk"):
            price.amount = rounded(
                Decimal(self.chance.randrange(100, 20_000)) * unit, self.currency
            )
            price.save()
        ShippingService.objects.update(currency=self.currency, fee=unit * 1201, free_from=None)
        self.invoices = self.chance.choice(("", "order", "shipment"))
        ChannelPolicy.objects.update(
            accepts_backorders=True,
            duplicate_minutes=0,
            invoices=self.invoices,
            invoices_from=self.clock,
        )

    def place(self) -> bool:
        codes = self.chance.sample(SKUS, self.chance.randint(1, 3))
        lines = [{"sku": sku, "quantity": self.chance.randint(1, 5)} for sku in codes]
        body = order_body(lines=lines, currency=self.currency)
        placed = self.take(
            place_order, incoming=msgspec.convert(body, IncomingOrder), channel=self.shop.web
        )
        if placed is None or not placed.row:
            return False
        self.pk = placed.row["id"]
        if self.invoices == "order":
            self.take(follow_invoices, order_id=self.pk)
        return True

    @property
    def order(self) -> Order:
        return Order.objects.get(pk=self.pk)

    def some_line(self) -> OrderLine:
        return self.chance.choice(list(OrderLine.objects.filter(order=self.pk).order_by("pk")))

    def change(self) -> None:
        line = self.some_line()
        if line.quantity_open > 1:
            wanted = Wanted({line.pk: self.chance.randrange(line.quantity_open)})
            self.take_less(change_order, wanted=wanted)

    def cancel_part(self) -> None:
        count, line = self.chance.randint(1, 3), self.some_line()
        self.take_less(cancel_units, units={line.pk: count})

    def cancel(self) -> None:
        if self.chance.random() < 0.2:
            self.take_less(cancel_units)

    def take_less(self, action, **given) -> None:
        """Take something off the order: what the shop had given for it before it shipped is no allowance any more."""
        lines = list(OrderLine.objects.filter(order=self.pk).order_by("pk"))
        before = self.order.total
        if not self.take(action, order_id=self.pk, reason="x", **given):
            return
        above = before - self.order.total
        for line in lines:
            now = OrderLine.objects.get(pk=line.pk)
            above = self.take_off(line.pk, line.quantity_open - now.quantity_open, above)

    def take_off(self, line: int, units: int, above: Decimal) -> Decimal:
        """Units of a line that were taken off; what is left of the money that was paid above the order since."""
        for pk in sorted(self.shops_units, reverse=True):
            paid = self.shops_units[pk]
            count = min(units, paid.unshipped)
            if paid.line != line or count <= 0 or above <= 0 or pk not in self.allowances:
                continue
            share = min(rounded(self.allowances[pk] * count / paid.units, self.currency), above)
            self.allowances[pk] -= share
            units, above = units - count, above - share
            left = paid.units - count
            self.shops_units[pk] = Paid(line, left, min(left, paid.unshipped - count))
        return above

    def ship(self) -> None:
        line = self.some_line()
        whole = self.chance.random() < 0.4
        units = None if whole else {line.pk: self.chance.randint(1, max(1, line.quantity_reserved))}
        self.take(ship_order, order_id=self.pk, units=units)

    def deliver(self) -> None:
        for parcel in Parcel.objects.filter(order=self.pk, status="shipped")[:1]:
            scan = Scan("d", "delivered", self.clock)
            self.take(record_tracking, parcel_id=parcel.pk, scans=[scan])

    def send_back(self) -> None:
        sent = OrderLine.objects.filter(order=self.pk, quantity_shipped__gt=0).order_by("pk")
        line = self.chance.choice(list(sent)) if sent else self.some_line()
        wish = Wish(line.pk, self.chance.randint(1, max(1, line.quantity_shipped)), "other")
        if back := self.take(request_return, order_id=self.pk, wishes=[wish]):
            self.take(approve_return, return_id=back.pk)

    def receive(self) -> None:
        for back in ReturnAuthorization.objects.filter(order=self.pk).order_by("pk"):
            line = back.lines.get()
            units = {line.pk: self.chance.randint(1, 2)}
            self.take(receive_return, return_id=back.pk, units=units)

    def propose(self) -> None:
        kind = self.chance.choice(("amount", "amount", "units", "return", "return"))
        asked: dict[str, object] = {"reason": "goodwill"}
        if kind == "amount":
            worth = self.order.total / self.chance.choice((1, 3, 7, 30, 30))
            asked["amount"] = rounded(worth, self.currency)
        elif kind == "units":
            asked["units"] = {self.some_line().pk: self.chance.randint(1, 2)}
        else:
            back = ReturnAuthorization.objects.filter(order=self.pk).order_by("?").first()
            if back is None:
                return
            asked["return_id"] = back.pk
        if refund := self.take(propose_refund, order_id=self.pk, **asked):
            self.allowances[refund.pk] = refund.amount

    def refund_by_shop(self) -> None:
        """The channel gives money back: first what was paid above the order, the rest for goods that stay."""
        line, order = self.some_line(), self.order
        units = {line.pk: self.chance.randint(1, 2)} if self.chance.random() < 0.6 else {}
        amount = rounded(order.total / self.chance.choice((1, 3, 7, 30)), self.currency)
        above = self.paid_above()
        key = f"shop {len(self.steps)}"
        refund = self.take(
            record_channel_refund, order_id=self.pk, key=key, amount=amount, units=units
        )
        if refund is not None and refund.reason == "channel":
            self.allowances[refund.pk] = refund.amount - min(refund.amount, max(ZERO, above))
            refunded = OrderLine.objects.get(pk=line.pk).quantity_refunded
            if stays := refunded - line.quantity_refunded:
                ahead = max(0, min(stays, refunded - line.quantity_shipped))
                self.shops_units[refund.pk] = Paid(line.pk, stays, ahead)
        rejected = Refund.objects.filter(pk__in=self.allowances, status="rejected")
        for pk in rejected.values_list("pk", flat=True):  # more than was left to give
            del self.allowances[pk]
        rest = Refund.objects.filter(order=self.pk, status="proposed").exclude(reason__in=OWN)
        for pk, left in rest.values_list("pk", "amount"):  # what was left to give in its place
            self.allowances.setdefault(pk, left)

    def paid_above(self) -> Decimal:
        """What is in hand above what the order comes to, less the allowances that were paid."""
        done = Refund.objects.filter(pk__in=self.allowances, status="completed")
        given = sum((self.allowances[pk] for pk in done.values_list("pk", flat=True)), ZERO)
        order, purse = self.order, purse_of(self.order)
        due = ZERO if order.status == "cancelled" else max(ZERO, order.total - given)
        return purse.captured - purse.refunded - due

    def decide(self) -> None:
        refund = Refund.objects.filter(order=self.pk, status__in=("proposed", "approved")).first()
        if refund is None:
            return
        if self.chance.random() < 0.15:
            if self.take(reject_refund, refund_id=refund.pk):
                self.allowances.pop(refund.pk, None)
            return
        if refund.status == "proposed":
            before = self.order.total
            if not self.take(approve_refund, refund_id=refund.pk):
                return
            if refund.pk in self.allowances:  # what it took off the order is no allowance
                gone = before - self.order.total
                self.allowances[refund.pk] -= min(gone, self.allowances[refund.pk])
        if self.chance.random() < 0.8:
            self.take(complete_refund, refund_id=refund.pk)

    def step(self) -> None:
        self.chance.choice(
            (
                self.change,
                self.cancel_part,
                self.cancel,
                self.ship,
                self.ship,
                self.deliver,
                self.send_back,
                self.send_back,
                self.receive,
                self.receive,
                self.propose,
                self.propose,
                self.refund_by_shop,
                self.decide,
                self.decide,
                self.decide,
            )
        )()

    def kept(self) -> Decimal:
        """The value of what the customer keeps: what the order comes to, less what was given for goods of it."""
        order = self.order
        if order.status == "cancelled":
            return ZERO
        return max(ZERO, order.total - sum(self.allowances.values(), ZERO))

    @staticmethod
    def paid_for(order: Order) -> Decimal:
        purse = purse_of(order)
        return purse.captured - purse.refunded - purse.proposed - purse.owed

    def check(self) -> None:
        purse, paid_for = purse_of(self.order), self.paid_for(self.order)
        assert paid_for == self.kept(), (paid_for, self.kept(), purse)
        assert paid_for == rounded(paid_for, self.currency)
        self.check_invoices()

    def check_invoices(self) -> None:
        """Invoices less credit notes are what the customer keeps and paid for: of a whole order, at any time."""
        lines = OrderLine.objects.filter(order=self.pk)
        left = any(line.quantity_unshipped for line in lines)
        if not self.invoices or (self.invoices == "shipment" and left):
            return
        completed = Refund.objects.filter(pk__in=self.allowances, status="completed")
        given = sum((self.allowances[pk] for pk in completed.values_list("pk", flat=True)), ZERO)
        worth = ZERO if self.order.status == "cancelled" else max(ZERO, self.order.total - given)
        rows = Invoice.objects.filter(order=self.pk).values_list("kind", "total")
        invoiced = sum((total if kind == "invoice" else -total for kind, total in rows), ZERO)
        assert invoiced == worth, (invoiced, worth, list(rows))


def split(life: Life) -> None:
    """The end of some lives: an order in two comes to what the one came to, for goods and in money."""
    paid, before = life.paid_for(life.order), life.order
    units = {line.pk: 1 for line in OrderLine.objects.filter(order=life.pk)[:1]}
    other = life.take(split_order, order_id=life.pk, units=units, reason="x")
    if other is not None:
        source = life.order
        assert source.total + other.total == before.total
        assert life.paid_for(source) + life.paid_for(other) == paid
        kept = max(ZERO, source.total - sum(life.allowances.values(), ZERO))
        assert life.paid_for(source) >= kept, (
            "the new order took what the old one's customer had paid for"
        )


def live(seed: int, shop, by) -> list[str]:
    """One life, from its seed; it is rolled back. Returns the names of what was done."""
    life = Life(seed, shop, by)
    try:
        with transaction.atomic():
            life.open_shop()
            if life.place():
                is_split = life.chance.random() < 0.3
                for _ in range(life.chance.randint(1, 5) if is_split else STEPS):
                    life.step()
                    life.check()
                if is_split:
                    split(life)
            broken = [f"{f.law.code}: {f.rows}" for f in prove() if f.breaches]
            assert not broken, broken
            transaction.set_rollback(True)
    except Exception as error:
        error.add_note(f"seed {seed}, {life.currency}: {', '.join(life.steps)}")
        raise
    return life.steps


def test_a_customer_has_paid_for_what_they_keep(shop, system):
    first = int(os.environ.get("LIFE", "0"))
    taken: set[str] = set()
    for seed in range(first, first + LIVES):
        taken.update(live(seed, shop, system))
    assert taken >= EVERY, "some step was never taken: this proves less than it says"
