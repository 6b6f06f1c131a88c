"""Reads tracking numbers as people, labels and scanners write them."""

import unicodedata

from django.utils.translation import gettext as _

from erp.errors import FieldError, Invalid

LONGEST = 60  # of 70: the parcels of one shipment from several warehouses get "-2", "-3"
DASHES = "-\u2010\u2011\u2012\u2013\u2014\u2015\u2212"


def number_key(number: str) -> str:
    """A tracking number as it is compared: no blanks, no dashes, capitals (as `Parcel.number_key`)."""
    plain = unicodedata.normalize("NFKC", number)
    return "".join(c for c in plain if not c.isspace() and c not in DASHES).upper()


def clean_number(number: str) -> str:
    """A tracking number as it is kept: what surrounds it and cannot be seen is no part of it.

    Raises Invalid for one that is too long (it is never cut) or holds what no number holds.
    """
    plain = unicodedata.normalize("NFKC", number)
    kept = "".join(c for c in plain if unicodedata.category(c) != "Cf").strip()
    if len(kept) > LONGEST:
        detail = _("A tracking number has at most %(most)s characters.") % {"most": LONGEST}
        raise Invalid(errors=[FieldError("/tracking_number", "too-long", detail)])
    if not kept.isprintable() or (kept and not number_key(kept)):
        detail = _("This is no tracking number.")
        raise Invalid(errors=[FieldError("/tracking_number", "malformed", detail)])
    return kept
