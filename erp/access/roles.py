"""Defines the rights of each role: "<noun>.<verb>"; `noun.*` is every verb of a noun.

`view` is the right to look. The same names appear in `states.py`, so that the API, the
pages and the actions cannot disagree about who may do what.
"""

from functools import lru_cache

NOUNS = {
    "orders": (
        "view",
        "place",
        "confirm",
        "hold",
        "release",
        "cancel",
        "edit",
        "note",
        "reject",
        "pay",
        "complete",
        "expire",
        "allocate",
        "assess",
        "mark",
    ),
    "customers": (
        "view",
        "edit",
        "block",
        "merge",
        "contact",
        "reveal",
        "terms",
        "export",
        "erase",
    ),
    "goodwill": ("give",),
    "finance": ("release",),  # the second review of an order
    "inventory": (
        "view",
        "receive",
        "adjust",
        "reserve",
        "release",
        "move",
        "count",
        "transfer",
        "write_off",
        "approve",
        "reject",
        "allot",
        "layout",
        "edit",
    ),
    "availability": ("view",),  # what can be bought: part of inventory.view
    "costs": ("view", "edit"),
    "fulfillment": ("view", "plan", "release", "pick", "pack", "ship", "cancel", "track"),
    "returns": ("view", "request", "approve", "decline", "receive", "inspect", "close", "cancel"),
    "refunds": ("view", "propose", "approve", "reject", "submit", "complete", "fail"),
    "purchasing": (
        "view",
        "edit",
        "approve",
        "send",
        "acknowledge",
        "reschedule",
        "receive",
        "close",
        "cancel",
    ),
    "analytics": ("view",),
    "imports": ("view", "run"),
    "settings": ("view", "edit"),
    "audit": ("view",),
    "events": ("view", "subscribe"),
    "messages": ("view", "send", "replay"),
}

_LOOK = tuple(
    f"{noun}.view"
    for noun in NOUNS
    if noun not in {"settings", "audit", "costs", "goodwill", "finance"}
)

# A web shop: orders of its own channel from basket to return, and what of the goods a customer may know.
_STOREFRONT = (
    "orders.view",
    "orders.place",
    "orders.edit",
    "orders.cancel",
    "orders.pay",
    "orders.note",
    "customers.view",
    "customers.edit",
    "customers.contact",
    "customers.reveal",
    "availability.view",
    "inventory.reserve",
    "inventory.release",
    "fulfillment.view",
    "returns.view",
    "returns.request",
    "refunds.view",
)

ROLES: dict[str, tuple[str, ...]] = {
    "owner": tuple(f"{noun}.*" for noun in NOUNS),
    "service": (
        *_LOOK,
        "orders.*",
        "customers.edit",
        "customers.block",
        "customers.merge",
        "customers.contact",
        "customers.reveal",
        "customers.export",
        "customers.erase",
        "goodwill.give",
        "returns.request",
        "returns.approve",
        "returns.decline",
        "refunds.propose",
        "messages.*",
    ),
    "finance": (
        *_LOOK,
        "orders.pay",
        "orders.note",
        "orders.hold",
        "orders.release",
        "finance.release",
        "customers.reveal",
        "customers.edit",
        "customers.block",
        "customers.merge",
        "customers.terms",
        "refunds.*",
        "costs.*",
        "purchasing.approve",
    ),
    "picker": (
        "fulfillment.view",
        "fulfillment.pick",
        "fulfillment.pack",
        "inventory.view",
        "orders.view",
        "inventory.receive",
        "inventory.move",
        "inventory.count",
    ),
    "warehouse": (
        *_LOOK,
        "fulfillment.*",
        "inventory.*",
        "costs.view",
        "returns.receive",
        "returns.inspect",
        "returns.close",
        "orders.note",
        "orders.hold",
        "orders.mark",
        "customers.reveal",
    ),
    "buyer": (*_LOOK, "purchasing.*", "inventory.receive", "inventory.allot", "costs.*"),
    "analyst": (*_LOOK, "costs.view"),
    "auditor": (*_LOOK, "audit.view", "settings.view", "costs.view"),
    "storefront_key": _STOREFRONT,
    "connector_key": (
        *_STOREFRONT,
        "orders.hold",
        "orders.mark",
        "inventory.view",
        "messages.view",
        "messages.replay",
        "events.*",
    ),
    "warehouse_key": (
        "orders.view",
        "orders.note",
        "orders.hold",
        "fulfillment.*",
        "inventory.view",
        "inventory.receive",
        "inventory.move",
        "inventory.count",
        "inventory.transfer",
        "inventory.adjust",
        "returns.view",
        "returns.receive",
        "returns.inspect",
        "returns.close",
        "events.*",
    ),
    "carrier_key": ("fulfillment.view", "fulfillment.track"),
    "finance_key": (
        "orders.view",
        "orders.pay",
        "customers.view",
        "returns.view",
        "refunds.*",
        "purchasing.view",
        "costs.view",
        "analytics.view",
        "events.view",
    ),
    "read_key": _LOOK,
    # What API keys may do on their channel, by purpose (erp/access/key_purposes.py): this one all of it.
    "api_client": (
        "orders.*",
        "customers.view",
        "customers.edit",
        "customers.block",
        "customers.merge",
        "customers.contact",
        "customers.reveal",
        "inventory.*",
        "fulfillment.*",
        "returns.*",
        "refunds.*",
        "analytics.view",
        "events.*",
        "messages.view",
        "messages.replay",
        "imports.*",
        "purchasing.*",
        "costs.*",
    ),
    "system": tuple(f"{noun}.*" for noun in NOUNS),
}


# Roles of people, in the order that they are shown; the others are of programs.
STAFF = ("owner", "service", "finance", "picker", "warehouse", "buyer", "analyst", "auditor")
IMPLIED = {"inventory.view": "availability.view"}


@lru_cache(maxsize=256)
def rights_of(role: str, scopes: tuple[str, ...] = ()) -> frozenset[str]:
    """Return every right of a role, spelled out; with scopes, only what they name as well."""
    rights = _spelled_out(ROLES.get(role, ()))
    return rights & _spelled_out(scopes) if scopes else rights


def unknown_scopes(scopes: tuple[str, ...]) -> list[str]:
    """Return the scopes that name no right: "orders" and "orders.*" name all of a noun."""
    return [scope for scope in scopes if not _spelled_out((scope,))]


def _spelled_out(names: tuple[str, ...]) -> frozenset[str]:
    rights = set()
    for name in names:
        noun, _, verb = name.replace(":", ".").partition(".")
        verb = {"read": "view", "write": "*"}.get(verb, verb)
        verbs = NOUNS.get(noun, ())
        rights |= {f"{noun}.{v}" for v in verbs if verb in {"", "*", v}}
    rights |= {part for whole, part in IMPLIED.items() if whole in rights}
    return frozenset(rights)
