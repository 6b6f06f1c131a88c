"""Receives channels' webhooks over the API and shows what became of them."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt
from rest_framework.request import Request

from erp.access.models import Channel
from erp.api.endpoint import Endpoint, answer_json, answer_once, page_of, raw_body
from erp.api.problems import problem, refusal
from erp.api.schema import operation
from erp.api.values import stamp
from erp.errors import DomainError, Invalid, NotFound, TooLarge, Unauthenticated
from erp.ids import primary_key, public_id
from erp.once import perform
from erp.queries import find_one
from orders.intake.edi.actions import receive_document
from orders.intake.inbox.queries import messages_visible_to
from orders.intake.messages.actions.receive import receive_message, replay_message
from orders.intake.messages.models import IncomingMessage
from orders.intake.messages.wake import MOST_BYTES, wake_reader
from orders.intake.shops.signatures import is_signed


@dataclass(frozen=True)
class Sender:
    """Where a kind of channel writes who it is, what it is about, and its signature: header names."""

    topic: str
    signature: str
    delivery: str
    origin: str
    # WooCommerce gives two deliveries of one second the same id: what they say tells them apart.
    told_apart_by_body: bool = False


SENDERS: Mapping[str, Sender] = {
    "shopify": Sender(
        "X-Shopify-Topic",
        "X-Shopify-Hmac-Sha256",
        "X-Shopify-Webhook-Id",
        "X-Shopify-Shop-Domain",
    ),
    "woocommerce": Sender(
        "X-WC-Webhook-Topic",
        "X-WC-Webhook-Signature",
        "X-WC-Webhook-Delivery-ID",
        "X-WC-Webhook-Source",
        told_apart_by_body=True,
    ),
}


@csrf_exempt
def receive_webhook(request: HttpRequest, code: str, source: str) -> HttpResponse:
    """Keep a signed message, then say thank you. What it means is read afterwards, by a worker."""
    if request.method != "POST":
        return problem(
            405, "method-not-allowed", _("Send webhooks with POST."), headers={"Allow": "POST"}
        )
    try:
        return _receive(request, code, source)
    except DomainError as error:
        return refusal(error)


def _receive(request: HttpRequest, code: str, source: str) -> HttpResponse:
    channel = Channel.objects.filter(code=code, kind=source, is_active=True).first()
    sender = SENDERS.get(source)
    if channel is None or sender is None:
        raise NotFound
    if _is_ping(request, source):
        return answer_json({"object": "ping"})
    body = _body(request)
    if not is_signed(body, request.headers.get(sender.signature, ""), _secrets(channel)):
        raise Unauthenticated(_("The signature does not match the body."))
    delivery = request.headers.get(sender.delivery, "")
    if delivery and sender.told_apart_by_body:
        delivery = f"{delivery[:80]}:{hashlib.sha256(body).hexdigest()}"
    pk = perform(
        receive_message,
        channel_id=channel.pk,
        source=source,
        topic=_printable(request.headers.get(sender.topic, "")),
        delivery=_printable(delivery),
        origin=_printable(request.headers.get(sender.origin, "")),
        body=body,
    )
    if pk is not None:
        wake_reader()
    return answer_json({"object": "incoming_message", "received": True, "is_new": pk is not None})


def _is_ping(request: HttpRequest, source: str) -> bool:
    """WooCommerce asks with an unsigned form whether anybody is there when a webhook is made."""
    is_form = request.content_type == "application/x-www-form-urlencoded"
    return source == "woocommerce" and is_form and request.body[:11] == b"webhook_id="


def _body(request: HttpRequest) -> bytes:
    length = request.META.get("CONTENT_LENGTH") or "0"
    if (length.isdecimal() and int(length) > MOST_BYTES) or len(request.body) > MOST_BYTES:
        raise TooLarge(_("The body is larger than 10 MB."))
    return request.body


def _secrets(channel: Channel) -> list[str]:
    """The secrets that hold now: while a sender changes over, two."""
    found = [channel.webhook_secret]
    if channel.previous_until and channel.previous_until > timezone.now():
        found.append(channel.previous_secret)
    return [secret for secret in found if secret]


def _printable(header: str) -> str:
    return header.encode("utf-8", "replace").decode().replace("\x00", "").strip()


class ChannelMessages(Endpoint):
    rights = {"get": "messages.view", "post": "orders.place"}

    @operation(
        "List incoming messages of a channel",
        page=True,
        query={"status": "received, processed, held or failed", "topic": "", "external_id": ""},
    )
    def get(self, request: Request, code: str) -> HttpResponse:
        rows = _messages_of(self, code)
        for name in ("status", "topic", "external_id"):
            if value := request.query_params.get(name, ""):
                if name == "status" and value not in IncomingMessage.Status.values:
                    raise Invalid(_("There is no such state."))
                rows = rows.filter(**{name: value})
        return page_of(
            request,
            rows,
            order=("-id",),
            known=("status", "topic", "external_id"),
            show=lambda found: [message_document(row) for row in found],
        )

    @operation(
        "Submit a purchase order (X12 850, EDIFACT ORDERS, UBL Order)",
        status=202,
        idempotency=False,
    )
    def post(self, request: Request, code: str) -> HttpResponse:
        _messages_of(self, code)
        actor, body = self.actor, _body(request._request)
        assert actor.channel is not None
        answer = answer_once(
            request,
            body,
            receive_document,
            message_document,
            http_status=202,
            channel_id=actor.channel.pk,
            body=body,
            origin=actor.name[:200],
            by=actor,
            now=timezone.now(),
        )
        wake_reader()
        return answer


class ReplayChannelMessage(Endpoint):
    rights = {"post": "messages.replay"}

    @operation("Process a held or failed message again", idempotency=False)
    def post(self, request: Request, code: str, message: str) -> HttpResponse:
        raw = raw_body(request)

        def look_up() -> dict[str, object]:
            rows = _messages_of(self, code).filter(pk=primary_key("msg", message) or 0)
            return {"message_id": find_one(rows).pk}

        answer = answer_once(
            request,
            raw,
            replay_message,
            message_document,
            look_up,
            by=self.actor,
            now=timezone.now(),
        )
        wake_reader()
        return answer


def _messages_of(endpoint: Endpoint, code: str) -> QuerySet[IncomingMessage]:
    channel = endpoint.actor.channel
    if channel is None or channel.code != code:
        raise NotFound
    return messages_visible_to(endpoint.actor)


def message_document(row: IncomingMessage) -> dict[str, object]:
    """A message as the API shows it, without its body."""
    return {
        "object": "incoming_message",
        "id": public_id("msg", row.pk),
        "source": row.source,
        "topic": row.topic,
        "origin": row.origin,
        "status": row.status,
        "cause": row.cause or None,
        "external_id": row.external_id or None,
        "order": row.order.number if row.order else None,
        "attempts": row.attempts,
        "received_at": stamp(row.received_at),
        "processed_at": stamp(row.processed_at) if row.processed_at else None,
    }
