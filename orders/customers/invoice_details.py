"""Validates the details a customer wants on an invoice."""

from typing import Literal

import msgspec
from django.utils.translation import gettext as _

from orders.customers.contacts import is_email
from orders.customers.tax_ids import tax_id_of


class InvoiceWish(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """In whose name an invoice is wanted (抬头), for which tax id (税号); a special one says the bank as well."""

    title: str
    tax_id: str = ""
    kind: Literal["ordinary", "special"] = "ordinary"
    email: str = ""
    registered_address: str = ""
    registered_phone: str = ""
    bank: str = ""
    bank_account: str = ""


INVOICE_LIMITS = {
    "title": 200,
    "tax_id": 40,
    "email": 254,
    "registered_address": 250,
    "registered_phone": 40,
    "bank": 120,
    "bank_account": 60,
}


def invoice_findings(wish: InvoiceWish) -> list[tuple[str, str, str]]:
    """What is wrong with a wish for an invoice: (field, code, words)."""
    found = []
    for name, limit in INVOICE_LIMITS.items():
        if len(getattr(wish, name)) > limit:
            found.append((name, "too-long", _("At most %(limit)s characters.") % {"limit": limit}))
    if not wish.title.strip():
        found.append(("title", "required", _("Enter the invoice title.")))
    needed = ("tax_id", "registered_address", "registered_phone", "bank", "bank_account")
    if wish.kind == "special":
        found += [
            (name, "required", _("Required for a special VAT invoice."))
            for name in needed
            if not getattr(wish, name).strip()
        ]
    text = wish.tax_id.strip()
    # A business of China has a 统一社会信用代码 of eighteen; ids of elsewhere are kept as they are.
    if len(text) == 18 and text.isalnum() and not tax_id_of(text, "CN"):
        found.append(
            (
                "tax_id",
                "malformed",
                _("Invalid tax id: wrong format or check digits."),
            )
        )
    if wish.email.strip() and not is_email(wish.email.strip()):
        found.append(("email", "malformed", _("This is not an e-mail address.")))
    return found
