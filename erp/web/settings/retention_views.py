"""Shows how long what is kept, what retention did, and who was erased."""

from django.http import HttpResponse
from django.utils.translation import gettext as _

from erp.errors import FieldError, Invalid
from erp.privacy.actions.retention import set_retention
from erp.privacy.declarations import rules
from erp.privacy.models import Erasure, Retention
from erp.web.pages import StaffRequest, page, take
from erp.web.settings.pages import shown

ERASURES_SHOWN = 50


@page("settings.view")
def retention(request: StaffRequest) -> HttpResponse:
    """The rules with their days and their last runs, and the newest erasures."""
    if request.method == "POST":
        return take(
            request,
            set_retention,
            _("Saved."),
            request.path,
            rule=request.POST.get("rule", ""),
            days=_days(request.POST.get("days", "")),
        )
    rows = {row.name: row for row in Retention.objects.all()}
    asked = [(rule, rows.get(rule.name)) for rule in rules()]
    return shown(
        request,
        "retention",
        rules=[
            (rule, rule.days if row is None or row.days is None else row.days, row)
            for rule, row in asked
        ],
        erasures=Erasure.objects.select_related("by").order_by("-pk")[:ERASURES_SHOWN],
    )


def _days(text: str) -> int:
    text = text.strip()
    if not text.isascii() or not text.isdecimal() or len(text) > 5:
        detail = _("A number of days is a whole number.")
        raise Invalid(detail, errors=[FieldError("/days", "malformed", detail)])
    return int(text)
