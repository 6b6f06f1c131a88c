"""Shows a person's alerts and which role receives which."""

from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from erp.access.models import ROLE_NAMES
from erp.access.queries import own_company
from erp.access.roles import STAFF
from erp.bounds import read_whole
from erp.notices import actions
from erp.notices.kinds import KINDS
from erp.notices.queries import MOST_SHOWN, staff_alerts_for, subscribed_roles
from erp.web.pages import SIGNED_IN, StaffRequest, page, take
from erp.web.settings.pages import shown

HOME, MAIL = "home", "mail"


@never_cache
@page(SIGNED_IN)
def notices(request: StaffRequest) -> HttpResponse:
    """The newest hundred that this person's role was told."""
    rows = staff_alerts_for(request.actor)[:MOST_SHOWN]
    return render(request, "web/notices.html", {"notices": rows})


@require_POST
@page(SIGNED_IN)
def see(request: StaffRequest) -> HttpResponse:
    """Note that this person has read what they were told."""
    return take(request, actions.mark_alerts_read, _("Marked as read."), "/")


@never_cache
@page("settings.view")
def subscriptions(request: StaffRequest) -> HttpResponse:
    """Which role is told of what: on its home page, and by mail too."""
    if request.method == "POST":
        asked = {
            (role, kind): request.POST.get(f"{kind}.{role}", "") for kind in KINDS for role in STAFF
        }
        wanted = {pair: how == MAIL for pair, how in asked.items() if how in {HOME, MAIL}}
        return take(
            request,
            actions.subscribe_roles,
            _("Saved."),
            "/settings/notices/",
            wanted=wanted,
            approval_hours=read_whole(request.POST.get("approval_hours", ""), "/approval_hours")
            or 0,
        )
    told = subscribed_roles()
    table = [
        (
            kind,
            name,
            [(role, {None: "", False: HOME, True: MAIL}[told.get((role, kind))]) for role in STAFF],
        )
        for kind, (name, _said) in KINDS.items()
    ]
    return shown(
        request,
        "notices",
        table=table,
        company=own_company(),
        roles=[(role, ROLE_NAMES[role]) for role in STAFF],
        ways=[("", _("No")), (HOME, _("Home page")), (MAIL, _("Mail"))],
    )
