"""Queues and sends outgoing webhooks, and retries each for three days."""

import logging
import random
from collections import Counter
from collections.abc import Collection, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, as_completed, wait
from contextlib import suppress
from datetime import datetime, timedelta
from time import monotonic
from typing import NamedTuple, Self

from django.db import connection, transaction
from django.db.models import F, QuerySet
from django.db.models.functions import Coalesce, Greatest
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from erp.access.account_mails import tell_secret
from erp.access.models import Actor, Channel
from erp.access.queries import of_own_channel, require, require_channel
from erp.backlogs import Backlog
from erp.effects.door import effects_are_paused
from erp.errors import FieldError, Invalid
from erp.events.feed import events_of_channel, webhook_body
from erp.events.models import WebhookDelivery, WebhookEndpoint
from erp.events.topics import TOPICS, close_to
from erp.events.webhook_client import (
    Refused,
    check_address,
    checked,
    new_secret,
    post,
    refused_address,
    signed,
)
from erp.ids import public_id
from erp.queries import find_one

logger = logging.getLogger(__name__)
# Waits between tries: ten seconds at first, three days and a bit in all.
WAITS = tuple(
    timedelta(seconds=s) for s in (10, 60, 300, 1800, 7200, 18000, 36000, 50400, 64800, 86400)
)
LONGEST = sum(WAITS, timedelta(0))  # how old an event gets while its receiver asks to wait
ASKS_TO_WAIT = frozenset({429, 503})
BATCH = 16  # posted side by side
ROUND_S = 0.05  # for which a round waits for its answers: then whoever is due has the next
PATIENCE_S = 1.0  # after which a receiver is slow: it is given nothing more until it has answered
AT_ONCE = 8  # that one endpoint is answering: it is given no more
MOST_HELD = 48  # that may be waited for beside another round
LEASE = timedelta(seconds=60)
SILENT_S = 4.0  # who has said nothing for so long keeps a process waiting
SILENCE = timedelta(seconds=60)  # for which such an endpoint is left alone
BOTH_SIGN = timedelta(days=1)
# What waits for a paused endpoint, or for one that asks to be left alone, is not late.
BACKLOG = Backlog(
    name="webhooks",
    label=gettext_lazy("Webhook deliveries"),
    table="erp_webhookdelivery",
    waiting="status = 'pending' AND endpoint_id IN (SELECT id FROM erp_webhookendpoint"
    " WHERE status = 'active' AND (wait_until IS NULL OR wait_until <= now()))",
    parked="status = 'failed'",
    late=timedelta(minutes=5),
    note="'endpoint ' || endpoint_id",
    right="events.subscribe",
    replay="erp.events.webhooks.replay_failed",
    leaves=True,
)


@transaction.atomic(savepoint=False)
def create_endpoint(
    *, url: str, topics: Sequence[str], channel: Channel, by: Actor, now: datetime
) -> WebhookEndpoint:
    """Subscribe a URL to a channel's events. The answer has its `secret`, once.

    topics   of the catalogue, such as "order.confirmed"; none for all
    Raises Invalid where a topic is not in the catalogue, or the URL is not one that we post to.
    """
    require(by, "events.subscribe")
    require_channel(by, channel.pk)
    if errors := [
        FieldError(
            f"/types/{index}",
            "unknown-type",
            _("There is no event type %(topic)s. Did you mean: %(known)s?")
            % {"topic": topic[:60], "known": ", ".join(close_to(topic))},
        )
        for index, topic in enumerate(topics)
        if topic not in TOPICS
    ]:
        raise Invalid(errors=errors)
    if len(url) > 500:
        raise refused_address("an address has at most 500 characters")
    check_address(url)
    endpoint = WebhookEndpoint.objects.create(
        channel=channel,
        url=url,
        topics=sorted(set(topics)),
        secret=new_secret(),
        created_at=now,
    )
    told = _("Outgoing webhooks to %(url)s") % {"url": url[:100]}
    tell_secret(what=told, facts={"endpoint": endpoint.pk}, by=by)
    return endpoint


