"""Turns the quantity and the price of a line into pieces and the price of one."""

from decimal import Decimal

from orders.intake.edi.purchases import Item, Purchase
from orders.intake.messages.foreign_json import Unreadable
from orders.intake.messages.units import COUNTED, pieces_in

ZERO, ONE = Decimal(0), Decimal(1)


MOST_UNITS = 1_000_000


# UN/ECE recommendations 20 and 21, X12 element 355: what holds pieces, as many as its message says. Of any other
# unit nobody can say what "six in a pack" makes of it: twelve bottles in packs of six are twelve.
PACKAGES = frozenset(
    {
        "BD",
        "BE",
        "BG",
        "BX",
        "CA",
        "CAR",
        "CAS",
        "CR",
        "CRT",
        "CS",
        "CT",
        "CTN",
        "KAR",
        "PA",
        "PAC",
        "PAK",
    }
    | {"PF", "PK", "PL", "PX", "SL", "TY", "XBG", "XBX", "XCR", "XCS", "XCT", "XPA", "XPK", "XPX"}
    | {"BOX", "CARTON", "CASE", "PACK", "PACKAGE", "PALLET", "箱", "包", "盒"}
)


# What tells of goods how large they are, and nothing of how many.
MEASURES = frozenset(
    {"LB", "OZ", "ON", "GR", "KG", "GM", "MG", "ME", "TN", "FO", "OF", "FZ", "GA", "QT", "PT", "LT"}
    | {"ML", "CC", "IN", "FT", "YD", "CM", "MM", "MR", "SF", "SM", "CF", "CI"}
    | {"KGM", "GRM", "MGM", "LBR", "ONZ", "LTR", "MLT", "CLT", "MTR", "CMT", "MMT", "INH", "FOT"}
    | {"MTK", "MTQ"}
)


def settle_pack(item: Item, purchase: Purchase) -> None:
    """Decide how many pieces are in one unit of a line; what disagrees, or cannot be decided, is doubted.

    What is ordered in packages holds what they say of them. What is ordered in pieces, or in no unit, is ordered by
    what its code names: how that is packed ("52") changes nothing. That several consumer units are in it ("59")
    leaves open whether our piece is the one or the other.
    """
    by_kind: dict[str, set[Decimal]] = {}
    for each in item.inside:
        by_kind.setdefault(each.kind, set()).add(each.count)
    counts = set().union(*by_kind.values())
    in_packages = is_package(item.unit)
    own = None if in_packages else pieces_in(item.unit)
    is_clear = all(pieces_in(each.unit) == 1 for each in item.inside) and all(
        len(x) == 1 for x in by_kind.values()
    )
    if in_packages:
        is_clear &= len(counts) <= 1
        item.pack = counts.pop() if is_clear and counts else None
    elif own is not None:
        is_clear &= by_kind.get("59", {own}) == {own}
    if not is_clear:
        kinds = " ".join(sorted(by_kind))
        purchase.doubt(f"quantity_unclear:QTY {item.key} {kinds}"[:50])


def in_pack(
    packs: Decimal | None, size: Decimal | None, unit: str, *, is_count: bool = False
) -> Decimal | None:
    """How many pieces a package holds, of which a message says that it holds so many, each of a size.

    packs     how many are in it
    size      of each, or of all of them, in `unit`; of several packs, pieces make two numbers that may be meant
    is_count  a size without a unit counts pieces; else it may be anything
    None where nobody can say: twelve of six pieces may be twelve or seventy-two.
    """
    code = unit.strip().upper()
    if size is None or code in MEASURES:
        return packs
    if size == ONE and packs is not None and not is_package(code) and code not in COUNTED:
        return packs
    own = None if is_package(code) else pieces_in(code)
    if own is None or not (code or is_count) or packs not in {None, ONE}:
        return None
    return size * own


def is_package(unit: str) -> bool:
    """Whether a unit is a package, which holds as many pieces as its message says."""
    return unit.strip().upper() in PACKAGES


def _in_one(unit: str, item: Item) -> Decimal | None:
    """How many pieces one unit is; None where nobody can say."""
    return pieces_in(unit, item.pack if is_package(unit) else None)


def pieces_of(item: Item, purchase: Purchase) -> tuple[int, Decimal]:
    """The pieces of a line, and how many one unit of its quantity is. Raises Unreadable.

    A unit that nobody can count in pieces is doubted by its name.
    """
    in_one = _in_one(item.unit, item)
    if in_one is None:
        purchase.doubt(f"unit_of_measure:{item.unit[:20]}")
        in_one = ONE
    stated = item.quantity
    pieces = ZERO if stated is None else stated * in_one
    if pieces != int(pieces) or not 1 <= pieces <= MOST_UNITS:
        value = "–" if stated is None else f"{stated:f}"
        raise Unreadable("quantity_not_whole", line=item.key[:20], value=value[:30])
    return int(pieces), in_one


def price_of_one(item: Item, in_one: Decimal, purchase: Purchase) -> Decimal | None:
    """What one piece costs, by the unit that the price is of. Raises Unreadable for the price of none."""
    if item.price is None:
        return None
    if item.price_per <= 0:
        raise Unreadable("number_unreadable", what=item.key[:20], value=f"{item.price_per:f}"[:40])
    unit = item.unit if item.price_unit is None else item.price_unit
    pieces = in_one if unit == item.unit else _in_one(unit, item)
    if pieces is None:
        purchase.doubt(f"unit_of_measure:{unit[:20]}")
        pieces = ONE
    return item.price / (item.price_per * pieces)
