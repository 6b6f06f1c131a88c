"""Shows above which amounts a second person approves, and sets them."""

from decimal import Decimal

from django.http import HttpResponse
from django.utils.translation import gettext as _

from erp.access.queries import own_currency
from erp.approvals.actions import set_approval_limits
from erp.approvals.models import ApprovalKind
from erp.approvals.queries import limits
from erp.errors import FieldError, Invalid
from erp.money import plain, written
from erp.web.pages import StaffRequest, page, take
from erp.web.settings.pages import shown


@page("settings.view")
def approvals(request: StaffRequest) -> HttpResponse:
    """The limits by kind; a POST sets those it names."""
    if request.method == "POST":
        wanted = {kind: _amount(request, kind) for kind in ApprovalKind.values}
        return take(request, set_approval_limits, _("Saved."), request.path, limits=wanted)
    own, set_limits = own_currency(), limits()
    rows = [
        (kind, label, plain(set_limits[kind], own) if kind in set_limits else "")
        for kind, label in ApprovalKind.choices
    ]
    return shown(request, "approvals", rows=rows, currency=own)


def _amount(request: StaffRequest, kind: str) -> Decimal | None:
    """The limit that a form says; None where it is empty. Raises Invalid."""
    text = request.POST.get(kind, "").strip().replace(",", "")
    amount = written(text) if text else None
    if text and amount is None:
        detail = _("A limit is an amount such as 500, not below 0.")
        raise Invalid(detail, errors=[FieldError(f"/{kind}", "malformed", detail)])
    return amount
