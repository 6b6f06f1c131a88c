"""Shows above which amounts a second person approves, and sets them."""

from collections.abc import Sequence
from decimal import Decimal

from django.http import Http404, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from erp.access.queries import own_currency
from erp.approvals.actions import approve_limit, reject_limit, set_approval_limits
from erp.approvals.models import ApprovalKind, LimitChange
from erp.approvals.queries import limit_changes, limit_shown, limits, why_limit_waits
from erp.errors import FieldError, Invalid
from erp.money import plain, written
from erp.web.pages import StaffRequest, page, take
from erp.web.settings.pages import shown


@page("settings.view", is_sensitive=True, changed_by="settings.edit")
def approvals(request: StaffRequest) -> HttpResponse:
    """The limits by kind, and the looser ones that wait; a POST sets those it names."""
    if request.method == "POST":
        wanted = {kind: _amount(request, kind) for kind in ApprovalKind.values}
        return take(request, set_approval_limits, _said, request.path, limits=wanted)
    own, set_limits = own_currency(), limits()
    rows = [
        (kind, label, plain(set_limits[kind], own) if kind in set_limits else "")
        for kind, label in ApprovalKind.choices
    ]
    now = timezone.now()
    waiting = [
        (
            change,
            change.get_kind_display(),
            limit_shown(set_limits.get(change.kind)),
            limit_shown(change.amount),
            why_limit_waits(change, request.actor, now),
        )
        for change in limit_changes()
    ]
    return shown(request, "approvals", rows=rows, waiting=waiting, currency=own)


def _said(waiting: Sequence[LimitChange]) -> str:
    if waiting:
        return _("Saved. What is higher waits for another person's approval.")
    return _("Saved.")


@require_POST
@page("settings.edit", is_sensitive=True)
def take_limit_verb(request: StaffRequest, pk: int, verb: str) -> HttpResponse:
    """Approve or reject a looser limit that waits."""
    verbs = {
        "approve": (approve_limit, _("Approved.")),
        "reject": (reject_limit, _("Rejected. Nothing was changed.")),
    }
    if verb not in verbs:
        raise Http404
    action, done = verbs[verb]
    return take(request, action, done, "/settings/approvals/", change_id=pk)


def _amount(request: StaffRequest, kind: str) -> Decimal | None:
    """The limit that a form says; None where it is empty. Raises Invalid."""
    text = request.POST.get(kind, "").strip().replace(",", "")
    amount = written(text) if text else None
    if text and amount is None:
        detail = _("A limit is an amount such as 500, not below 0.")
        raise Invalid(detail, errors=[FieldError(f"/{kind}", "malformed", detail)])
    return amount
