"""Any sequence of verbs over stock, orders, shipments, returns and money keeps every law."""

from decimal import Decimal

import msgspec
import pytest
from django.test import TestCase
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, consumes, invariant, rule

from fulfillment.planning.actions import cancel_open_work, plan_order
from fulfillment.shipping.actions import ship_order
from fulfillment.tracking.actions import Scan, record_tracking
from inventory.models import StockMovement
from inventory.stock.actions.adjust import adjust_stock
from inventory.stock.actions.ledger import Change
from orders.order.actions.holds import hold_order, release_order
from orders.order.actions.life import cancel_order
from orders.payments.actions.record import Tender, record_payment
from orders.placement.actions.place import place_order
from orders.placement.incoming import IncomingOrder
from returns.refunds.actions.propose import propose_owed_refund, propose_refund
from returns.refunds.actions.settle import approve_refund, complete_refund
from tests.conftest import order_body
from tests.machine import ShopMachine, run_machine
from tests.returns.verbs import ReturnVerbs, first_line

pytestmark = pytest.mark.django_db
SKUS = ("TEA-001", "MUG-001", "POT-001", "WRAP")


TRACKED = ("in_transit", "delivered", "delivery_failed", "return_to_sender", "lost in the mail")


class House(ShopMachine, ReturnVerbs):
    """The verbs, as people would mix them. A refusal is fine; a broken law is not."""

    placed = Bundle("placed")
    shipped = Bundle("shipped")
    back = Bundle("back")
    refunds = Bundle("refunds")

    @rule(
        target=placed,
        lines=st.lists(st.tuples(st.sampled_from(SKUS), st.integers(1, 9)), min_size=1, max_size=3),
        desk=st.booleans(),
        method=st.sampled_from(("prepaid", "cod", "unpaid")),
    )
    def place(self, lines, desk, method):
        body = order_body(lines=[{"sku": sku, "quantity": n} for sku, n in lines])
        body["payment"] = body["payment"] | {"method": method}
        incoming = msgspec.convert(body, IncomingOrder)
        channel = self.shop.desk if desk else self.shop.web
        placed = self.take(place_order, incoming=incoming, channel=channel)
        return placed.row["id"] if placed else None

    @rule(order=placed, units=st.integers(1, 30))
    def pay(self, order, units):
        if order:
            amount = Decimal(units * 10)
            reference = f"p{self.clock.timestamp()}"
            self.take(
                record_payment,
                order_id=order,
                tender=Tender("card", reference, amount, "CNY"),
            )

    @rule(order=placed)
    def hold(self, order):
        if order:
            self.take(hold_order, order_id=order, kind="review", reason="look")

    @rule(order=placed)
    def release(self, order):
        if order:
            self.take(release_order, order_id=order)

    @rule(order=placed)
    def cancel(self, order):
        if order:
            self.take(cancel_order, order_id=order, reason="x")
            self.take(cancel_open_work, order_id=order)
            self.take(propose_owed_refund, order_id=order)

    @rule(order=placed)
    def plan(self, order):
        if order:
            self.take(plan_order, order_id=order)

    @rule(target=shipped, order=placed, whole=st.booleans(), quantity=st.integers(1, 4))
    def ship(self, order, whole, quantity):
        if not order:
            return None
        units = None if whole else {first_line(order).pk: quantity}
        parcels = self.take(ship_order, order_id=order, units=units)
        return parcels[0].pk if parcels else None

    @rule(parcel=shipped, state=st.sampled_from(TRACKED))
    def track(self, parcel, state):
        if parcel:
            scan = Scan(f"{state}", state, self.clock)
            self.take(record_tracking, parcel_id=parcel, scans=[scan])

    @rule(target=back, order=placed, quantity=st.integers(1, 5))
    def ask_back(self, order, quantity):
        return super().ask_back(order, quantity) if order else None

    @rule(
        row=back,
        receive=st.integers(1, 3),
        fate=st.sampled_from(("restock", "scrap", "quarantine")),
    )
    def bring_back(self, row, receive, fate):
        if row:
            super().bring_back(row, receive, fate)

    @rule(target=refunds, order=placed, tens=st.integers(1, 20))
    def propose(self, order, tens):
        if not order:
            return None
        made = self.take(
            propose_refund, order_id=order, amount=Decimal(tens * 10), reason="goodwill"
        )
        return made.pk if made else None

    @rule(refund=consumes(refunds))
    def pay_back(self, refund):
        if refund:
            self.take(approve_refund, refund_id=refund)
            self.take(complete_refund, refund_id=refund)

    @rule(sku=st.sampled_from(("tea", "mug", "pot")), units=st.integers(-8, 8))
    def adjust(self, sku, units):
        changes = [Change(getattr(self.shop, sku).pk, units)]
        self.take(
            adjust_stock,
            warehouse_id=self.shop.east.pk,
            changes=changes,
            reason="count",
        )

    @invariant()
    def movements_move_something(self):
        assert not StockMovement.objects.filter(quantity__lte=0).exists()


class TestHouse(TestCase):
    databases = {"default"}

    def test_any_mix_of_verbs_keeps_the_laws(self):
        run_machine(House, steps=25)
