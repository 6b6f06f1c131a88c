"""Frames the settings pages and shows their index."""

from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext_lazy

from erp.web.pages import StaffRequest, page

# (address, name, what it is for, right)
SECTIONS = (
    (
        "/settings/company/",
        gettext_lazy("Company"),
        gettext_lazy("Company details printed on every document"),
        "settings.view",
    ),
    (
        "/data/",
        gettext_lazy("Master data"),
        gettext_lazy("Import and export SKUs, prices, suppliers and opening stock"),
        "imports.view",
    ),
    (
        "/settings/channels/",
        gettext_lazy("Channels"),
        gettext_lazy("Sales channels that send orders"),
        "settings.view",
    ),
    (
        "/settings/rules/",
        gettext_lazy("Review rules"),
        gettext_lazy("Rules that hold, approve and tag orders automatically"),
        "settings.view",
    ),
    (
        "/settings/rehearsals/",
        gettext_lazy("Rehearsals"),
        gettext_lazy("Effect of a promotion or routing on past orders"),
        "settings.view",
    ),
    (
        "/settings/warehouses/",
        gettext_lazy("Warehouses"),
        gettext_lazy("Where stock is kept and ships from"),
        "settings.view",
    ),
    (
        "/settings/carriers/",
        gettext_lazy("Carriers"),
        gettext_lazy("Shipping services with their fees and transit days"),
        "settings.view",
    ),
    (
        "/settings/people/",
        gettext_lazy("People"),
        gettext_lazy("Who signs in, and in which role"),
        "settings.view",
    ),
    (
        "/settings/sign-in/",
        gettext_lazy("Sign-in"),
        gettext_lazy("Second factors by role, and networks that people may sign in from"),
        "settings.view",
    ),
    (
        "/settings/roles/",
        gettext_lazy("Roles"),
        gettext_lazy("Permissions of each role"),
        "settings.view",
    ),
    (
        "/settings/approvals/",
        gettext_lazy("Approvals"),
        gettext_lazy("Above which amounts a second person approves"),
        "settings.view",
    ),
    (
        "/settings/keys/",
        gettext_lazy("API keys"),
        gettext_lazy("Keys for programs that call the API"),
        "settings.view",
    ),
    (
        "/settings/webhooks/",
        gettext_lazy("Webhooks"),
        gettext_lazy("Endpoints notified of events"),
        "settings.view",
    ),
    (
        "/settings/messages/",
        gettext_lazy("Messages"),
        gettext_lazy("Message templates for customers, per language"),
        "settings.view",
    ),
    (
        "/settings/notices/",
        gettext_lazy("Alerts"),
        gettext_lazy("Which role receives which alerts, on the home page and by e-mail"),
        "settings.view",
    ),
    (
        "/settings/schedules/",
        gettext_lazy("Schedules"),
        gettext_lazy("Background tasks and their schedule"),
        "settings.view",
    ),
    (
        "/settings/audit-log/",
        gettext_lazy("Audit log"),
        gettext_lazy("History of every settings change"),
        "settings.view",
    ),
    (
        "/settings/retention/",
        gettext_lazy("Retention"),
        gettext_lazy("How long what is kept, and who was erased"),
        "settings.view",
    ),
    (
        "/settings/looks/",
        gettext_lazy("Personal data access log"),
        gettext_lazy("Who revealed masked personal data"),
        "audit.view",
    ),
    (
        "/settings/audit/",
        gettext_lazy("Integrity checks"),
        gettext_lazy("Verify every stock and money invariant now"),
        "audit.view",
    ),
    (
        "/settings/security/",
        gettext_lazy("Security events"),
        gettext_lazy("Sign-ins, refusals, and changes of rights, keys and secrets"),
        "audit.view",
    ),
    (
        "/settings/parked/",
        gettext_lazy("Parked work"),
        gettext_lazy("What was given up after several attempts, to be replayed"),
        "settings.view",
    ),
    (
        "/settings/health/",
        gettext_lazy("Health"),
        gettext_lazy("Status of every service, and the backlogs"),
        "settings.view",
    ),
    (
        "/settings/design/",
        gettext_lazy("Design"),
        gettext_lazy("Every interface component on one page"),
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
