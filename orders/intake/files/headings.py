"""Guesses from the headings of a file which fields its columns are."""

import re
import unicodedata
from collections.abc import Mapping, Sequence

from orders.intake.files.columns import FIELDS, Field


def plain(heading: str) -> str:
    """A heading as it is compared: "amazon-order-id" and "Amazon Order ID" are one."""
    text = unicodedata.normalize("NFKC", heading).casefold()
    return " ".join(re.sub(r"[\W_]+", " ", text).split())


def suggested(header: Sequence[str], fields: Sequence[Field] = FIELDS) -> dict[str, str]:
    """The column that each field most likely is: {field: heading}. A column is given to one field."""
    by_plain: dict[str, str] = {}
    for heading in header:
        by_plain.setdefault(plain(heading), heading)
    taken: dict[str, str] = {}
    for field in fields:
        for name in field.names:
            if name in by_plain and by_plain[name] not in taken.values():
                taken[field.name] = by_plain[name]
                break
    return taken


def missing(
    columns: Mapping[str, str], header: Sequence[str], fields: Sequence[Field] = FIELDS
) -> list[Field]:
    """The fields that are needed and have no column, or one that the file lacks."""
    return [f for f in fields if f.needed and columns.get(f.name) not in header]


def is_header(cells: Sequence[str], fields: Sequence[Field] = FIELDS) -> bool:
    """Whether a row looks like headings: files begin with titles and remarks now and then."""
    found = suggested(cells, fields)
    return (
        len(found) >= 3
        and "order" in found
        and len(found.keys() & {"quantity", "sku", "amount"}) > 0
    )
