"""Settings: who and what this installation consists of, and how it is doing."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from csp.decorators import csp_replace
from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.clickjacking import xframe_options_sameorigin
from django.views.decorators.http import require_POST

from erp.access import actions
from erp.access.links import one_time_link
from erp.access.models import ROLE_NAMES, Actor, ApiKey, Channel, Company, User
from erp.access.roles import NOUNS, ROLES, rights_of
from erp.audit.proof import prove
from erp.errors import Invalid
from erp.events import webhooks
from erp.events.models import EventDelivery, Heartbeat, WebhookDelivery, WebhookEndpoint
from erp.events.record import give_hint
from erp.jobs import schedules
from erp.messages.composing import rendered
from erp.messages.models import Message
from erp.once import perform
from erp.web.charts import Chart, bars, lines, spark, stacked
from erp.web.lists import show_list
from erp.web.pages import StaffRequest, page, take
from erp.web.settings_lists import DELIVERIES, HISTORY
from erp.wiring import TEMPLATES, resolve

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
LANGUAGES = (("en", "English"), ("zh-hans", "简体中文"))
CRUMBS = [("/settings/", gettext_lazy("Settings"))]


def shown(request: StaffRequest, template: str, **context: Any) -> HttpResponse:
    """A settings page, with the way back and whether this person may change anything."""
    may_edit = "settings.edit" in request.actor.verbs
    context = {"crumbs": CRUMBS, "may_edit": may_edit, **context}
    return render(request, f"web/settings/{template}.html", context)


@page("settings.view")
def index(request: StaffRequest) -> HttpResponse:
    sections = [section for section in SECTIONS if section[3] in request.actor.verbs]
    return render(request, "web/settings/index.html", {"sections": sections})


# Company and channels


@page("settings.view")
def company(request: StaffRequest) -> HttpResponse:
    if request.method == "POST":
        fields: dict[str, Any] = _fields(request, actions.EDITABLE[Company])
        fields["masks_contacts"] = request.POST.get("masks_contacts") == "1"
        return take(request, actions.change_company, _("Saved."), request.path, **fields)
    row = Company.objects.filter(pk=1).first() or Company()
    return shown(request, "company", company=row)


@page("settings.view")
def channels(request: StaffRequest) -> HttpResponse:
    if request.method == "POST":
        fields = _fields(request, ("code", "name", "kind", "currency", "language", "time_zone"))
        return take(request, actions.open_channel, _("Channel added."), request.path, **fields)
    rows = Channel.objects.order_by("code")
    kinds = Channel.Kind.choices
    return shown(request, "channels", channels=rows, kinds=kinds, languages=LANGUAGES)


@require_POST
@page("settings.edit")
def change_channel(request: StaffRequest, pk: int) -> HttpResponse:
    fields: dict[str, Any] = _fields(request, ("name", "currency", "language", "time_zone"))
    fields["is_active"] = request.POST.get("is_active") == "1"
    fields["tells_customers"] = request.POST.get("tells_customers") == "1"
    return take(
        request,
        actions.change_channel,
        _("Saved."),
        "/settings/channels/",
        channel_id=pk,
        **fields,
    )


# People, roles, keys


@page("settings.view")
def people(request: StaffRequest) -> HttpResponse:
    """Who signs in; a POST invites somebody and shows the one-time link to give them, once."""
    link = ""
    if request.method == "POST":
        asked = _fields(request, ("username", "name", "email", "role"))
        if not asked["username"] or not asked["name"]:
            raise Invalid(_("Give a user name and a name."))
        if User.objects.filter(username=asked["username"]).exists():
            raise Invalid(_("This user name is taken."))
        person = perform(actions.add_person, password=None, by=request.actor, **asked)
        link = one_time_link(person.user) if person.user else ""
    rows = Actor.objects.filter(kind="person").select_related("user").order_by("-is_active", "name")
    return shown(request, "people", people=rows, roles=_roles(), link=link)


@require_POST
@page("settings.edit")
def change_person(request: StaffRequest, pk: int) -> HttpResponse:
    return take(
        request,
        actions.change_person,
        _("Saved."),
        "/settings/people/",
        actor_id=pk,
        role=request.POST.get("role", ""),
        is_active=request.POST.get("is_active") == "1",
    )


@page("settings.view")
def roles(request: StaffRequest) -> HttpResponse:
    """What each role may do, as a table: a row for each right, a column for each role."""
    names = [role for role, _name in _roles()]
    table = [
        (
            noun,
            [
                (f"{noun}.{verb}", [f"{noun}.{verb}" in rights_of(r) for r in names])
                for verb in verbs
            ],
        )
        for noun, verbs in NOUNS.items()
    ]
    return shown(request, "roles", roles=_roles(), table=table)


def _roles() -> list[tuple[str, Any]]:
    return [(role, ROLE_NAMES[role]) for role in ROLES if role not in {"system", "api_client"}]


@page("settings.view")
def keys(request: StaffRequest) -> HttpResponse:
    """API keys; a POST makes one and shows its secret, only this once."""
    secret = ""
    if request.method == "POST":
        rate = request.POST.get("rate", "").strip()
        if rate and not rate.isdecimal():
            raise Invalid(_("A rate is a number of calls per minute."))
        channel = Channel.objects.filter(code=request.POST.get("channel", "")).first()
        if channel is None:
            raise Invalid(_("Choose a channel."))
        secret = perform(
            actions.create_api_key,
            channel_id=channel.pk,
            by=request.actor,
            now=timezone.now(),
            name=request.POST.get("name", "").strip() or _("API key"),
            scopes=request.POST.get("scopes", "").replace(",", " ").split(),
            rate_per_minute=int(rate) if rate else None,
        )
    rows = ApiKey.objects.select_related("actor__channel").order_by("-pk")[:100]
    channels_ = [(c.code, c.name) for c in Channel.objects.filter(is_active=True).order_by("code")]
    return shown(request, "keys", keys=rows, secret=secret, channels=channels_)


@require_POST
@page("settings.edit")
def revoke_key(request: StaffRequest, pk: int) -> HttpResponse:
    return take(request, actions.revoke_api_key, _("Revoked."), "/settings/keys/", key_id=pk)


# Webhooks


@page("settings.view")
def endpoints(request: StaffRequest) -> HttpResponse:
    """Webhook endpoints; a POST makes one and shows its secret, only this once."""
    secret = ""
    if request.method == "POST":
        channel = Channel.objects.filter(code=request.POST.get("channel", "")).first()
        if channel is None:
            raise Invalid(_("Choose a channel."))
        endpoint = perform(
            webhooks.create_endpoint,
            url=request.POST.get("url", "").strip(),
            channel=channel,
            topics=request.POST.get("types", "").replace(",", " ").split(),
            by=request.actor,
            now=timezone.now(),
        )
        secret = endpoint.secret
    rows = WebhookEndpoint.objects.select_related("channel").order_by("-pk")
    channels_ = [(c.code, c.name) for c in Channel.objects.filter(is_active=True).order_by("code")]
    return shown(request, "webhooks", endpoints=rows, secret=secret, channels=channels_)


@require_POST
@page("events.subscribe")
def take_endpoint_verb(request: StaffRequest, pk: int, verb: str) -> HttpResponse:
    """Pause or resume an endpoint, give it a new secret, or send it events of a period again."""
    back = "/settings/webhooks/"
    if not WebhookEndpoint.objects.filter(pk=pk).exists():
        raise Http404
    if verb in {"pause", "resume"}:
        status = "paused" if verb == "pause" else "active"
        done = _("Paused.") if verb == "pause" else _("It goes on, with what happened meanwhile.")
        return take(
            request, webhooks.set_endpoint_status, done, back, endpoint_id=pk, status=status
        )
    if verb == "rotate":
        endpoint = perform(
            webhooks.rotate_secret, endpoint_id=pk, by=request.actor, now=timezone.now()
        )
        rows = WebhookEndpoint.objects.select_related("channel").order_by("-pk")
        return shown(request, "webhooks", endpoints=rows, secret=endpoint.secret, channels=[])
    if verb == "replay":
        event = request.POST.get("event", "")
        since = parse_datetime(request.POST.get("since", "") or "")
        until = parse_datetime(request.POST.get("until", "") or "")
        if not event.isdecimal() and since is None:
            raise Invalid(_("Say which event, or since when."))
        count = perform(
            webhooks.replay_deliveries,
            endpoint_id=pk,
            by=request.actor,
            now=timezone.now(),
            event_id=int(event) if event.isdecimal() else None,
            since=_aware(since),
            until=_aware(until),
        )
        messages.success(request, _("%(n)s will be sent again.") % {"n": count})
        return redirect(f"/settings/webhooks/deliveries/?endpoint={pk}")
    raise Http404


def _aware(moment: Any) -> Any:
    return timezone.make_aware(moment) if moment and timezone.is_naive(moment) else moment


@page("settings.view")
def deliveries(request: StaffRequest) -> HttpResponse:
    return show_list(request, DELIVERIES, crumbs=[*CRUMBS, ("/settings/webhooks/", _("Webhooks"))])


# Messages


@page("settings.view")
def message_templates(request: StaffRequest) -> HttpResponse:
    """What customers are told, as they would read it; and what could not be sent."""
    chosen = request.GET.get("template", "confirmed")
    if chosen not in TEMPLATES:
        raise Http404
    language = request.GET.get("language", request.LANGUAGE_CODE)
    language = language if language in dict(LANGUAGES) else "en"
    sample = _sample(chosen, language)
    failed = Message.objects.exclude(status="sent").order_by("-pk")[:50]
    return shown(
        request,
        "messages",
        chosen=chosen,
        language=language,
        languages=LANGUAGES,
        failed=failed,
        templates=[(name, label) for name, (label, _source) in TEMPLATES.items()],
        subject=sample[0] if sample else "",
        text=sample[1] if sample else "",
    )


@xframe_options_sameorigin
@csp_replace(
    {
        "default-src": ["'none'"],
        "style-src": ["'unsafe-inline'"],
        "img-src": ["data:"],
        "frame-ancestors": ["'self'"],
    }
)
@page("settings.view")
def message_preview(request: StaffRequest, template: str) -> HttpResponse:
    """A message as mail programs show it, made from the newest order that has such a message."""
    sample = _sample(template, request.GET.get("language", "en")) if template in TEMPLATES else None
    if sample is None:
        raise Http404
    return HttpResponse(sample[2])


def _sample(template: str, language: str) -> tuple[str, str, str] | None:
    context = resolve(TEMPLATES[template][1])()
    return rendered(template, language, context, {}) if context else None


@require_POST
@page("settings.edit")
def send_again(request: StaffRequest, pk: int) -> HttpResponse:
    from erp.messages.sending import queue_again

    return take(
        request, queue_again, _("It will be sent again."), "/settings/messages/", message_id=pk
    )


# Schedules, history, health, design


@page("settings.view")
def schedule_page(request: StaffRequest) -> HttpResponse:
    return shown(request, "schedules", entries=schedules.entries())


@require_POST
@page("settings.edit")
def run_now(request: StaffRequest, name: str) -> HttpResponse:
    """Send a schedule's task now. Every one of them may run twice."""
    entry = next((entry for entry in schedules.entries() if entry.name == name), None)
    if entry is None:
        raise Http404
    give_hint(entry.task)
    messages.success(request, _("%(name)s runs now.") % {"name": entry.what})
    return redirect("/settings/schedules/")


