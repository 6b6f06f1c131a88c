"""Provides what every page's frame needs."""

from collections.abc import Collection

from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from erp.shapes import Words

# The stages, in the order goods flow: (path, name, icon, right).
STAGES = (
    ("/", _("Work queue"), "home", ""),
    ("/orders/", _("Orders"), "orders", "orders.view"),
    ("/inventory/", _("Inventory"), "inventory", "inventory.view"),
    ("/purchasing/", _("Purchasing"), "purchasing", "purchasing.view"),
    ("/fulfillment/", _("Fulfillment"), "fulfillment", "fulfillment.view"),
    ("/shipments/", _("Shipments"), "shipments", "fulfillment.view"),
    ("/returns/", _("Returns"), "returns", "returns.view"),
    ("/customers/", _("Customers"), "customers", "customers.view"),
    ("/analytics/", _("Analytics"), "analytics", "analytics.view"),
    ("/settings/", _("Settings"), "settings", "settings.view"),
)


# Pages within a stage: stage path -> (path, name, right). The first is the stage's own list.
SECTIONS = {
    "/orders/": (
        ("/orders/", _("All orders"), "orders.view"),
        ("/orders/review/", _("Review"), "orders.view"),
        ("/orders/inbox/", _("Inbox"), "orders.view"),
        ("/orders/drafts/", _("Drafts"), "customers.view"),
        ("/orders/files/", _("Order files"), "orders.place"),
        ("/orders/reconciliation/", _("Reconciliation"), "orders.view"),
        ("/orders/channel-news/", _("Channel notifications"), "orders.view"),
    ),
    "/inventory/": (
        ("/inventory/", _("Stock"), "inventory.view"),
        ("/stock/receive/", _("Receive"), "inventory.receive"),
        ("/stock/move/", _("Move or put away"), "inventory.move"),
        ("/stock/counts/", _("Counts"), "inventory.view"),
        ("/stock/transfers/", _("Transfers"), "inventory.view"),
        ("/stock/documents/", _("Documents"), "inventory.view"),
        ("/stock/bins/", _("Bins"), "inventory.view"),
        ("/stock/lots/", _("Lots"), "inventory.view"),
        ("/stock/allotments/", _("Channel allotments"), "inventory.view"),
        ("/stock/listings/", _("Listings"), "inventory.view"),
        ("/stock/feeds/", _("Stock feeds"), "inventory.view"),
        ("/stock/valuation/", _("Valuation"), "costs.view"),
    ),
    "/purchasing/": (
        ("/purchasing/", _("Purchase orders"), "purchasing.view"),
        ("/purchasing/suggestions/", _("To buy"), "purchasing.view"),
        ("/purchasing/suppliers/", _("Suppliers"), "purchasing.view"),
    ),
    "/returns/": (
        ("/returns/", _("Returns"), "returns.view"),
        ("/returns/refunds/", _("Refunds"), "refunds.view"),
    ),
}
# Paths of a stage that do not begin with its own.
ELSEWHERE = {"/inventory/": "/stock/"}


ZONES = (
    "Asia/Shanghai",
    "Asia/Hong_Kong",
    "Asia/Taipei",
    "Asia/Tokyo",
    "Asia/Singapore",
    "Asia/Kolkata",
    "Asia/Dubai",
    "Australia/Sydney",
    "Europe/London",
    "Europe/Berlin",
    "Europe/Paris",
    "Europe/Madrid",
    "Europe/Warsaw",
    "America/New_York",
    "America/Chicago",
    "America/Denver",
    "America/Los_Angeles",
    "America/Sao_Paulo",
    "UTC",
)


def slug_of(url: str) -> str:
    """A stage's path as the id of its counter."""
    return url.strip("/") or "home"


def _is_in(path: str, stage: str) -> bool:
    if stage == "/":
        return path == "/"
    return path.startswith((stage, ELSEWHERE.get(stage, stage)))


def _pages_of_stage(path: str, rights: Collection[str]) -> list[tuple[str, Words, bool]]:
    """The pages of the stage that a path is in, by somebody's rights: (path, name, whether it is this one or above).

    A page below several of them is of the one with the longest path.
    """
    rows = next((rows for stage, rows in SECTIONS.items() if _is_in(path, stage)), ())
    above = max((url for url, _name, _right in rows if path.startswith(url)), key=len, default="")
    return [(url, name, url == above) for url, name, right in rows if right in rights]


def frame(request: HttpRequest) -> dict[str, object]:
    """The stages this person may enter, their theme, and the nonce as django-htmx reads it."""
    actor = getattr(request, "actor", None)
    context: dict[str, object] = {"csp_nonce": str(getattr(request, "csp_nonce", ""))}
    if actor:
        path = request.path
        context["stages"] = [
            (url, name, icon, _is_in(path, url), slug_of(url))
            for url, name, icon, right in STAGES
            if not right or right in actor.verbs
        ]
        context["stage_pages"] = _pages_of_stage(path, actor.verbs)
        context["actor"] = actor
        user = actor.user
        context |= {
            "theme": user.theme,
            "density": user.density,
            "shortcuts": user.shortcuts,
            "zones": ZONES,
            "zone_now": timezone.get_current_timezone_name(),
        }
    return context
