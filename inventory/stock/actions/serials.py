"""Checks serial numbers that callers state, each at its place in what was asked."""

from collections.abc import Iterator, Sequence

from django.utils.translation import gettext as _

from erp.errors import FieldError, Invalid
from erp.visible import identifier, is_blank
from inventory.catalogue.models import Sku

LONGEST = 80  # as the column


def visible_serials(codes: Sequence[str]) -> tuple[str, ...]:
    """Serial numbers as they are kept: what of them can be seen, letters with their accents as one."""
    return tuple(map(identifier, codes))


def tracked_skus(sku_ids: set[int]) -> set[int]:
    """Those of these SKUs, by id, whose pieces have serial numbers."""
    tracked = Sku.objects.filter(pk__in=sku_ids, tracking=Sku.Tracking.SERIAL)
    return set(tracked.values_list("pk", flat=True))


def check_serials(stated: Sequence[tuple[int, int, Sequence[str]]]) -> None:
    """Refuse serial numbers that name no piece, each by its pointer. Raises Invalid.

    stated   (row, SKU id, serial numbers); rows that were taken apart state their numbers one part after another
    Numbers are for SKUs that are tracked by them: of any other SKU they would be dropped.
    """
    tracked = tracked_skus({sku_id for _row, sku_id, codes in stated if codes})
    errors: list[FieldError] = []
    known: dict[int, set[str]] = {}
    for row, sku_id, codes, first in in_rows(stated):
        pointer = f"/lines/{row}/serials"
        if codes and sku_id not in tracked:
            detail = _("This SKU is not tracked by serial number.")
            errors.append(FieldError(pointer, "not-tracked", detail))
            continue
        so_far = known.setdefault(sku_id, set())
        for n, code in enumerate(codes, first):
            if flaw := _flaw(code, so_far):
                errors.append(FieldError(f"{pointer}/{n}", *flaw))
            so_far.add(code)
    if errors:
        raise Invalid(errors[0].detail, errors=errors)


def _flaw(code: str, known: set[str]) -> tuple[str, str] | None:
    """What is wrong with a serial number: (code, words)."""
    if is_blank(code):
        return "blank", _("Nothing of it can be seen.")
    if len(code) > LONGEST:
        return "too-long", _("At most %(n)s characters.") % {"n": LONGEST}
    if code in known:
        return "repeated", _("The serial number is named twice.")
    return None


def in_rows(
    stated: Sequence[tuple[int, int, Sequence[str]]],
) -> Iterator[tuple[int, int, Sequence[str], int]]:
    """Rows with how many serial numbers earlier parts of the same row have stated."""
    so_far: dict[int, int] = {}
    for row, sku_id, codes in stated:
        first = so_far.get(row, 0)
        so_far[row] = first + len(codes)
        yield row, sku_id, codes, first


def dealt(codes: Sequence[str], units: Sequence[int]) -> list[Sequence[str]]:
    """Serial numbers by the parts that a row's units are taken in; what is left over goes with the last.

    More numbers than pieces are refused there, not dropped.
    """
    parts: list[Sequence[str]] = []
    for n, quantity in enumerate(units, 1):
        parts.append(codes if n == len(units) else codes[:quantity])
        codes = codes[quantity:]
    return parts