@page("settings.view")
def audit_log(request: StaffRequest) -> HttpResponse:
    return show_list(request, HISTORY, crumbs=CRUMBS)


@page("audit.view")
def audit_page(request: StaffRequest) -> HttpResponse:
    """The laws, proved now."""
    findings = prove()
    broken = sum(1 for f in findings if f.breaches)
    return render(
        request, "web/audit.html", {"findings": findings, "broken": broken, "crumbs": CRUMBS}
    )


@page("settings.view")
def health_page(request: StaffRequest) -> HttpResponse:
    """Whether everything works: the database, the broker, the worker, what waits or failed."""
    now = timezone.now()
    beat = Heartbeat.objects.filter(name="worker").first()
    checks: list[tuple[Any, bool, Any]] = [
        (_("The database answers"), True, ""),
        (_("The cache and broker answer"), _answers(_ping_valkey), ""),
        (
            _("A worker has beaten in the last minute"),
            bool(beat and now - beat.at < timedelta(minutes=1)),
            beat.at if beat else None,
        ),
    ]
    oldest = EventDelivery.objects.filter(status="pending").order_by("due_at").first()
    return shown(
        request,
        "health",
        checks=checks,
        parked=EventDelivery.objects.filter(status="parked")
        .select_related("event")
        .order_by("-pk")[:50],
        oldest=oldest,
        late=bool(oldest and now - oldest.due_at > timedelta(minutes=1)),
        waiting_messages=Message.objects.filter(status="waiting")[:1001].count(),
        waiting_webhooks=WebhookDelivery.objects.filter(status="pending")[:1001].count(),
    )


