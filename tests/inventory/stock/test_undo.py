"""A verb and the verb that undoes it leave every balance of stock as it was."""

from datetime import timedelta
from decimal import Decimal

import msgspec
import pytest
from django.db import transaction

from inventory.counting.actions.count import cancel_count, start_count
from inventory.models import (
    BinLevel,
    Place,
    SerialUnit,
    SkuCost,
    StockCount,
    StockDocument,
    StockLevel,
)
from inventory.purchasing.actions.purchase import (
    Wanted,
    approve_purchase,
    cancel_purchase,
    draft_purchase,
    send_purchase,
)
from inventory.stock.actions.adjust import adjust_stock, return_to_vendor
from inventory.stock.actions.ledger import Change, Frozen
from inventory.stock.actions.move import Carry, move_stock
from inventory.stock.actions.policies import set_allotment
from inventory.stock.actions.receive import receive_stock
from inventory.stock.actions.reserve import hold_for_cart, release_stock
from inventory.stock.actions.split import split_level
from inventory.transfers.actions import draft_transfer, receive_transfer, ship_transfer
from orders.order.actions.life import cancel_order
from orders.placement.actions.place import place_order
from orders.placement.incoming import IncomingOrder
from tests.conftest import NOON, order_body
from tests.inventory.verbs import build_warehouse


def balances() -> list:
    """Every balance of stock: levels, bins, what they are worth, and where the pieces are."""
    rows = []
    for level in StockLevel.objects.all():
        if level.on_hand or level.reserved or level.incoming:
            rows.append(
                (
                    level.sku_id,
                    level.warehouse_id,
                    level.on_hand,
                    level.reserved,
                    level.incoming,
                )
            )
    bins = BinLevel.objects.filter(on_hand__gt=0)
    rows += list(bins.values_list("sku_id", "place_id", "lot_id", "on_hand"))
    rows += list(SkuCost.objects.filter(quantity__gt=0).values_list("sku_id", "quantity", "value"))
    inside = SerialUnit.objects.filter(place__warehouse__isnull=False)
    rows += list(inside.values_list("sku_id", "code", "place_id"))
    return sorted(rows, key=repr)


