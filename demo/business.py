"""Makes the demo merchant's trade: two years of orders in every status."""

import random
from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Literal

import msgspec
from django.db import connection

from demo.catalogue import CITIES, ENGLISH, GIVEN, SURNAMES
from demo.master import make_master_data
from demo.past import finish_orders
from demo.recent import live_recent_orders
from demo.repeat import repeat_orders
from demo.supply import buy, make_supply, put_away
from erp.access.models import Actor, Channel
from erp.events.record import quietly
from erp.once import perform
from inventory.models import Sku, SupplierTerm, Warehouse
from inventory.stock.actions.ledger import Change
from inventory.stock.actions.receive import receive_stock
from inventory.stock.queries import availability
from orders.customers.contacts import Address, Buyer
from orders.models import Order
from orders.placement.actions.place import place_orders
from orders.placement.incoming import IncomingLine, IncomingOrder, IncomingPayment

DAYS = 730
RECENT = timedelta(days=9)  # younger orders are still on their way through the house
BATCH = 250
TRADED = 2500  # orders that are traded one after another; more are made in sets
SET = 5000
SHORT = 100  # numbers left free for the orders that fall short
MIX = (("web", 55), ("desk", 15), ("shopify", 14), ("woo", 10), ("mail", 6))


def make_business(
    *,
    orders: int,
    seed: int,
    by: Actor,
    now: datetime,
    password: str,
    advanced: Callable[[int], None],
) -> int:
    """Make the demo business, or add orders to it until there are `orders`; return how many.

    The same seed on the same day gives the same business. Nobody is told of any of it.
    """
    with quietly():
        first = not Channel.objects.filter(code="web").exists()
        if first:
            perform(make_master_data, by=by, now=now, password=password, seed=seed)
            then = now - timedelta(days=DAYS)
            costs = make_supply(by=by, now=then, seed=seed)
            _stock_up(costs, seed, by, then)
            put_away(by=by, now=then)
        there = Order.objects.count()
        wanted = max(0, orders - there)
        rng = random.Random(f"{seed}/{there}")
        # The first few thousand one by one through the writer of orders, the rest in sets.
        traded = max(0, min(wanted, TRADED - there))
        times = sorted(_moments(rng, traded, now))
        for start in range(0, traded, BATCH):
            _trade(rng, there + start, times[start : start + BATCH], by, now)
            advanced(len(times[start : start + BATCH]))
        if first:
            _fall_short(seed, by, now)
            live_recent_orders(by=by, now=now, since=now - RECENT, seed=seed)
            buy(by=by, now=now)
        for start in range(traded, wanted, SET):
            copies = min(SET, wanted - start)
            perform(
                repeat_orders,
                copies=copies,
                serial=there + start + SHORT,
                seed=seed,
                since=now - timedelta(days=DAYS),
                until=now - RECENT,
                by=by,
                now=now,
            )
            advanced(copies)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    return wanted


def _stock_up(costs: dict[int, Decimal], seed: int, by: Actor, now: datetime) -> None:
    """Opening stock: mostly plenty, a tenth of the SKUs nearly or quite gone."""
    rng = random.Random(f"{seed}/stock")
    skus = list(Sku.objects.filter(is_service=False).order_by("pk").values_list("pk", flat=True))
    for warehouse in Warehouse.objects.order_by("priority"):
        share = {"HZ": 1.0, "GZ": 0.6, "RTM": 0.3}.get(warehouse.code, 0.5)
        changes = []
        for index, sku_id in enumerate(skus):
            kind = index % 10
            units = {7: rng.choice((0, 0, 4, 9)), 3: rng.randint(20, 60)}.get(
                kind, rng.randint(160, 520)
            )
            if units := int(units * share):
                changes.append(Change(sku_id, units, costs.get(sku_id)))
        perform(
            receive_stock,
            warehouse_id=warehouse.pk,
            changes=changes,
            reference="OPENING",
            by=by,
            now=now,
        )


def _moments(rng: random.Random, count: int, now: datetime) -> list[datetime]:
    """When people buy: more every month, more before the holidays, hardly at night."""
    moments: list[datetime] = []
    while len(moments) < count:
        age = DAYS * (1 - rng.random() ** 0.7)
        moment = now - timedelta(days=age)
        season = {1: 1.4, 2: 0.7, 6: 1.2, 9: 1.3, 11: 1.7, 12: 1.3}.get(moment.month, 1.0)
        hour = moment.astimezone(UTC).hour + 8
        awake = 0.15 if hour % 24 < 7 else 1.0
        if rng.random() < season * awake / 1.7:
            moments.append(moment)
    return moments