@transaction.atomic(savepoint=False)
def rotate_secret(*, endpoint_id: int, by: Actor, now: datetime) -> WebhookEndpoint:
    """Give an endpoint a new secret; for a day messages are signed with the old one as well. Raises NotFound."""
    endpoint = _locked(endpoint_id, by)
    endpoint.previous_secret, endpoint.previous_until = endpoint.secret, now + BOTH_SIGN
    endpoint.secret = new_secret()
    endpoint.save(update_fields=["secret", "previous_secret", "previous_until"])
    told = _("Outgoing webhooks to %(url)s") % {"url": endpoint.url[:100]}
    tell_secret(what=told, facts={"endpoint": endpoint_id}, by=by)
    return endpoint


@transaction.atomic(savepoint=False)
def set_endpoint_status(
    *, endpoint_id: int, status: str, by: Actor, now: datetime
) -> WebhookEndpoint:
    """Pause an endpoint, or let it go on; what happened meanwhile is delivered then. Raises NotFound."""
    endpoint = _locked(endpoint_id, by)
    endpoint.status, endpoint.wait_until = status, None
    endpoint.save(update_fields=["status", "wait_until"])
    return endpoint


def _locked(endpoint_id: int, by: Actor) -> WebhookEndpoint:
    """An endpoint of the actor's channel, locked."""
    require(by, "events.subscribe")
    return find_one(
        of_own_channel(WebhookEndpoint.objects.select_for_update(), by).filter(pk=endpoint_id)
    )


def _deliveries(by: Actor) -> QuerySet[WebhookDelivery]:
    return of_own_channel(WebhookDelivery.objects.all(), by, "endpoint__channel_id")


@transaction.atomic(savepoint=False)
def replay_deliveries(
    *,
    endpoint_id: int,
    event_id: int | None,
    since: datetime | None,
    until: datetime | None,
    by: Actor,
    now: datetime,
) -> int:
    """Send events again, one or those of a period; return how many."""
    require(by, "events.subscribe")
    asked = {"event_id": event_id, "event__at__gte": since, "event__at__lt": until}
    said = {field: value for field, value in asked.items() if value is not None}
    rows = _deliveries(by).filter(endpoint_id=endpoint_id, **said)
    return rows.update(status="pending", attempts=0, due_at=now, error="")


@transaction.atomic(savepoint=False)
def replay_failed(*, ids: Sequence[int], by: Actor, now: datetime) -> int:
    """Send deliveries again that were given up; return how many."""
    require(by, BACKLOG.right)
    rows = _deliveries(by).filter(pk__in=ids, status="failed")
    return rows.update(status="pending", attempts=0, due_at=now)


@transaction.atomic(savepoint=False)
def fan_out(*, now: datetime, limit: int = 500) -> int:
    """Give each active endpoint the events that followed its last one; return how many."""
    given = 0
    endpoints = WebhookEndpoint.objects.filter(status="active").select_related("channel")
    for endpoint in endpoints.select_for_update(of=("self",), skip_locked=True).order_by("pk"):
        events = events_of_channel(
            endpoint.channel_id,
            after_tx=endpoint.last_tx,
            after_id=endpoint.last_id,
            limit=limit,
        )
        if not events:
            continue
        wanted = [e for e in events if not endpoint.topics or e.topic in endpoint.topics]
        WebhookDelivery.objects.bulk_create(
            [WebhookDelivery(endpoint=endpoint, event=event, due_at=now) for event in wanted],
            ignore_conflicts=True,
        )
        endpoint.last_tx, endpoint.last_id = events[-1].tx, events[-1].pk
        endpoint.save(update_fields=["last_tx", "last_id"])
        given += len(wanted)
    return given


class _Answer(NamedTuple):
    """What came of posting: the status, or what went wrong, and how long the receiver is to be left alone."""

    status: int | None
    error: str
    wish: timedelta = timedelta(0)
    is_silent: bool = False


class _Held(NamedTuple):
    """A delivery that is being posted: the time at which it was leased, and the clock's then."""

    delivery: WebhookDelivery
    at: datetime
    begun: float


def send_due(*, now: datetime) -> int:
    """Post one round of what is due, and wait for all answers; return how many were tried."""
    with Sender() as sender:
        return sender.post_round(now=now)


