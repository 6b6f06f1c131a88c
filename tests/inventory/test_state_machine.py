"""Any sequence of the verbs on stock keeps every law, after every single one."""

from django.db import transaction
from django.test import TestCase
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, consumes, rule

from inventory.stock.actions.lots import block_expiring
from inventory.stock.actions.reserve import release_stock
from orders.allocation.actions.backorders import fill_backorders
from tests.inventory.verbs import STOCKED, Verbs, build_warehouse
from tests.machine import ShopMachine, run_machine

SKU = st.sampled_from(STOCKED)
UNITS = st.integers(1, 9)
SOLD = st.sampled_from((*STOCKED, "set"))


class Warehouse(ShopMachine, Verbs):
    """One person at a time: after every verb, every law."""

    placed = Bundle("placed")
    carts = Bundle("carts")

    def furnish(self, shop):
        build_warehouse(self.by, shop)

    receive = rule(sku=SKU, units=UNITS, cost=st.none() | st.integers(0, 50), n=st.integers(0, 5))(
        Verbs.receive
    )
    adjust = rule(sku=SKU, units=st.integers(-6, 6))(Verbs.adjust)
    write_off = rule(sku=SKU, units=UNITS)(Verbs.write_off)
    send_back = rule(sku=SKU, units=UNITS)(Verbs.send_back)
    move = rule(
        pick=st.integers(0, 9),
        units=UNITS,
        n=st.integers(0, 2),
        kind=st.sampled_from(("bin", "quarantine", "damaged")),
    )(Verbs.move)
    count = rule(
        n=st.integers(0, 2),
        freezes=st.booleans(),
        drift=st.integers(-4, 2),
        between=st.booleans(),
    )(Verbs.count)
    transfer = rule(sku=SKU, units=UNITS, stop=st.integers(0, 4))(Verbs.transfer)
    take_transfer = rule(units=st.integers(0, 9), close=st.booleans())(Verbs.take_transfer)
    buy = rule(sku=SKU, units=st.integers(1, 30))(Verbs.buy)
    take_in = rule(
        good=st.integers(0, 12),
        damaged=st.integers(0, 2),
        quarantine=st.integers(0, 2),
        verb=st.sampled_from(
            ("", "", "", "close_purchase", "cancel_purchase", "reschedule_purchase")
        ),
    )(Verbs.take_in)
    land = rule(amount=st.integers(1, 99), basis=st.sampled_from(("value", "weight")))(Verbs.land)
    allot = rule(
        sku=SKU, kind=st.sampled_from(("fixed", "share", "cap")), value=st.integers(0, 20)
    )(Verbs.allot)
    split = rule(sku=SKU, parts=st.sampled_from((1, 2, 5)))(Verbs.split)
    cart = rule(
        target=carts,
        skus=st.lists(st.tuples(SOLD, UNITS), min_size=1, max_size=3),
        minutes=st.integers(5, 60),
    )(Verbs.cart)
    place = rule(
        target=placed,
        lines=st.lists(st.tuples(SOLD, UNITS), min_size=1, max_size=3),
        desk=st.booleans(),
    )(Verbs.place)

    @rule(cart=consumes(carts))
    def give_back(self, cart):
        if cart:
            with transaction.atomic():
                release_stock(holder_kind="cart", holder_ids=[cart])

    @rule()
    def block(self):
        self.take(block_expiring)

    @rule(order=placed, quantity=st.integers(1, 5))
    def leave(self, order, quantity):
        if order:
            self.ship(order, quantity)

    @rule(
        order=placed,
        units=st.integers(1, 3),
        fate=st.sampled_from(("restock", "scrap", "quarantine")),
    )
    def come_back(self, order, units, fate):
        if order:
            self.take_back(order, units, fate)

    @rule(order=placed)
    def call_off(self, order):
        if order:
            self.cancel(order)

    @rule(sku=SKU)
    def fill(self, sku):
        self.take(fill_backorders, sku_ids=[getattr(self.shop, sku).pk])


class TestWarehouse(TestCase):
    databases = {"default"}

    def test_any_mix_of_verbs_keeps_the_laws(self):
        run_machine(Warehouse, steps=30)
