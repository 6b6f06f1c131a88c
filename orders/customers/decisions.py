"""Decides whether two customers may be one person, with reasons and a score."""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

# What each likeness is worth; a proposal needs half of certainty. Nothing is merged by itself.
WORTH = {"same_phone": 0.6, "same_mailbox": 0.6, "same_name": 0.25, "same_address": 0.35}


ENOUGH = 0.5


@dataclass(frozen=True, slots=True)
class Person:
    """Who an order was for, as it says."""

    name: str
    phone: str
    email: str
    line1: str
    line2: str
    postal_code: str
    country: str


def resemblance(one: Sequence[Person], other: Sequence[Person]) -> tuple[list[str], float]:
    """Return why two customers may be the same, strongest first, and the confidence (0 to 1).

    None of the reasons where they do not come to half of certainty. What is masked says nothing.
    """
    reasons = [
        name
        for name, of in (
            ("same_phone", _phone),
            ("same_mailbox", _mailbox),
            ("same_address", _address),
            ("same_name", _name),
        )
        if {of(p) for p in one} & {of(p) for p in other} - {""}
    ]
    score = min(1.0, round(sum(WORTH[name] for name in reasons), 2))
    return (reasons, score) if score >= ENOUGH else ([], 0.0)


def _plain(text: str) -> str:
    return re.sub(r"[\W_]+", "", unicodedata.normalize("NFKC", text).casefold())


def _phone(person: Person) -> str:
    if "*" in person.phone:
        return ""
    digits = "".join(c for c in person.phone if c.isascii() and c.isdigit())
    return digits[-9:] if len(digits) >= 7 else ""


def _mailbox(person: Person) -> str:
    """Where a mail arrives: what stands behind a plus, and dots at Gmail, are only notes."""
    local, _at, host = person.email.strip().casefold().partition("@")
    if not host or "*" in local:
        return ""
    local = local.partition("+")[0]
    if host in {"gmail.com", "googlemail.com"}:
        local, host = local.replace(".", ""), "gmail.com"
    return f"{local}@{host}"


def _name(person: Person) -> str:
    return "" if "*" in person.name else _plain(person.name)


def _address(person: Person) -> str:
    street = _plain(person.line1 + person.line2)
    if not street or "*" in person.line1:
        return ""
    return f"{person.country}:{_plain(person.postal_code)}:{street}"