class Sender:
    """Posts rounds of deliveries side by side: who is slow to answer holds up nobody but themselves.

    A round is over when all have answered, or after `ROUND_S`: what is still waited for then keeps its thread while
    others have their rounds. Rounds that waited for the slowest let one receiver that took fourteen seconds for each
    event have all places of webhooks, and one that took half a second made everybody as slow as itself.
    """

    def __init__(self) -> None:
        self._threads = ThreadPoolExecutor(max_workers=BATCH + MOST_HELD)
        self._held: dict[Future[_Answer], _Held] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        """Wait for whoever has not answered yet."""
        try:
            self._note(within=None)
        finally:
            self._threads.shutdown()

    def is_waiting(self) -> bool:
        """Whether somebody has not answered yet."""
        return bool(self._held)

    def post_round(self, *, now: datetime) -> int:
        """Post what is due, and note what is answered meanwhile; return how many were tried.

        Each try is counted before it is made. The network is never waited for inside a transaction.
        While effects are paused nothing is posted, and who was asked before is waited for all the same.
        """
        leased: list[int] = []
        if len(self._held) <= MOST_HELD and not effects_are_paused():
            _give_up_unrecorded(now)
            leased = _lease(now, but=self._busy())
        found = WebhookDelivery.objects.filter(pk__in=leased).select_related("endpoint", "event")
        for delivery in found.order_by("pk"):
            posting = self._threads.submit(_post, delivery, webhook_body(delivery.event), now)
            self._held[posting] = _Held(delivery, now, monotonic())
        if not leased and self._held:
            wait(self._held, timeout=PATIENCE_S, return_when=FIRST_COMPLETED)
        self._note(within=ROUND_S)
        return len(leased)

    def _busy(self) -> set[int]:
        """Endpoints that are given nothing now: they answer so many at once already, or are slow to."""
        answering = Counter(held.delivery.endpoint_id for held in self._held.values())
        late = monotonic() - PATIENCE_S
        slow = {held.delivery.endpoint_id for held in self._held.values() if held.begun <= late}
        return slow | {pk for pk, count in answering.items() if count >= AT_ONCE}

    def _note(self, *, within: float | None) -> None:
        """Note answers as they come, until nobody is waited for or the time is over."""
        with suppress(TimeoutError):
            for posted in as_completed(list(self._held), timeout=within):
                held = self._held.pop(posted)
                took = timedelta(seconds=monotonic() - held.begun)
                _record(held.delivery, posted.result(), held.at + took)


def _give_up_unrecorded(now: datetime) -> None:
    """Fail what was tried as often as may be, the last time by a worker that did not live to say so."""
    due = WebhookDelivery.objects.filter(status="pending", due_at__lte=now)
    spent = due.filter(attempts__gt=len(WAITS))
    spent.update(status="failed", error="the worker ended before the answer was recorded")


def _lease(now: datetime, *, but: Collection[int] = ()) -> list[int]:
    """Lease what is posted in one round: of each endpoint its first, then of each its second, until the round is full.

    but   endpoints that are given nothing now
    Of a receiver that was silent, or asked to be left alone, one: that which was tried most, so that some day the
    endpoint is paused. The oldest of all, whosever it was, gave every round to the longest backlog.
    """
    with transaction.atomic(durable=True), connection.cursor() as cursor:
        cursor.execute(
            """
            WITH next AS (
                SELECT d.id FROM erp_webhookendpoint e CROSS JOIN LATERAL (
                    SELECT id, due_at, row_number() OVER (ORDER BY tried DESC, due_at, id) AS place FROM (
                        SELECT id, due_at, (e.wait_until IS NOT NULL)::int * attempts AS tried
                        FROM erp_webhookdelivery WHERE endpoint_id = e.id AND status = 'pending' AND due_at <= %(now)s
                        ORDER BY tried DESC, due_at, id
                        LIMIT CASE WHEN e.wait_until IS NULL THEN %(most)s ELSE 1 END) first) d
                WHERE e.status = 'active' AND (e.wait_until IS NULL OR e.wait_until <= %(now)s)
                AND e.id <> ALL(%(but)s)
                ORDER BY d.place, d.due_at, d.id LIMIT %(most)s),
            due AS (
                SELECT id FROM erp_webhookdelivery WHERE id IN (SELECT id FROM next)
                AND status = 'pending' AND due_at <= %(now)s FOR UPDATE SKIP LOCKED)
            UPDATE erp_webhookdelivery d SET attempts = attempts + 1, due_at = %(until)s
            FROM due WHERE d.id = due.id RETURNING d.id
            """,
            {"now": now, "most": BATCH, "until": now + LEASE, "but": list(but)},
        )
        return [pk for (pk,) in cursor.fetchall()]