@pytest.mark.django_db
class TestUndo:
    """A verb and the verb that undoes it leave every balance as it was."""

    @pytest.fixture(autouse=True)
    def warehouse(self, shop, system):
        build_warehouse(system, shop)
        self.shop, self.by = shop, system
        self.east, self.south = shop.east.pk, shop.south.pk
        for sku, cost in ((shop.tea, 3), (shop.mug, 7)):
            self.do(
                receive_stock,
                warehouse_id=self.east,
                reference="x",
                changes=[Change(sku.pk, 40, Decimal(cost))],
            )

    def do(self, action, **arguments):
        return action(by=self.by, now=NOON, **arguments)

    def returns_to(self, do, undo):
        before = balances()
        made = do()
        between = balances()
        undo(made)
        assert balances() == before
        return between != before

    def test_receive_and_return_to_vendor(self):
        average = SkuCost.objects.get(sku=self.shop.tea)
        change = Change(self.shop.tea.pk, 6, average.value / average.quantity)
        assert self.returns_to(
            lambda: self.do(receive_stock, warehouse_id=self.east, changes=[change], reference="x"),
            lambda _: self.do(
                return_to_vendor,
                warehouse_id=self.east,
                supplier_id=self.shop.supplier.pk,
                changes=[Change(self.shop.tea.pk, 6)],
                reason="back",
            ),
        )

    def test_adjust_down_and_up(self):
        assert self.returns_to(
            lambda: self.do(
                adjust_stock,
                warehouse_id=self.east,
                reason="x",
                changes=[Change(self.shop.mug.pk, -3)],
            ),
            lambda _: self.do(
                adjust_stock,
                warehouse_id=self.east,
                reason="x",
                changes=[Change(self.shop.mug.pk, 3)],
            ),
        )

    def test_move_and_move_back(self):
        level = BinLevel.objects.filter(sku_id=self.shop.tea.pk, on_hand__gt=5).first()
        to = self.shop.bins[0].pk

        def carry(a, b):
            return self.do(
                move_stock,
                warehouse_id=level.place.warehouse_id,
                carries=[Carry(self.shop.tea.pk, 5, a, b)],
            )

        level = BinLevel.objects.get(
            sku_id=self.shop.tea.pk, place__warehouse_id=self.east, lot_id=0
        )
        assert self.returns_to(
            lambda: carry(level.place_id, to), lambda _: carry(to, level.place_id)
        )

    def test_quarantine_and_clear(self):
        level = BinLevel.objects.get(sku_id=self.shop.tea.pk, place__warehouse_id=self.east)
        apart = Place.objects.get(warehouse_id=self.east, kind="quarantine").pk

        def carry(a, b):
            return self.do(
                move_stock,
                warehouse_id=self.east,
                carries=[Carry(self.shop.tea.pk, 5, a, b)],
            )

        assert self.returns_to(
            lambda: carry(level.place_id, apart), lambda _: carry(apart, level.place_id)
        )

    def test_transfer_there_and_back(self):
        def send(a, b):
            made = self.do(
                draft_transfer,
                from_warehouse_id=a,
                to_warehouse_id=b,
                units={self.shop.tea.pk: 4},
            )
            self.do(ship_transfer, transfer_id=made.pk)
            self.do(
                receive_transfer,
                transfer_id=made.pk,
                units=[(made.lines.get().pk, 4)],
            )

        assert self.returns_to(
            lambda: send(self.east, self.south), lambda _: send(self.south, self.east)
        )

    def test_order_and_cancel(self):
        def place():
            lines = [{"sku": "SET", "quantity": 3}, {"sku": "TEA-001", "quantity": 2}]
            incoming = msgspec.convert(order_body(lines=lines), IncomingOrder)
            return self.do(place_order, incoming=incoming, channel=self.shop.web)

        assert self.returns_to(
            place,
            lambda made: self.do(cancel_order, order_id=made.row["id"], reason="x"),
        )

    def test_hold_and_release(self):
        assert self.returns_to(
            lambda: self.do(
                hold_for_cart,
                cart_id=5,
                wanted={self.shop.set.pk: 2},
                expires_at=NOON + timedelta(minutes=5),
            ),
            lambda _: release_stock(holder_kind="cart", holder_ids=[5]),
        )

    def test_allot_and_give_back(self):
        def allot(value):
            return self.do(
                set_allotment,
                channel_id=self.shop.web.pk,
                kind="fixed",
                value=value,
                sku_id=self.shop.tea.pk,
                warehouse_id=self.east,
            )

        assert self.returns_to(lambda: allot(9), lambda _: allot(0))

    def test_split_and_join(self):
        def rows():
            return sorted(
                StockLevel.objects.filter(sku=self.shop.tea).values_list("part", "on_hand")
            )

        def split(parts):
            return self.do(
                split_level,
                sku_id=self.shop.tea.pk,
                warehouse_id=self.east,
                parts=parts,
            )

        before = rows()
        split(8)
        assert len(rows()) == len(before) + 7
        split(1)
        assert rows() == before

    def test_buy_and_call_off(self):
        def buy():
            made = self.do(
                draft_purchase,
                supplier_id=self.shop.supplier.pk,
                warehouse_id=self.east,
                wanted=[Wanted(self.shop.tea.pk, 10)],
            )
            self.do(approve_purchase, purchase_id=made.pk)
            return self.do(send_purchase, purchase_id=made.pk)

        assert self.returns_to(buy, lambda made: self.do(cancel_purchase, purchase_id=made.pk))

    def test_freeze_and_cancel_the_count(self):
        made = self.do(
            start_count,
            warehouse_id=self.east,
            sku_ids=[self.shop.tea.pk],
            freezes=True,
        )
        frozen = made.lines.get().place_id
        with pytest.raises(Frozen), transaction.atomic():
            self.do(
                adjust_stock,
                warehouse_id=self.east,
                reason="x",
                changes=[Change(self.shop.tea.pk, -1, place_id=frozen)],
            )
        self.do(cancel_count, count_id=made.pk)
        assert StockCount.objects.get().status == "cancelled"
        self.do(
            adjust_stock,
            warehouse_id=self.east,
            reason="x",
            changes=[Change(self.shop.tea.pk, -1)],
        )
        assert StockDocument.objects.latest("pk").status == "posted"
