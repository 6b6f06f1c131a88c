"""Reads tracking numbers as people, labels and scanners write them."""

import re
import unicodedata

from django.utils.translation import gettext as _

from erp.errors import FieldError, Invalid
from erp.visible import DASHES, code_key

LONGEST = 60  # of 70: the parcels of one shipment from several warehouses get a mark and a count
SHARE = "#"  # stands in no carrier's number, so that no share of a shipment bears the number of another parcel
EARLIER_SHARE = re.compile(r"(.+)-(\d{1,2})")  # as shares were marked before

number_key = code_key  # a tracking number as it is compared (as `Parcel.number_key`)


def clean_number(number: str) -> str:
    """A tracking number as it is kept: what surrounds it and cannot be seen is no part of it.

    Raises Invalid for one that is too long (it is never cut) or holds what no number holds: what no
    barcode has, so that its key is the same in the database and here.
    """
    plain = unicodedata.normalize("NFKC", number)
    seen = (c for c in plain if unicodedata.category(c) != "Cf")
    kept = "".join("-" if c in DASHES else c for c in seen).strip()
    if len(kept) > LONGEST:
        detail = _("A tracking number has at most %(most)s characters.") % {"most": LONGEST}
        raise Invalid(errors=[FieldError("/tracking_number", "too-long", detail)])
    is_plain = kept.isascii() and kept.isprintable() and SHARE not in kept
    if not is_plain or (kept and not number_key(kept)):
        detail = _("This is no tracking number.")
        raise Invalid(errors=[FieldError("/tracking_number", "malformed", detail)])
    return kept


def share_number(number: str, count: int) -> str:
    """The number of a further parcel of a shipment whose carrier made one number for all of it."""
    return f"{number}{SHARE}{count}"
