"""Finds warehouses, places and lots by the codes that programs use."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Protocol

from django.utils.translation import gettext as _

from erp.errors import FieldError, Invalid
from erp.money import PRICE_DECIMALS, decimals, written
from erp.visible import is_blank
from inventory.catalogue.codes import MOST_LINES, MOST_UNITS, StockLine, skus_by_code
from inventory.catalogue.models import Sku
from inventory.stock.actions.amounts import Flaw, flaw_of
from inventory.stock.actions.ledger import Change
from inventory.stock.models.levels import Lot
from inventory.stock.models.places import Place, Warehouse


def warehouse_named(code: str, pointer: str = "/warehouse") -> Warehouse:
    """The warehouse with this code. Raises Invalid."""
    found = Warehouse.objects.filter(code=code).first()
    if found is None:
        raise Invalid(errors=[FieldError(pointer, "unknown", _("There is no such warehouse."))])
    return found


def changes_named(
    warehouse: Warehouse,
    lines: Sequence[StockLine],
    *,
    signed: bool = False,
    leaving: bool = False,
) -> list[Change]:
    """Lines as changes of a warehouse's stock.

    signed   whether quantities may be below zero
    leaving  whether they leave the stock: at its cost, and with its lots' days
    Raises Invalid naming every line and field that is wrong.
    """
    if not 1 <= len(lines) <= MOST_LINES:
        detail = _("Between 1 and 1,000 lines.")
        raise Invalid(errors=[FieldError("/lines", "out-of-range", detail)])
    skus = skus_by_code(line.sku for line in lines)
    bins = places_named(warehouse, (line.bin for line in lines))
    errors: list[FieldError] = []
    changes = []
    for n, line in enumerate(lines):
        leaves = leaving or line.quantity < 0
        cost, flaw = cost_of(line.unit_cost)
        flaws = [
            *_flaws(line, skus, bins, signed=signed),
            *([("unit_cost", *flaw)] if flaw else []),
            *(_not_of_what_leaves(line) if leaves else []),
        ]
        errors += [FieldError(f"/lines/{n}/{field}", code, why) for field, code, why in flaws]
        if not errors:
            changes.append(
                Change(
                    skus[line.sku].pk,
                    line.quantity,
                    cost,
                    bins.get(line.bin),
                    line.lot,
                    line.expires_on,
                    tuple(line.serials),
                    n,
                )
            )
    if errors:
        raise Invalid(errors=errors)
    return changes


def _flaws(
    line: StockLine, skus: Mapping[str, Sku], bins: Mapping[str, int], *, signed: bool
) -> Iterator[tuple[str, str, str]]:
    """What is wrong with a line: the field, a code, words."""
    fits = 1 <= abs(line.quantity) <= MOST_UNITS and (signed or line.quantity > 0)
    if line.sku not in skus:
        yield "sku", "unknown-sku", _("There is no such SKU.")
    if not fits:
        yield "quantity", "out-of-range", _("Between 1 and 1,000,000 units.")
    if line.bin and line.bin not in bins:
        yield "bin", "unknown", _("There is no such bin.")
    if len(line.lot) > 60:
        yield "lot", "too-long", _("At most 60 characters.")
    if line.lot and is_blank(line.lot):
        yield "lot", "blank", _("Nothing of it can be seen.")


def _not_of_what_leaves(line: StockLine) -> Iterator[tuple[str, str, str]]:
    """What is said of a line that only goods that come have: it was ignored, and the caller believed it."""
    if line.unit_cost is not None:
        yield "unit_cost", "unfitting", _("Goods leave at the cost of the stock. Leave it out.")
    if line.expires_on is not None:
        yield (
            "expires_on",
            "unfitting",
            _("Goods leave with the expiry of their lot. Leave it out."),
        )


def cost_of(
    text: str | None, most_decimals: int = PRICE_DECIMALS
) -> tuple[Decimal | None, Flaw | None]:
    """An amount as it was written, or what is wrong with it. What has more decimals than are kept is not rounded."""
    if not text:
        return None, None
    amount = written(text)
    if amount is None:
        return None, Flaw("malformed", _("An amount such as 12.50."))
    flaw = flaw_of(amount, most_decimals)
    if flaw:
        return None, flaw
    return amount.quantize(Decimal(1).scaleb(-min(most_decimals, decimals(amount)))), None


def places_named(warehouse: Warehouse, codes: Iterable[str]) -> dict[str, int]:
    """Ids of a warehouse's places by code."""
    wanted = {code for code in codes if code}
    if not wanted:
        return {}
    rows = Place.objects.filter(warehouse=warehouse, code__in=wanted, is_active=True)
    return dict(rows.values_list("code", "pk"))


def lots_named(pairs: Iterable[tuple[int, str]]) -> dict[tuple[int, str], int]:
    """Ids of lots by (SKU id, code)."""
    wanted = {pair for pair in pairs if pair[1]}
    rows = Lot.objects.filter(
        sku_id__in={sku for sku, _code in wanted}, code__in={code for _sku, code in wanted}
    )
    return {(sku, code): pk for sku, code, pk in rows.values_list("sku_id", "code", "pk")}


class _Line(Protocol):
    """A line that names a SKU and says how many."""

    @property
    def sku(self) -> str: ...
    @property
    def quantity(self) -> int: ...


def units_named(lines: Sequence[_Line], most: int = MOST_UNITS) -> dict[int, int]:
    """Units by SKU id of lines with a `sku` and a `quantity`. Raises Invalid by line."""
    sums: dict[int, int] = {}
    for sku_id, quantity in units_by_row(lines, most):
        sums[sku_id] = sums.get(sku_id, 0) + quantity
    return sums


def units_by_row(lines: Sequence[_Line], most: int = MOST_UNITS) -> list[tuple[int, int]]:
    """(SKU id, units) of each line with a `sku` and a `quantity`. Raises Invalid by line."""
    skus = skus_by_code(line.sku for line in lines)
    errors = [
        FieldError(f"/lines/{n}/sku", "unknown-sku", _("There is no such SKU."))
        for n, line in enumerate(lines)
        if line.sku not in skus
    ]
    errors += [
        FieldError(f"/lines/{n}/quantity", "out-of-range", _("Between 1 and 1,000,000 units."))
        for n, line in enumerate(lines)
        if not 1 <= line.quantity <= most
    ]
    if not 1 <= len(lines) <= MOST_LINES:
        detail = _("Between 1 and 1,000 lines.")
        errors.append(FieldError("/lines", "out-of-range", detail))
    if errors:
        raise Invalid(errors=errors)
    return [(skus[line.sku].pk, line.quantity) for line in lines]
