"""Decides where the goods of a purchase order go: to the one place that is named for all of them, or a person looks."""

from collections.abc import Iterable
from dataclasses import replace

from orders.intake.edi.parties import Party
from orders.intake.edi.purchases import Purchase

ADDRESS = ("line1", "line2", "city", "region", "postal_code", "country")


def settle_place(purchase: Purchase, where: str) -> None:
    """Settle the ship-to of an order from what is named before its lines and behind them; doubt several.

    where   what names places in its notation

    What is named before the lines is for all of them. Without that every line has to name its place, and the same
    one: the goods of a line that names none would go where nobody sent them.
    """
    named = [(line, party) for line, party in purchase.places if is_named(party)]
    if not named:
        return
    lines = {line for line, _party in named}
    is_for_all = 0 in lines or len(lines) == len(purchase.items)
    found = _common(party for _line, party in named)
    if found is None or not is_for_all:
        purchase.doubt(f"delivery_split:{where}")
    first = min(lines)
    purchase.ship_to = found or next(party for line, party in named if line == first)
    _locate_as_buyer(purchase)


def is_named(party: Party) -> bool:
    """Whether anything says which place it is; a telephone number alone does not."""
    return bool(party.name or party.number or any(_address(party)))


def _address(party: Party) -> tuple[str, ...]:
    return tuple(getattr(party, name) for name in ADDRESS)


def _identity(party: Party) -> tuple[str, str, str]:
    """What a place is told from another by: its number, its name, its address; "" where it states none."""
    parts = (party.number, party.name, "\n".join(_address(party)))
    number, name, address = (" ".join(part.casefold().split()) for part in parts)
    return number, name, address


def _common(parties: Iterable[Party]) -> Party | None:
    """The one place that all of them are, by all that any of them states of it; None where they are several.

    They are the same where what both state is the same, and there is something that both state.
    """
    distinct = {_identity(party): party for party in reversed(list(parties))}
    # The fullest first: by it the others are told.
    fullest = sorted(distinct, key=lambda x: (x.count(""), x))
    known, found = fullest[0], replace(distinct[fullest[0]])
    for identity in fullest[1:]:
        both = [(a, b) for a, b in zip(known, identity, strict=True) if a and b]
        if not both or any(a != b for a, b in both):
            return None
        _complete(found, distinct[identity])
        known = _identity(found)
    return found


def _complete(found: Party, other: Party) -> None:
    """Add what another mention of a place states of it."""
    names = ["name", "number", "email", "phone"]
    if not any(_address(found)):
        names += ADDRESS
    for name in names:
        setattr(found, name, getattr(found, name) or getattr(other, name))


def _locate_as_buyer(purchase: Purchase) -> None:
    """A place that is the buyer's own by its number need not repeat its address."""
    place, buyer = purchase.ship_to, purchase.buyer
    if place.number and place.number == buyer.number and not any(_address(place)):
        _complete(place, buyer)
