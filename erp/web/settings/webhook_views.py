"""Shows webhook endpoints and their deliveries in the settings."""

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _

from erp.access.models import Channel
from erp.errors import Invalid
from erp.events import webhooks
from erp.events.models import WebhookEndpoint
from erp.once import perform
from erp.web.list_page import show_list
from erp.web.pages import StaffRequest, moment_of, page, take
from erp.web.settings.lists import DELIVERIES
from erp.web.settings.pages import CRUMBS, shown

# Webhooks


@page("settings.view", is_sensitive=True, changed_by="events.subscribe")
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


@page("events.subscribe", is_sensitive=True)
def take_endpoint_verb(request: StaffRequest, pk: int, verb: str) -> HttpResponse:
    """Pause or resume an endpoint, give it a new secret, or send it events of a period again."""
    back = "/settings/webhooks/"
    if request.method != "POST":  # somebody comes back to the page that showed a secret
        return redirect(back)
    if not WebhookEndpoint.objects.filter(pk=pk).exists():
        raise Http404
    if verb in {"pause", "resume"}:
        status = "paused" if verb == "pause" else "active"
        done = (
            _("Paused.")
            if verb == "pause"
            else _("Deliveries resume, including events missed while paused.")
        )
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
        since = moment_of(request.POST.get("since", ""))
        until = moment_of(request.POST.get("until", ""))
        if not event.isdecimal() and since is None:
            raise Invalid(_("Give an event id or a start time."))
        count = perform(
            webhooks.replay_deliveries,
            endpoint_id=pk,
            by=request.actor,
            now=timezone.now(),
            event_id=int(event[:18]) if event.isdecimal() else None,
            since=since,
            until=until,
        )
        messages.success(request, _("%(n)s will be sent again.") % {"n": count})
        return redirect(f"/settings/webhooks/deliveries/?endpoint={pk}")
    raise Http404


@page("settings.view")
def deliveries(request: StaffRequest) -> HttpResponse:
    return show_list(request, DELIVERIES, crumbs=[*CRUMBS, ("/settings/webhooks/", _("Webhooks"))])
