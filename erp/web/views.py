"""The dashboard's own pages: home, search, preferences, settings."""

from datetime import timedelta
from urllib.parse import urlencode

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone, translation
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from erp.access.actions import add_person, prefer
from erp.access.links import one_time_link
from erp.access.models import Actor, ApiKey, Channel, Company, User
from erp.access.roles import NOUNS, ROLES, rights_of
from erp.audit.proof import prove
from erp.errors import Invalid
from erp.events.models import EventDelivery, Heartbeat
from erp.jobs.models import Job
from erp.messages.models import Message
from erp.once import perform
from erp.web.pages import StaffRequest, page
from erp.web.queues import counted
from erp.wiring import SEARCHES, TODAY, resolve


@page("orders.view")
def home(request: StaffRequest) -> HttpResponse:
    """Work first: what waits, then today against the same weekday a week ago."""
    now = timezone.now()
    return render(
        request,
        "web/home.html",
        {
            "queues": counted(request.actor),
            "today": resolve(TODAY)(now=now, before=now - timedelta(days=7)),
        },
    )


@page("orders.view")
def search(request: StaffRequest) -> HttpResponse:
    """One box for everything; an exact number jumps to its page."""
    text = request.GET.get("q", "").strip()
    for name in SEARCHES:
        if text and (found := resolve(name)(text, request.actor)):
            return redirect(found)

    return redirect(f"/orders/?{urlencode({'q': text})}" if text else "/orders/")


@require_POST
def preferences(request: HttpRequest) -> HttpResponse:
    """Language and theme; kept with the person, and in a cookie for pages before sign-in."""
    target = request.META.get("HTTP_REFERER", "/")
    if not url_has_allowed_host_and_scheme(target, allowed_hosts={request.get_host()}):
        target = "/"
    response = redirect(target)
    language, theme = request.POST.get("language", ""), request.POST.get("theme", "")
    if language in dict(settings.LANGUAGES):
        translation.activate(language)
        response.set_cookie(
            settings.LANGUAGE_COOKIE_NAME, language, max_age=31_536_000, samesite="Lax"
        )
    if request.actor:  # type: ignore[attr-defined]
        perform(prefer, by=request.actor, language=language, theme=theme)  # type: ignore[attr-defined]
    return response


@page("purchasing.view")
def purchasing(request: StaffRequest) -> HttpResponse:
    """Purchase orders come with the purchasing stage; until then goods are received in Inventory."""
    return render(request, "web/purchasing.html")


@page("settings.view")
def settings_page(request: StaffRequest) -> HttpResponse:
    """What is set up: company, channels, people, roles, keys, jobs, messages, health."""
    rights = sorted({right for role in ROLES for right in rights_of(role)})
    roles = [role for role in ROLES if role not in {"system", "api_client"}]
    return render(
        request,
        "web/settings.html",
        {
            "company": Company.objects.filter(pk=1).first(),
            "channels": Channel.objects.order_by("code"),
            "people": Actor.objects.filter(kind="person").select_related("user").order_by("pk"),
            "keys": ApiKey.objects.select_related("actor__channel").order_by("-pk")[:20],
            "jobs": Job.objects.order_by("-pk")[:10],
            "failed_messages": Message.objects.exclude(status="sent").order_by("-pk")[:10],
            "parked": EventDelivery.objects.filter(status="parked").select_related("event")[
                :10
            ],
            "heartbeat": Heartbeat.objects.filter(name="worker").first(),
            "roles": roles,
            "table": [
                (right, [right in rights_of(role) for role in roles]) for right in rights
            ],
            "nouns": NOUNS,
        },
    )


@require_POST
@page("settings.edit")
def invite(request: StaffRequest) -> HttpResponse:
    """Add somebody and show the one-time link to give them."""
    asked = {
        name: request.POST.get(name, "").strip()
        for name in ("username", "name", "email", "role")
    }
    if not asked["username"] or not asked["name"]:
        raise Invalid(_("Give a user name and a name."))
    if User.objects.filter(username=asked["username"]).exists():
        raise Invalid(_("This user name is taken."))
    person = perform(add_person, password=None, by=request.actor, **asked)
    link = one_time_link(person.user) if person.user else ""
    messages.success(request, _("Give them this link: %(link)s") % {"link": link})
    return redirect("/settings/")


@page("audit.view")
def audit_page(request: StaffRequest) -> HttpResponse:
    """The laws, proved now."""
    findings = prove()
    return render(
        request,
        "web/audit.html",
        {"findings": findings, "broken": sum(1 for f in findings if f.breaches)},
    )