def _trade(
    rng: random.Random, serial: int, times: list[datetime], by: Actor, now: datetime
) -> None:
    """Place a batch of orders in the past, with the goods for it, and finish the old ones."""
    codes = list(Sku.objects.filter(is_service=False).order_by("pk").values_list("code", flat=True))
    weights = [1 / (1 + index * 0.03) for index in range(len(codes))]
    incoming = [_order(rng, serial + n, codes, weights, now) for n in range(len(times))]
    demand: Counter[str] = Counter()
    for _channel, order in incoming:
        for line in order.lines:
            demand[line.sku] += line.quantity
    ids = dict(Sku.objects.filter(code__in=demand).values_list("code", "pk"))
    costs = dict(
        SupplierTerm.objects.filter(sku_id__in=ids.values(), min_quantity=1).values_list(
            "sku_id", "unit_price"
        )
    )
    code = ("HZ", "HZ", "GZ", "HZ", "RTM")[(serial // BATCH) % 5]
    perform(
        receive_stock,
        warehouse_id=Warehouse.objects.get(code=code).pk,
        changes=[
            Change(ids[sku], units, costs.get(ids[sku])) for sku, units in sorted(demand.items())
        ],
        reference=f"PO-{1000 + serial // BATCH}",
        by=by,
        now=times[0] - timedelta(hours=6),
    )
    for channel_code, _weight in MIX:
        rows = [(o, at) for (c, o), at in zip(incoming, times, strict=True) if c == channel_code]
        if not rows:
            continue
        perform(
            place_orders,
            incoming=[order for order, _at in rows],
            channel=Channel.objects.get(code=channel_code),
            by=by,
            now=now,
            placed_at=[at for _order, at in rows],
        )
    perform(
        finish_orders,
        since=times[0],
        until=min(times[-1], now - RECENT),
        by=by,
        rng=rng,
        now=now,
    )


def _fall_short(seed: int, by: Actor, now: datetime) -> None:
    """A few orders by phone for more than there is, and a few that are not paid yet."""
    rng = random.Random(f"{seed}/short")
    scarce = [
        row["sku"]
        for row in availability(
            codes=list(Sku.objects.order_by("pk").values_list("code", flat=True))
        )
        if row["available"] < 12 and row["sku"] != "WRAP"
    ]
    desk = Channel.objects.get(code="desk")
    for n in range(10):
        _channel, order = _order(rng, 9_000_000 + n, scarce, [1.0] * len(scarce), now)
        lines = [IncomingLine(sku=line.sku, quantity=15 + n) for line in order.lines[:1]]
        payment = IncomingPayment(method="cod" if n < 6 else "unpaid")
        order = msgspec.structs.replace(
            order, lines=lines if n < 6 else order.lines, payment=payment
        )
        perform(
            place_orders,
            incoming=[order],
            channel=desk,
            by=by,
            now=now,
            placed_at=[now - timedelta(hours=5 * n + 1)],
        )


def _address(who: random.Random, *, abroad: bool) -> Address:
    """Where somebody lives; the same person always at the same place."""
    if abroad:
        name, country = who.choice(ENGLISH), who.choice(("DE", "NL", "FR", "GB"))
        region, city, code, street = {
            "DE": ("", "Berlin", "10117", "Friedrichstraße"),
            "NL": ("", "Amsterdam", "1012 LG", "Damrak"),
            "FR": ("", "Paris", "75004", "Rue de Rivoli"),
            "GB": ("", "London", "SW1A 1AA", "The Mall"),
        }[country]
        phone = ""
    else:
        name = who.choice(SURNAMES) + who.choice(GIVEN)
        region, city, code, street = who.choice(CITIES)
        country, phone = "CN", f"+86138{who.randrange(10**8):08d}"
    return Address(
        name=name,
        line1=f"{street} {who.randint(1, 320)} {'号' if country == 'CN' else ''}".strip(),
        city=city,
        region=region,
        postal_code=code,
        country=country,
        phone=phone,
    )


def _order(
    rng: random.Random, n: int, codes: list[str], weights: list[float], now: datetime
) -> tuple[str, IncomingOrder]:
    channel = rng.choices([c for c, _w in MIX], [w for _c, w in MIX])[0]
    abroad = channel in {"shopify", "woo", "mail"} and rng.random() < 0.5
    person = rng.randrange(400) if rng.random() < 0.6 else 400 + n
    email = f"buyer{person}{'e' if abroad else ''}@example.com"
    address = _address(random.Random(f"person/{person}/{abroad}"), abroad=abroad)
    lines = [
        IncomingLine(sku=sku, quantity=rng.choice((1, 1, 1, 2, 2, 3)))
        for sku in dict.fromkeys(rng.choices(codes, weights, k=rng.choice((1, 1, 2, 2, 3, 4))))
    ]
    method: Literal["prepaid", "cod", "on_account"] = "prepaid"
    if channel == "desk":
        method = rng.choice(("prepaid", "cod", "cod"))
    return channel, IncomingOrder(
        external_id=f"demo-{n + 1:07d}",
        currency="CNY",
        customer=Buyer(name=address.name, email=email, phone=address.phone),
        shipping_address=address,
        lines=lines,
        shipping_service=rng.choice(("standard", "standard", "standard", "express", "pickup")),
        payment=IncomingPayment(method=method, reference=f"demo_pay_{n + 1}"),
        note=rng.choice(
            (
                "",
                "",
                "",
                "",
                "",
                "请放门卫",
                "Please leave with the neighbour",
                "送礼，请勿放小票",
            )
        ),
    )
