"""Serves webhook endpoints over the API: create, read, pause, resume, deliveries, replay."""

from datetime import datetime

import msgspec
from django.http import HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from rest_framework.request import Request

from erp.api.endpoint import (
    Endpoint,
    answer_json,
    answer_once,
    decoded,
    page_of,
    raw_body,
)
from erp.api.resource import creation_of, list_of
from erp.api.schema import operation
from erp.errors import Invalid
from erp.events import webhooks
from erp.events.models import WebhookDelivery, WebhookEndpoint
from erp.ids import primary_key, public_id
from erp.queries import find_one


class EndpointBody(msgspec.Struct, forbid_unknown_fields=True):
    url: str
    types: list[str] = []


class ReplayBody(msgspec.Struct, forbid_unknown_fields=True):
    event: str | None = None
    since: datetime | None = None
    until: datetime | None = None


class WebhookEndpoints(Endpoint):
    rights = {"get": "events.view", "post": "events.subscribe"}
    get = list_of(
        "List webhook endpoints",
        lambda actor: WebhookEndpoint.objects.filter(channel=actor.channel),
        lambda row, _by: _document(row),
    )
    post = creation_of(
        "Create a webhook endpoint",
        webhooks.create_endpoint,
        body=EndpointBody,
        arguments=lambda body, by: {
            "url": body.url,
            "topics": body.types,
            "channel": by.channel,
        },
        show=lambda row, _by: _document(row) | {"secret": row.secret},
        is_key_required=True,
    )


class OneWebhookEndpoint(Endpoint):
    rights = {"get": "events.view"}

    @operation("Read a webhook endpoint")
    def get(self, request: Request, endpoint: str) -> HttpResponse:
        return answer_json(_document(_found(self, endpoint)))


class PauseWebhookEndpoint(Endpoint):
    rights = {"post": "events.subscribe"}
    status = "paused"

    @operation("Pause a webhook endpoint")
    def post(self, request: Request, endpoint: str) -> HttpResponse:
        return answer_once(
            request,
            raw_body(request),
            webhooks.set_endpoint_status,
            _document,
            lambda: {"endpoint_id": _found(self, endpoint).pk},
            status=self.status,
            by=self.actor,
            now=timezone.now(),
        )


class ResumeWebhookEndpoint(PauseWebhookEndpoint):
    status = "active"


class WebhookDeliveries(Endpoint):
    rights = {"get": "events.view"}

    @operation("List deliveries of a webhook endpoint", page=True)
    def get(self, request: Request, endpoint: str) -> HttpResponse:
        rows = WebhookDelivery.objects.filter(endpoint=_found(self, endpoint))
        return page_of(
            request,
            rows.select_related("event"),
            order=("-id",),
            known=(),
            show=lambda found: [
                {
                    "object": "webhook_delivery",
                    "event": public_id("evt", row.event_id),
                    "type": row.event.topic,
                    "status": row.status,
                    "attempts": row.attempts,
                    "answered": row.answered,
                    "error": row.error,
                    "due_at": row.due_at if row.status == "pending" else None,
                    "sent_at": row.sent_at,
                }
                for row in found
            ],
        )


class ReplayWebhooks(Endpoint):
    rights = {"post": "events.subscribe"}

    @operation("Replay one event or those of a period", body=ReplayBody)
    def post(self, request: Request, endpoint: str) -> HttpResponse:
        raw = raw_body(request)
        body = decoded(raw, ReplayBody)
        if body.event is None and body.since is None:
            raise Invalid(_("Give an event id or a start time."))
        return answer_once(
            request,
            raw,
            webhooks.replay_deliveries,
            lambda count: {"replayed": count},
            lambda: {"endpoint_id": _found(self, endpoint).pk},
            event_id=None if body.event is None else primary_key("evt", body.event) or 0,
            since=body.since,
            until=body.until,
            by=self.actor,
            now=timezone.now(),
        )


def _found(view: Endpoint, endpoint: str) -> WebhookEndpoint:
    pk = primary_key("whe", endpoint) or 0
    return find_one(WebhookEndpoint.objects.filter(channel=view.actor.channel, pk=pk))


def _document(row: WebhookEndpoint) -> dict[str, object]:
    return {
        "object": "webhook_endpoint",
        "id": public_id("whe", row.pk),
        "url": row.url,
        "types": row.topics,
        "status": row.status,
        "created_at": row.created_at,
    }
