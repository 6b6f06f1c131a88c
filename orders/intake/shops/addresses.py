"""Reads the addresses of shops: the same fields, by each shop's own names."""

from typing import NamedTuple

from orders.customers.contacts import Address
from orders.intake.messages.foreign_json import Part


class Names(NamedTuple):
    """What a shop calls the fields of an address that every shop calls otherwise."""

    line1: str
    line2: str
    region: str
    postal_code: str
    country: str


def person_in(given: Part) -> str:
    """First and last name of whom a part of a message is about, as one."""
    parts = (given.text("first_name", 100), given.text("last_name", 100))
    return " ".join(part for part in parts if part)


def address_in(given: Part, names: Names, *, name: str, phone: str = "") -> Address:
    """An address of a message, cut to what we store; `phone` where it has none itself."""
    second = ", ".join(x for x in (given.text("company"), given.text(names.line2)) if x)
    return Address(
        name=name,
        line1=given.text(names.line1),
        line2=second[:250],
        city=given.text("city", 120),
        region=given.text(names.region, 120),
        postal_code=given.text(names.postal_code, 20),
        country=given.text(names.country, 2).upper(),
        phone=given.text("phone", 40) or phone,
    )
