"""Where each role, and each key, may be shown which of the person's words. What is not here is a hit.

CONTACT is who they are, PLACE where they live without a street, TEXTS what was written to be read at work.
"""

import re
from collections.abc import Iterable

from tests.canary.person import CANARIES, WORDS

ROLES = ("owner", "service", "finance", "picker", "warehouse", "buyer", "analyst", "auditor")
MEET_CUSTOMERS = frozenset(ROLES) - {
    "picker"
}  # who may know that there are customers: `customers.view`
CLEAR = frozenset({"owner", "service"})  # `customers.contact`
ASK = frozenset(
    {"finance", "warehouse"}
)  # `customers.reveal` without it: shown when asked, and recorded
PACK = frozenset({"picker", "warehouse"})  # an address stands on what they pack


def of(*fields: str) -> frozenset[str]:
    return frozenset(name for name in CANARIES if name.partition(".")[2] in fields)


PLACE = of("city", "postcode")
SHIP_TO = PLACE | of("name", "street")
LABEL = SHIP_TO | of("phone")
TEXTS = frozenset({"note", "comment", "return_note", "gift"})
NOTES = frozenset({"customer_note", "file_note"})  # staff's own about a customer
TAX_IDS = frozenset({"exempt_id", "asked_id", "file_id"})  # of exemptions, granted and proposed
EVERYTHING = frozenset(CANARIES)
PAPER_OF_ORDER = r"orders/<str:number>/(confirmation/|invoices/<str:invoice>.pdf)"

# (route, roles, what): the route as a regular expression.
DECLARED: tuple[tuple[str, frozenset[str], frozenset[str]], ...] = (
    # Who sees contacts sees them everywhere; in the walk where the company masks for all, nobody does.
    (r".*", CLEAR, EVERYTHING),
    # Words written to be read at work are read by who works on the order or its return.
    (r"orders/<str:number>/(timeline/)?", frozenset(ROLES), TEXTS),
    (r"(fulfillment|shipments)/.*", frozenset(ROLES), TEXTS),
    (r"returns/<str:number>/", frozenset(ROLES), TEXTS),
    (PAPER_OF_ORDER, MEET_CUSTOMERS, TEXTS),
    (r"export", frozenset(ROLES), frozenset({"gift"})),  # the merchant's own fields of an order
    (r"customers/<str:customer>/", frozenset({"finance"}), NOTES),
    # A place without a street is enough for stock and routes, and tells nobody's door.
    (r"orders/<str:number>/", MEET_CUSTOMERS, PLACE),
    (r"(fulfillment|shipments)/.*", MEET_CUSTOMERS, PLACE),
    (PAPER_OF_ORDER, MEET_CUSTOMERS, PLACE),
    # Work that needs the address: the page until the parcel has gone, the papers with a recorded look.
    (r"fulfillment/<int:pk>/", PACK, SHIP_TO),
    (r"shipments/<int:pk>/<str:kind>.pdf", PACK, LABEL),
    # Opening is asking, and recorded: papers for the customer, and letters, which cannot be masked.
    (PAPER_OF_ORDER, ASK, EVERYTHING),
    (r"orders/drafts/<int:pk>/", ASK, EVERYTHING),
    # Who agrees on terms checks the tax id that they rest on.
    (r"customers/<str:customer>/", frozenset({"finance"}), TAX_IDS),
)
# Where the company masks for all: what is left in clear is asked for, and recorded.
DECLARED_MASKED: tuple[tuple[str, frozenset[str], frozenset[str]], ...] = (
    *((route, roles, what) for route, roles, what in DECLARED[1:] if what != SHIP_TO),
    (r"orders/(drafts|files)/<int:pk>/", CLEAR, EVERYTHING),
    (r"orders/<str:number>/edit/<str:part>/", CLEAR, EVERYTHING),
    (PAPER_OF_ORDER, CLEAR, EVERYTHING),
    (r"shipments/<int:pk>/<str:kind>.pdf", CLEAR, LABEL),
    (r"customers/<str:customer>/", CLEAR, NOTES | TAX_IDS),
    # The list of the blocked is what orders are compared with; only an owner keeps it.
    (r"admin/orders/blockedcontact/.*|settings/audit-log/", CLEAR, frozenset({"blocked"})),
)


def undeclared(
    route: str,
    role: str,
    seen: Iterable[str],
    declared: Iterable[tuple[str, frozenset[str], frozenset[str]]] = DECLARED,
) -> set[str]:
    """What somebody was shown on a route and nobody has declared."""
    found = set(seen)
    for known, roles, what in declared:
        if role in roles and re.fullmatch(known, route):
            found -= what
    return found


# Keys


def told(*sources: str) -> frozenset[str]:
    return frozenset(name for name in CANARIES if name.partition(".")[0] in sources)


FILED = frozenset({"file_note", "file_id"})
# What the company agreed with a customer whom several channels know is told to none of them.
COMPANYS = frozenset({"customer_note", "exempt_id", "asked_id", "blocked"})
OWN = told("web", "billed", "letter") | (frozenset(WORDS) - COMPANYS - FILED)
# The other shop's phone is the same: it was told it itself.
OTHER = told("shop") | {"web.phone"}
OF_FILES = told("file") | FILED
# A key that may not see contacts reads its channel's orders with what was written on them.
WITHOUT_CONTACT = frozenset({"note", "gift", "return_note", "file_note"}) | PLACE
KEYS = {"own": OWN, "other": OTHER, "masked": WITHOUT_CONTACT, "packing": WITHOUT_CONTACT | LABEL}

# By purpose: what a key may be shown of what its channel was told.
CHANNELS = {"web": OWN, "shopify": OTHER, "file": OF_FILES}
PURPOSES_SEE = {
    "storefront": EVERYTHING,
    "connector": EVERYTHING,
    "owner": EVERYTHING,
    "warehouse": (WITHOUT_CONTACT - NOTES) | LABEL,
    "finance": WITHOUT_CONTACT,
    "read": WITHOUT_CONTACT,
    "carrier": frozenset[str](),
}
