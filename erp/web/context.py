"""What every page's frame needs."""

from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

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


def frame(request: HttpRequest) -> dict[str, object]:
    """The stages this person may enter, their theme, and the nonce as django-htmx reads it."""
    actor = getattr(request, "actor", None)
    context: dict[str, object] = {"csp_nonce": str(getattr(request, "csp_nonce", ""))}
    if actor:
        path = request.path
        context["stages"] = [
            (url, name, icon, path == url if url == "/" else path.startswith(url))
            for url, name, icon, right in STAGES
            if not right or right in actor.verbs
        ]
        context["actor"] = actor
        context["theme"] = actor.user.theme
    return context