def _answers(ask: Callable[[], Any]) -> bool:
    try:
        ask()
    except Exception:
        return False
    return True


def _ping_valkey() -> None:
    from erp.api.rates import valkey

    valkey().ping()


@page("settings.view")
def design(request: StaffRequest) -> HttpResponse:
    """Every component of the dashboard, in use."""
    days = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"]
    web, shop = [38, 52, 47, 61, 58, 72, 66], [12, 18, 15, 22, 19, 30, 27]
    charts: list[Chart] = [
        bars(
            list(zip(days, map(_decimal, web), strict=True)),
            title=_("Orders"),
            unit="",
            axis=_("Day"),
        ),
        lines(
            days,
            {_("This week"): web, _("Week before"): [33, 49, 51, 50, 57, 60, 64]},
            title=_("Orders"),
            axis=_("Day"),
        ),
        stacked(
            days,
            {_("Web shop"): web, _("Marketplace"): shop},
            title=_("Orders by channel"),
            axis=_("Day"),
        ),
    ]
    steps = [
        {
            "at": timezone.now(),
            "day": _("Today"),
            "text": _("Confirmed."),
            "by": "Emma Clarke",
            "icon": "check",
            "kind": "",
        },
        {
            "at": timezone.now(),
            "day": _("Today"),
            "text": _("The customer asked for a gift note."),
            "by": "Emma Clarke",
            "icon": "comment",
            "kind": "comment",
        },
    ]
    tones = [
        ("confirmed", _("Confirmed")),
        ("pending", _("Pending")),
        ("cancelled", _("Cancelled")),
        ("draft", _("Draft")),
    ]
    return shown(request, "design", charts=charts, steps=steps, tones=tones, spark=spark(web))


def _decimal(number: int) -> Any:
    from decimal import Decimal

    return Decimal(number)


def _fields(request: StaffRequest, names: tuple[str, ...]) -> dict[str, str]:
    return {name: request.POST.get(name, "").strip() for name in names}
