"""Defines what API keys are for: with its purpose a key gets rights, a rate and an end."""

from collections.abc import Mapping
from dataclasses import dataclass

from django.utils.translation import gettext_lazy as _

from erp.shapes import Words


@dataclass(frozen=True, slots=True)
class KeyPurpose:
    """What a key is for.

    role              whose rights it has (erp/access/roles.py)
    rate_per_minute   calls it may make, if its maker says nothing; None: as many as it likes
    days              until it ends, if its maker says nothing
    """

    role: str
    name: Words
    about: Words
    rate_per_minute: int | None
    days: int


DEFAULT_PURPOSE = "storefront"
PURPOSES: Mapping[str, KeyPurpose] = {
    "storefront": KeyPurpose(
        "storefront_key",
        _("Storefront"),
        _("Places orders, and sees its own orders, customers, parcels and returns"),
        1200,
        365,
    ),
    "connector": KeyPurpose(
        "connector_key",
        _("Connector"),
        _("A storefront that also follows events, messages and stock"),
        1200,
        365,
    ),
    "warehouse": KeyPurpose(
        "warehouse_key",
        _("Warehouse system"),
        _(
            "Picks, packs, ships, receives and counts; sees the name, address and phone on parcels, no e-mail;"
            " moves no money"
        ),
        1200,
        365,
    ),
    "carrier": KeyPurpose("carrier_key", _("Carrier"), _("Reports where parcels are"), 600, 365),
    "finance": KeyPurpose(
        "finance_key",
        _("Accounting"),
        _("Reads orders, costs and figures; records payments and refunds"),
        300,
        180,
    ),
    "read": KeyPurpose(
        "read_key", _("Read only"), _("Reads everything but costs; contacts are masked"), 600, 365
    ),
    "owner": KeyPurpose(
        "api_client",
        _("Everything"),
        _("All of its channel, and stock, purchasing and money besides: for your own systems"),
        None,
        365,
    ),
}
# A key that is made with rights alone is somebody's program as well: it had no limit of calls, as the owner's have not.
OF_SCOPES = KeyPurpose(
    "api_client", _("Chosen rights"), _("Only the rights that were chosen"), 1200, 365
)
PURPOSE_OF = {purpose.role: code for code, purpose in PURPOSES.items()}
