"""Makes the demo's master data: company, channels, people, catalogue, warehouses, prices."""

import random
from datetime import datetime
from decimal import Decimal

from django.db import transaction

from demo.catalogue import (
    CATEGORIES,
    CHANNELS,
    COLOURS,
    KINDS,
    PEOPLE,
    VARIANTS,
    WAREHOUSES,
)
from erp.access.actions import add_person
from erp.access.models import Actor, Channel, Company
from inventory.models import Sku
from inventory.stock.actions.places import open_warehouse
from orders.models import ChannelPolicy, Price, PriceList, ShippingService, TaxRate

EUROPE = {"DE": "0.19", "NL": "0.21", "FR": "0.20", "IT": "0.22", "PL": "0.23", "GB": "0.20"}


@transaction.atomic(savepoint=False)
def make_master_data(*, by: Actor, now: datetime, password: str, seed: int) -> None:
    """Everything that stands before the first order."""
    rng = random.Random(seed)
    Company.objects.update_or_create(
        pk=1,
        defaults={
            "name": "山止茶事 Hillside Tea",
            "tax_id": "91330110MA2T3C4R59",
            "address": "浙江省杭州市余杭区良渚街道物流路 88 号",
            "phone": "+86 571 8888 0001",
            "email": "hello@hillside-tea.example",
            "currency": "CNY",
            "time_zone": "Asia/Shanghai",
        },
    )
    prices = PriceList.objects.create(
        code="retail", name="零售价 Retail", currency="CNY", includes_tax=True
    )
    for code, name, kind, language, backorders, review, zone in CHANNELS:
        channel = Channel.objects.create(
            code=code, name=name, kind=kind, language=language, time_zone=zone
        )
        ChannelPolicy.objects.create(
            channel=channel,
            price_list=prices,
            accepts_backorders=backorders,
            review=review,
            order_type="phone" if kind == "desk" else "web",
        )
    for country, rate in {"CN": "0.13", **EUROPE}.items():
        TaxRate.objects.create(country=country, tax_class="standard", rate=Decimal(rate))
    _make_services()
    for code, name, country, region, city, line1, postal_code, zone, priority in WAREHOUSES:
        open_warehouse(
            by=by,
            code=code,
            name=name,
            country=country,
            region=region,
            city=city,
            line1=line1,
            postal_code=postal_code,
            time_zone=zone,
            priority=priority,
            phone="+86 571 8888 0002",
        )
    _make_catalogue(prices, rng, now)
    _make_people(password, by)


def _make_services() -> None:
    for code, name, name_zh, fee, free, p50, p90 in (
        ("standard", "Standard", "标准快递", "12", "199", 2, 4),
        ("express", "Express", "次日达", "28", None, 1, 2),
        ("pickup", "Pick-up point", "自提点", "6", "99", 3, 5),
    ):
        ShippingService.objects.create(
            code=code,
            name=name,
            translations={"zh": name_zh},
            currency="CNY",
            fee=Decimal(fee),
            free_from=Decimal(free) if free else None,
            transit_p50=p50,
            transit_p90=p90,
        )


def _make_people(password: str, by: Actor) -> None:
    for username, name, role, language in PEOPLE:
        actor = add_person(
            username=username,
            name=name,
            email=f"{username}@hillside-tea.example",
            role=role,
            password=password,
            by=by,
        )
        if actor.user and language:
            actor.user.language = language
            actor.user.save(update_fields=["language"])


def _make_catalogue(prices: PriceList, rng: random.Random, now: datetime) -> None:
    rows: list[tuple[Sku, Decimal]] = []
    for code, category, _category_zh, (low, high), weight in CATEGORIES:
        number = 0
        for name, name_zh in KINDS[code]:
            base = Decimal(rng.randint(low, high))
            for step, (variant, variant_zh) in enumerate(VARIANTS if code == "TEA" else COLOURS):
                number += 1
                price = base * (1 + step) if code == "TEA" else base + rng.choice((0, 0, 10))
                sku = Sku(
                    code=f"{code}-{number:03d}",
                    name=f"{name}, {variant}",
                    translations={"zh": f"{name_zh} {variant_zh}"},
                    category=category,
                    barcode=_ean13(len(rows) + 1),
                    weight_g=weight * (1 + step) // 2 if code == "TEA" else weight,
                    length_mm=rng.randint(60, 300),
                    width_mm=rng.randint(60, 200),
                    height_mm=rng.randint(40, 180),
                )
                rows.append((sku, price - Decimal("0.10")))
    rng.shuffle(rows)  # so that the first fifty are of every kind
    Sku.objects.bulk_create(sku for sku, _price in rows)
    wrap = Sku.objects.create(
        code="WRAP", name="Gift wrapping", translations={"zh": "礼品包装"}, is_service=True
    )
    Price.objects.bulk_create(
        [Price(price_list=prices, sku=sku, amount=price) for sku, price in rows]
        + [Price(price_list=prices, sku=wrap, amount=Decimal("5.00"))]
        + [
            Price(
                price_list=prices,
                sku=sku,
                min_quantity=10,
                amount=(price * 9 / 10).quantize(Decimal("0.10")),
            )
            for sku, price in rows[::3]
        ]
    )


def _ean13(serial: int) -> str:
    from stdnum import ean

    body = f"690{serial:09d}"
    return body + ean.calc_check_digit(body)
