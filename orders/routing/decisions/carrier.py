"""Decides which carrier takes an order (智选物流): the cheapest tariff that fits."""

from decimal import Decimal
from typing import Any

from msgspec import Struct

from erp.reasons import reason
from orders.pricing.decisions.prices import amount_text

ENGINE = "matching/1"


ZERO = Decimal(0)


class Option(Struct, frozen=True):
    """What a carrier takes, and for how much: a first weight, and each further step that is begun.

    services, warehouses   codes; none: every one
    country, region        where it reaches; "": everywhere, all of a country
    min_g, max_g           of a parcel; 0: no limit
    """

    carrier: str
    name: str
    country: str = ""
    region: str = ""
    services: tuple[str, ...] = ()
    warehouses: tuple[str, ...] = ()
    min_g: int = 0
    max_g: int = 0
    takes_cod: bool = True
    takes_large: bool = False
    first_g: int = 1000
    first_fee: Decimal = ZERO
    step_g: int = 1000
    step_fee: Decimal = ZERO
    priority: int = 100


class Parcel(Struct, frozen=True):
    """What is to be sent. `weight_g` is 0 where nobody knows."""

    service: str
    warehouse: str
    country: str
    region: str
    weight_g: int
    is_cod: bool = False
    is_large: bool = False


class Asked(Struct, frozen=True):
    """The facts of matching."""

    parcel: Parcel
    options: tuple[Option, ...]


class Matched(Struct, frozen=True):
    """The carrier that was found; "" where none takes it."""

    carrier: str
    candidates: list[dict[str, Any]]
    reasons: list[dict[str, Any]]


def fee_of(option: Option, weight_g: int) -> Decimal:
    """What an option costs for a weight: the first weight, and every step that is begun beyond it."""
    beyond = max(0, weight_g - option.first_g)
    steps = -(-beyond // option.step_g) if option.step_g else 0
    return option.first_fee + steps * option.step_fee


def obstacle(option: Option, parcel: Parcel) -> str:
    """Why an option does not take a parcel; "" where it does."""
    if option.country and option.country != parcel.country:
        return "does_not_reach"
    if option.region and option.region.casefold() != parcel.region.casefold():
        return "does_not_reach"
    if option.services and parcel.service not in option.services:
        return "other_service_only"
    if option.warehouses and parcel.warehouse not in option.warehouses:
        return "not_from_there"
    if parcel.weight_g < option.min_g or (option.max_g and parcel.weight_g > option.max_g):
        return "weight_out_of_range"
    if parcel.is_cod and not option.takes_cod:
        return "no_cod"
    if parcel.is_large and not option.takes_large:
        return "no_large"
    return ""


def match(asked: Asked) -> Matched:
    """The cheapest option that takes a parcel; of equals the preferred, then by code. Nothing else decides."""
    parcel, options = asked.parcel, asked.options
    candidates: list[dict[str, Any]] = []
    fits: list[tuple[Decimal, int, str, Option]] = []
    for option in sorted(options, key=lambda o: (o.priority, o.carrier, o.country, o.region)):
        why = obstacle(option, parcel)
        fee = fee_of(option, parcel.weight_g)
        candidates.append({"carrier": option.carrier, "fee": str(fee), "out": why})
        if not why:
            fits.append((fee, option.priority, option.carrier, option))
    if not fits:
        return Matched("", candidates, [reason("no_carrier", weight=parcel.weight_g)])
    fits.sort(key=lambda fit: fit[:3])
    fee, _priority, carrier, option = fits[0]
    reasons = [
        reason(
            "carrier_cheapest",
            carrier=option.name,
            fee=amount_text(fee),
            weight=parcel.weight_g,
        )
    ]
    others = [fit for fit in fits[1:] if fit[2] != carrier]
    if others:
        reasons.append(
            reason("carrier_next", carrier=others[0][3].name, fee=amount_text(others[0][0]))
        )
    return Matched(carrier, candidates, reasons)