def _post(delivery: WebhookDelivery, body: bytes, now: datetime) -> _Answer:
    """Post one delivery; touches no database, so that many can wait for the network together."""
    endpoint = delivery.endpoint
    message_id, at = public_id("evt", delivery.event_id), int(now.timestamp())
    keys = [endpoint.secret]
    if endpoint.previous_until and now < endpoint.previous_until:
        keys.append(endpoint.previous_secret)
    headers = {
        "Content-Type": "application/json",
        "User-Agent": "Throughline-Webhooks",
        "webhook-id": message_id,
        "webhook-timestamp": str(at),
        "webhook-signature": " ".join(signed(message_id, at, body, key) for key in keys),
    }
    begun = monotonic()
    try:
        status, wish = post(checked(endpoint.url), body, headers)
    except (Refused, OSError) as error:
        is_silent = monotonic() - begun >= SILENT_S
        return _Answer(None, f"{type(error).__name__}: {error}"[:300], is_silent=is_silent)
    except Exception as error:  # one address that nobody foresaw must not stop the others
        logger.exception("Posting to endpoint %s", delivery.endpoint_id)
        return _Answer(None, f"{type(error).__name__}: {error}"[:300])
    return _Answer(status, "" if 200 <= status < 300 else f"answered {status}", wish)


def _record(delivery: WebhookDelivery, answer: _Answer, now: datetime) -> None:
    answered, error, wish, is_silent = answer
    rows = WebhookDelivery.objects.filter(pk=delivery.pk, status="pending")
    if not error:
        rows.update(status="sent", answered=answered, error="", sent_at=now)
        _trust_again(delivery, now)
        return
    if wish and answered in ASKS_TO_WAIT and now - delivery.event.at < LONGEST:
        _put_off(delivery, answer, now)
        return
    gone = answered == 410  # the receiver says that it wants no more
    if delivery.attempts > len(WAITS) or gone:
        rows.update(status="failed", answered=answered, error=error)
        WebhookEndpoint.objects.filter(pk=delivery.endpoint_id).update(status="paused")
        logger.warning("Endpoint %s is paused: %s", delivery.endpoint_id, error)
        return
    wait = WAITS[delivery.attempts - 1] * random.uniform(0.9, 1.2)
    rows.update(answered=answered, error=error, due_at=now + max(wait, wish))
    if wish or is_silent:
        _leave_alone(delivery, now + max(wish, SILENCE if is_silent else wish))


def _put_off(delivery: WebhookDelivery, answer: _Answer, now: datetime) -> None:
    """Try again when the receiver asks for it; that is no failed try, as long as the event is young enough.

    What is asked again and again is asked less often, by how long it has taken already.
    """
    age = now - delivery.event.at
    until = now + max(answer.wish, WAITS[0], age / 10)
    WebhookDelivery.objects.filter(pk=delivery.pk, status="pending").update(
        answered=answer.status,
        error=answer.error,
        due_at=until,
        attempts=Greatest(F("attempts"), 1) - 1,
    )
    _leave_alone(delivery, now + answer.wish)


def _leave_alone(delivery: WebhookDelivery, until: datetime) -> None:
    """Post nothing else to a receiver for so long: it asks to be left alone, not for one event.

    What waited was put off once; an event of the next minute was posted all the same.
    """
    mine = WebhookEndpoint.objects.filter(pk=delivery.endpoint_id)
    mine.update(wait_until=Greatest(Coalesce("wait_until", until), until))


def _trust_again(delivery: WebhookDelivery, now: datetime) -> None:
    """A receiver that has taken an event gets as many as others again."""
    if delivery.endpoint.wait_until is not None:
        mine = WebhookEndpoint.objects.filter(pk=delivery.endpoint_id, wait_until__lte=now)
        mine.update(wait_until=None)
