"""Declares the verbs on stock as people would mix them, for tests that mix them."""

from datetime import timedelta
from decimal import Decimal

import msgspec

from fulfillment.planning.actions import cancel_open_work
from fulfillment.shipping.actions import ship_order
from inventory.counting.actions.count import (
    Counted,
    cancel_count,
    enter_count,
    start_count,
    submit_count,
)
from inventory.models import (
    BinLevel,
    BundlePart,
    Place,
    PurchaseOrder,
    SerialUnit,
    Sku,
    StockShortfall,
    Transfer,
)
from inventory.purchasing.actions.land_cost import land_cost
from inventory.purchasing.actions.purchase import (
    Wanted,
    approve_purchase,
    cancel_purchase,
    close_purchase,
    draft_purchase,
    reschedule_purchase,
    send_purchase,
)
from inventory.purchasing.actions.receive import Arrived, receive_purchase
from inventory.purchasing.actions.suppliers import save_supplier, save_term
from inventory.stock.actions import adjust as actions_adjust
from inventory.stock.actions.adjust import adjust_stock, return_to_vendor
from inventory.stock.actions.ledger import Change
from inventory.stock.actions.move import Carry, move_stock
from inventory.stock.actions.places import add_bins
from inventory.stock.actions.policies import set_allotment
from inventory.stock.actions.receive import receive_stock
from inventory.stock.actions.reserve import hold_for_cart
from inventory.stock.actions.split import split_level
from inventory.transfers.actions import (
    cancel_transfer,
    draft_transfer,
    receive_transfer,
    ship_transfer,
)
from orders.allocation.actions.backorders import fill_backorders, follow_shortfalls
from orders.models import Price, PriceList
from orders.order.actions.life import cancel_order
from orders.placement.actions.place import place_order
from orders.placement.incoming import IncomingOrder
from tests.conftest import NOON, Shop, order_body
from tests.returns.verbs import ReturnVerbs, first_line

STOCKED = ("tea", "mug", "pot", "milk", "phone")
OFFICE_VERBS = {
    "cancel_purchase": cancel_purchase,
    "close_purchase": close_purchase,
    "reschedule_purchase": reschedule_purchase,
}


def build_warehouse(system, shop: Shop) -> None:
    """The shop, with bins, a bundle, a SKU in lots, one with serial numbers, and a supplier."""
    shop.milk = Sku.objects.create(code="MILK", name="Milk", tracking="lot", weight_g=1000)
    shop.phone = Sku.objects.create(code="PHONE", name="Phone", tracking="serial", weight_g=200)
    shop.set = Sku.objects.create(code="SET", name="Tea set")
    for part, units in ((shop.tea, 2), (shop.mug, 1)):
        BundlePart.objects.create(bundle=shop.set, part=part, quantity=units)
    prices = PriceList.objects.get(code="retail")
    for sku in (shop.milk, shop.phone, shop.set):
        Price.objects.create(price_list=prices, sku=sku, amount=Decimal(20))
    shop.bins = add_bins(
        warehouse_id=shop.east.pk, zone="A", codes=["A-01", "A-02", "A-03"], by=system, now=NOON
    )
    shop.supplier = save_supplier(code="acme", name="Acme", currency="CNY", by=system, now=NOON)
    for sku in (shop.tea, shop.mug, shop.pot, shop.milk, shop.phone):
        save_term(
            supplier_id=shop.supplier.pk,
            sku_id=sku.pk,
            unit_price=Decimal("3.5"),
            by=system,
            now=NOON,
        )


