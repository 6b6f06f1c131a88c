"""Shows the dashboard's own pages: home, counters, search, command palette, preferences."""

from datetime import timedelta
from urllib.parse import urlencode

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone, translation
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from erp.access.actions import prefer
from erp.comments.queries import unseen_mentions
from erp.errors import Invalid
from erp.lists import row_counts
from erp.notices.queries import unread_alerts
from erp.once import perform
from erp.web.alerts import alerts_for
from erp.web.context import STAGES
from erp.web.pages import SIGNED_IN, StaffRequest, page
from erp.web.queues import counted, queues_of
from erp.wiring import FINDERS, HOME_FRAMES, HOME_GUIDE, LISTS, SEARCHES, TODAY, resolve


@page("orders.view")
def home(request: StaffRequest) -> HttpResponse:
    """Work first: what waits for this person's role, then today against the same weekday.

    The counters come afterwards, by themselves.
    """
    now = timezone.now()
    guided, guide = HOME_GUIDE
    return render(
        request,
        "web/home.html",
        {
            "guide": guide if guided in request.actor.verbs else "",
            "queues": queues_of(request.actor),
            "today": resolve(TODAY)(now=now, before=now - timedelta(days=7)),
            "alerts": alerts_for(request.actor),
            "notices": unread_alerts(request.actor),
            "mentions": unseen_mentions(request.actor),
            "frames": [url for right, url in HOME_FRAMES if right in request.actor.verbs],
        },
    )


@never_cache
@page(SIGNED_IN)
def counters(request: StaffRequest) -> HttpResponse:
    """How much waits in each queue and at each stage: one lazy request, capped and cached."""
    queues = counted(request.actor)
    stages: dict[str, int] = {}
    for item in queues:
        stage = item["queue"].stage
        if stage and item["number"] > 0:
            stages[stage] = stages.get(stage, 0) + item["number"]
    return render(
        request,
        "components/counters.html",
        {"queues": queues, "stages": {s: row_counts.shown(n) for s, n in stages.items()}},
    )


@page("orders.view")
def search(request: StaffRequest) -> HttpResponse:
    """One box for everything; an exact number, or a barcode scanned anywhere, jumps to its page."""
    text = request.GET.get("q", "").strip()
    for name in SEARCHES:
        if text and (found := resolve(name)(text, request.actor)):
            return redirect(found)

    return redirect(f"/orders/?{urlencode({'q': text})}" if text else "/orders/")


@page(SIGNED_IN)
def palette(request: StaffRequest) -> HttpResponse:
    """What the command palette offers for a text: places to go, and things of that name."""
    text = request.GET.get("q", "").strip()
    wanted = text.lower()
    verbs = request.actor.verbs
    keys = {
        "/": "g h",
        "/orders/": "g o",
        "/inventory/": "g i",
        "/fulfillment/": "g f",
        "/shipments/": "g s",
        "/returns/": "g r",
        "/customers/": "g c",
        "/analytics/": "g a",
    }
    places = [
        (str(name), "", url, keys.get(url, ""))
        for url, name, _icon, right in STAGES
        if not right or right in verbs
    ]
    if "orders.place" in verbs:
        places.insert(0, (_("New order"), "", "/orders/new/", "n"))
    if "imports.run" in verbs:
        places.append((_("Import a file"), "", "/imports/new/", ""))
    places += [
        (str(name), _("Settings"), url, "")
        for url, name, _note, right in resolve("erp.web.settings.pages.SECTIONS")
        if right in verbs
    ]
    stages = {url for url, *_rest in STAGES}
    for name in LISTS.values():
        listed = resolve(name)
        if listed.right in verbs and listed.path not in stages:
            places.append((str(listed.title), "", listed.path, ""))
    places = [place for place in places if wanted in place[0].lower()]
    found = [
        hit
        for name in FINDERS
        if len(text) > 1 or not text.isascii()
        for hit in resolve(name)(text, request.actor)
    ]
    groups = [(_("Found"), found), (_("Go to"), places[:12])]
    return render(
        request, "components/palette_results.html", {"groups": [g for g in groups if g[1]]}
    )


@require_POST
def preferences(request: HttpRequest) -> HttpResponse:
    """Language, theme, density, shortcuts, time zone; the language also for pages before sign-in."""
    target = request.META.get("HTTP_REFERER", "/")
    if not url_has_allowed_host_and_scheme(target, allowed_hosts={request.get_host()}):
        target = "/"
    response = redirect(target)
    names = ("language", "theme", "density", "shortcuts", "time_zone")
    asked = {name: request.POST.get(name, "").strip() for name in names}
    if asked["language"] not in dict(settings.LANGUAGES):
        asked["language"] = ""
    if asked["language"]:
        translation.activate(asked["language"])
        response.set_cookie(
            settings.LANGUAGE_COOKIE_NAME, asked["language"], max_age=31_536_000, samesite="Lax"
        )
    if request.actor:  # type: ignore[attr-defined]
        try:
            perform(prefer, by=request.actor, **asked)  # type: ignore[attr-defined]
        except Invalid as refusal:
            messages.error(request, str(refusal))
    return response
