"""The frame of the settings' pages, and their index."""

from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext_lazy

from erp.web.pages import StaffRequest, page

# (address, name, what it is for, right)
SECTIONS = (
    (
        "/settings/company/",
        gettext_lazy("Company"),
        gettext_lazy("What every document prints about you"),
        "settings.view",
    ),
    (
        "/data/",
        gettext_lazy("Master data"),
        gettext_lazy("SKUs, prices, suppliers, opening stock: in and out as files"),
        "imports.view",
    ),
    (
        "/settings/channels/",
        gettext_lazy("Channels"),
        gettext_lazy("Where orders come from"),
        "settings.view",
    ),
    (
        "/settings/rules/",
        gettext_lazy("Review rules"),
        gettext_lazy("What holds, approves and tags orders by itself"),
        "settings.view",
    ),
    (
        "/settings/rehearsals/",
        gettext_lazy("Rehearsals"),
        gettext_lazy("What a promotion or another way of routing would have done"),
        "settings.view",
    ),
    (
        "/settings/warehouses/",
        gettext_lazy("Warehouses"),
        gettext_lazy("Where goods are and ship from"),
        "settings.view",
    ),
    (
        "/settings/carriers/",
        gettext_lazy("Carriers"),
        gettext_lazy("Shipping services, their fees and days"),
        "settings.view",
    ),
    (
        "/settings/people/",
        gettext_lazy("People"),
        gettext_lazy("Who signs in, and in which role"),
        "settings.view",
    ),
    (
        "/settings/roles/",
        gettext_lazy("Roles"),
        gettext_lazy("What each role may do"),
        "settings.view",
    ),
    (
        "/settings/keys/",
        gettext_lazy("API keys"),
        gettext_lazy("Programs that speak to the API"),
        "settings.view",
    ),
    (
        "/settings/webhooks/",
        gettext_lazy("Webhooks"),
        gettext_lazy("Programs that are told what happens"),
        "settings.view",
    ),
    (
        "/settings/messages/",
        gettext_lazy("Messages"),
        gettext_lazy("What customers are told, in their language"),
        "settings.view",
    ),
    (
        "/settings/notices/",
        gettext_lazy("Notices"),
        gettext_lazy("Which role is told of what, here and by mail"),
        "settings.view",
    ),
    (
        "/settings/schedules/",
        gettext_lazy("Schedules"),
        gettext_lazy("What runs by itself, and when"),
        "settings.view",
    ),
    (
        "/settings/audit-log/",
        gettext_lazy("Audit log"),
        gettext_lazy("Who changed which setting"),
        "settings.view",
    ),
    (
        "/settings/looks/",
        gettext_lazy("Looks at personal data"),
        gettext_lazy("Who asked to see what is masked for them"),
        "audit.view",
    ),
    (
        "/settings/audit/",
        gettext_lazy("Proof of the books"),
        gettext_lazy("Every law of stock and money, proved now"),
        "audit.view",
    ),
    (
        "/settings/health/",
        gettext_lazy("Health"),
        gettext_lazy("Whether everything works, and what waits"),
        "settings.view",
    ),
    (
        "/settings/design/",
        gettext_lazy("Design"),
        gettext_lazy("Every component, in use"),
        "settings.view",
    ),
)


CRUMBS = [("/settings/", gettext_lazy("Settings"))]


def shown(request: StaffRequest, template: str, **context: object) -> HttpResponse:
    """A settings page, with the way back and whether this person may change anything."""
    may_edit = "settings.edit" in request.actor.verbs
    context = {"crumbs": CRUMBS, "may_edit": may_edit, **context}
    return render(request, f"web/settings/{template}.html", context)


@page("settings.view")
def index(request: StaffRequest) -> HttpResponse:
    sections = [section for section in SECTIONS if section[3] in request.actor.verbs]
    return render(request, "web/settings/index.html", {"sections": sections})