class Verbs(ReturnVerbs):
    """The verbs, as people would mix them. A refusal is fine; a broken law is not."""

    shop: Shop
    number = 0

    def change(self, sku: str, units: int, cost: int | None = None, place=None) -> Change:
        """A change of a SKU as its tracking asks for it."""
        row = getattr(self.shop, sku)
        serials: tuple[str, ...] = ()
        if sku == "phone" and units > 0:
            type(self).number += units
            serials = tuple(f"S{type(self).number - n}" for n in range(units))
        elif sku == "phone":
            there = SerialUnit.objects.filter(sku=row, place__warehouse=self.shop.east)
            serials = tuple(there.order_by("pk").values_list("code", flat=True)[:-units])
        lot = f"L{units % 3}" if sku == "milk" and units > 0 else ""
        return Change(
            row.pk, units, Decimal(cost) if cost is not None else None, place, lot, None, serials
        )

    def bin(self, n: int) -> int:
        return self.shop.bins[n % 3].pk

    def receive(self, sku, units, cost, n):
        place = self.bin(n) if n < 3 else None
        changes = [self.change(sku, units, cost, place)]
        warehouse = self.shop.east if n < 4 else self.shop.south
        if n >= 4:
            changes = [self.change(sku, units, cost)]
        self.take(receive_stock, warehouse_id=warehouse.pk, changes=changes, reference="x")

    def adjust(self, sku, units):
        if units:
            self.take(
                adjust_stock,
                warehouse_id=self.shop.east.pk,
                changes=[self.change(sku, units)],
                reason="found",
            )

    def write_off(self, sku, units):
        document = self.take(
            actions_adjust.write_off,
            warehouse_id=self.shop.east.pk,
            changes=[Change(getattr(self.shop, sku).pk, units)],
            reason="broken",
        )
        if document:
            self.follow()

    def send_back(self, sku, units):
        self.take(
            return_to_vendor,
            warehouse_id=self.shop.east.pk,
            supplier_id=self.shop.supplier.pk,
            changes=[Change(getattr(self.shop, sku).pk, units)],
            reason="wrong",
        )

    def move(self, pick, units, n, kind):
        """Carry what lies somewhere to a bin, or to where goods are set apart."""
        there = list(
            BinLevel.objects.filter(on_hand__gt=0, place__warehouse=self.shop.east)
            .exclude(place__kind="in_transit")
            .order_by("sku_id", "place_id", "lot_id")
        )
        if not there:
            return
        level = there[pick % len(there)]
        to = (
            self.bin(n)
            if kind == "bin"
            else Place.objects.get(warehouse=self.shop.east, kind=kind).pk
        )
        carry = Carry(
            level.sku_id, min(units, level.on_hand), level.place_id, to, level.lot_id or None
        )
        self.take(move_stock, warehouse_id=self.shop.east.pk, carries=[carry])

    def count(self, n, freezes, drift, between):
        """Count a bin, with a verb in between; what is found differs by `drift`."""
        made = self.take(
            start_count,
            warehouse_id=self.shop.east.pk,
            bin_ids=[self.bin(n)],
            freezes=freezes,
        )
        if made is None:
            return
        found = [
            Counted(
                line.place_id,
                line.sku_id,
                max(0, self.lies(line) + drift),
                line.lot.code if line.lot else "",
            )
            for line in made.lines.select_related("lot")
        ]
        if between:
            self.move(n, 1, n + 1, "bin")
        if found and not self.take(enter_count, count_id=made.pk, found=found):
            self.take(cancel_count, count_id=made.pk)
            return
        if not self.take(submit_count, count_id=made.pk):
            self.take(cancel_count, count_id=made.pk)
        self.follow()

    def lies(self, line) -> int:
        level = BinLevel.objects.filter(
            sku_id=line.sku_id, place_id=line.place_id, lot_id=line.lot_id or 0
        ).first()
        return level.on_hand if level else 0

    def follow(self):
        """What the relay does of itself: orders hear of what was not found, work is cut."""
        ids = list(
            StockShortfall.objects.filter(closed_at=None)
            .order_by("pk")
            .values_list("pk", flat=True)
        )
        if ids:
            self.take(follow_shortfalls, shortfall_ids=ids)

    def transfer(self, sku, units, stop):
        made = self.take(
            draft_transfer,
            from_warehouse_id=self.shop.east.pk,
            to_warehouse_id=self.shop.south.pk,
            units={getattr(self.shop, sku).pk: units},
        )
        if made is None or stop == 0:
            return
        if stop == 1:
            self.take(cancel_transfer, transfer_id=made.pk)
        else:
            self.take(ship_transfer, transfer_id=made.pk)

    def take_transfer(self, units, close):
        for transfer in Transfer.objects.filter(status__in=("shipped", "part_received"))[:1]:
            line = transfer.lines.get()
            self.take(
                receive_transfer,
                transfer_id=transfer.pk,
                units=[(line.pk, units)],
                close=close,
            )

    def buy(self, sku, units):
        made = self.take(
            draft_purchase,
            supplier_id=self.shop.supplier.pk,
            warehouse_id=self.shop.east.pk,
            wanted=[Wanted(getattr(self.shop, sku).pk, units)],
        )
        if made and self.take(approve_purchase, purchase_id=made.pk):
            self.take(send_purchase, purchase_id=made.pk)

    def take_in(self, good, damaged, quarantine, verb):
        orders_open = PurchaseOrder.objects.filter(status__in=("sent", "part_received"))
        for purchase in orders_open.order_by("pk")[:1]:
            if verb:
                action = OFFICE_VERBS[verb]
                arguments = {"expected_on": NOON.date()} if verb == "reschedule_purchase" else {}
                self.take(action, purchase_id=purchase.pk, **arguments)
                return
            line = purchase.lines.select_related("sku").get()
            serials: tuple[str, ...] = ()
            if line.sku.tracking == "serial":
                total = good + damaged + quarantine
                type(self).number += total
                serials = tuple(f"S{type(self).number - n}" for n in range(total))
            arrived = Arrived(
                line.pk,
                good,
                damaged,
                quarantine,
                lot="P1" if line.sku.tracking == "lot" else "",
                serials=serials,
            )
            self.take(
                receive_purchase,
                purchase_id=purchase.pk,
                arrived=[arrived],
                accept_over=True,
            )
            self.take(fill_backorders, sku_ids=[line.sku_id])

    def land(self, amount, basis):
        purchase = PurchaseOrder.objects.filter(status__in=("received", "part_received")).first()
        if purchase:
            self.take(
                land_cost,
                purchase_id=purchase.pk,
                amount=Decimal(amount),
                basis=basis,
            )

    def cart(self, skus, minutes):
        wanted: dict[int, int] = {}
        for sku, units in skus:
            pk = getattr(self.shop, sku).pk
            wanted[pk] = wanted.get(pk, 0) + units
        type(self).number += 1
        return (
            self.take(
                hold_for_cart,
                cart_id=type(self).number,
                wanted=wanted,
                expires_at=self.clock + timedelta(minutes=minutes),
            )
            and type(self).number
        )

    def allot(self, sku, kind, value):
        self.take(
            set_allotment,
            channel_id=self.shop.web.pk,
            kind=kind,
            value=value,
            sku_id=getattr(self.shop, sku).pk,
            warehouse_id=self.shop.east.pk,
        )

    def split(self, sku, parts):
        self.take(
            split_level,
            sku_id=getattr(self.shop, sku).pk,
            warehouse_id=self.shop.east.pk,
            parts=parts,
        )

    def place(self, lines, desk):
        rows = [{"sku": getattr(self.shop, sku).code, "quantity": n} for sku, n in lines]
        incoming = msgspec.convert(order_body(lines=rows), IncomingOrder)
        channel = self.shop.desk if desk else self.shop.web
        placed = self.take(place_order, incoming=incoming, channel=channel)
        return placed.row["id"] if placed and placed.row else None

    def ship(self, order, quantity):
        units = {first_line(order).pk: quantity} if quantity < 4 else None
        self.take(ship_order, order_id=order, units=units)

    def take_back(self, order, units, fate):
        if row := self.ask_back(order, units):
            self.bring_back(row, units, fate)

    def cancel(self, order):
        if self.take(cancel_order, order_id=order, reason="x"):
            self.take(cancel_open_work, order_id=order)
