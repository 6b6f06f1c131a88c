"""Finds SKUs by the codes that people and programs use."""

from collections.abc import Iterable
from datetime import date

import msgspec

from erp.identifiers import Identified, Identifier
from inventory.catalogue.models import Barcode, Sku

MOST_LINES = 1000


MOST_UNITS = 1_000_000


class StockLine(Identified, msgspec.Struct, forbid_unknown_fields=True):
    """Units of a SKU, as a caller states them; `bin` and `lot` by their codes."""

    sku: str
    quantity: int
    bin: str = ""
    lot: Identifier = ""
    expires_on: date | None = None
    serials: list[Identifier] = []
    unit_cost: str | None = None  # in the company's currency

    def __post_init__(self) -> None:
        """Clean what names a lot and pieces; a lot of which nothing can be seen stays, and is refused as such."""
        stated = self.lot
        Identified.__post_init__(self)
        self.lot = self.lot or stated


def skus_by_code(codes: Iterable[str]) -> dict[str, Sku]:
    """SKUs by what was written: their code, else a barcode of theirs."""
    wanted = {code for code in codes if code}
    found = {sku.code: sku for sku in Sku.objects.filter(code__in=wanted)}
    if rest := wanted - set(found):
        found |= {sku.barcode: sku for sku in Sku.objects.filter(barcode__in=rest)}
        for barcode in Barcode.objects.filter(code__in=rest).select_related("sku"):
            found[barcode.code] = barcode.sku
    return found
