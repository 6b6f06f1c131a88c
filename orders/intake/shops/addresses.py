"""Reads the addresses of shops: the same fields, by each shop's own names."""

from typing import NamedTuple

from orders.customers.contacts import Address
from orders.intake.messages.foreign_json import Part

LONGEST_CODE = 60
# How long the texts of an address may be, by all shops' names; what is longer is cut, and doubted.
LONGEST = {
    **dict.fromkeys(("first_name", "last_name"), 100),
    "company": 200,
    **dict.fromkeys(("address1", "address2", "address_1", "address_2"), 250),
    **dict.fromkeys(("city", "province", "state"), 120),
    **dict.fromkeys(("zip", "postcode"), 20),
    "phone": 40,
}


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
    """An address of a message; `phone` where it has none itself. A company without a person is the recipient."""
    company = given.text("company", 200)
    second = ", ".join(x for x in (company if name else "", given.text(names.line2)) if x)
    return Address(
        name=name or company,
        line1=given.text(names.line1),
        line2=second[:250],
        city=given.text("city", 120),
        region=given.text(names.region, 120),
        postal_code=given.text(names.postal_code, 20),
        country=country_in(given, names.country),
        phone=given.text("phone", 40) or phone,
    )


def country_in(given: Part, name: str) -> str:
    """A country's ISO 3166 code; "" for anything else: a code that is cut is another country's."""
    code = given.text(name)
    return code.upper() if len(code) == 2 and code.isascii() and code.isalpha() else ""


def address_doubts(given: Part, address: Address) -> list[str]:
    """The findings about an address that is stated: a country that is none would be read as nowhere."""
    found = ["country_unknown"] if given and not address.country else []
    long = [
        x
        for x, most in LONGEST.items()
        if isinstance(t := given.raw(x), str) and len(t.strip()) > most
    ]
    return [*found, *(f"too_long:{name}" for name in long)]


def code_in(given: Part, name: str) -> str:
    """A code of goods; one that is longer than any of ours is marked as cut, so that it is nobody else's."""
    code = given.text(name)
    return code if len(code) <= LONGEST_CODE else code[: LONGEST_CODE - 1] + "…"
