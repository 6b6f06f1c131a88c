"""Reads the event feed in an order that no late commit can slip into."""

from collections.abc import Sequence
from datetime import datetime, timedelta

import msgspec
from django.db.models import BooleanField, Q, QuerySet
from django.db.models.expressions import RawSQL
from django.utils.translation import gettext as _

from erp.access.models import Actor
from erp.errors import Gone
from erp.events.models import Event
from erp.ids import primary_key, public_id
from erp.keyset import after
from erp.wiring import EVENT_FACTS, resolve

KEPT = timedelta(days=30)
ORDER = ("tx", "id")


def events_after(
    event: str, *, actor: Actor, limit: int, now: datetime
) -> tuple[list[Event], bool]:
    """Return the events after one (an `evt_…` id, "" for the oldest kept), and whether more exist.

    Ordered by writing transaction, and only those before every transaction still running: an id
    alone would let a transaction that commits late hide behind a reader who has gone past it.
    Raises Gone for an event that is no longer kept, or never was.
    """
    rows = _settled().filter(at__gte=now - KEPT)
    if actor.channel_id is not None:
        rows = rows.filter(Q(channel_id=actor.channel_id) | Q(channel_id=None))
    if event:
        last = Event.objects.filter(pk=primary_key("evt", event) or 0, at__gte=now - KEPT).first()
        if last is None:
            raise Gone(
                _("Events are kept for 30 days, and this one is gone. Start again without `after`.")
            )
        rows = rows.filter(after(ORDER, [last.tx, last.pk]))
    found = list(rows.order_by(*ORDER)[: limit + 1])
    return found[:limit], len(found) > limit


def events_of_channel(channel_id: int, *, after_tx: int, after_id: int, limit: int) -> list[Event]:
    """Return a channel's events after a position in the order of `events_after`."""
    rows = _settled().filter(Q(channel_id=channel_id) | Q(channel_id=None))
    return list(rows.filter(after(ORDER, [after_tx, after_id])).order_by(*ORDER)[:limit])


def _settled() -> QuerySet[Event]:
    """Events of transactions older than every one that still runs."""
    before_all_running = "tx < pg_snapshot_xmin(pg_current_snapshot())::text::bigint"
    return Event.objects.filter(RawSQL(before_all_running, [], output_field=BooleanField()))


def event_documents(events: Sequence[Event]) -> list[dict[str, object]]:
    """Events as the API shows them: numbers and public ids instead of keys, a statement a kind."""
    wanted: dict[str, set[int]] = {}
    for event in events:
        for fact, value in event.facts.items():
            if fact in EVENT_FACTS:
                ids = value if isinstance(value, list) else [value]
                # Stock that no single warehouse is behind names none.
                wanted.setdefault(fact, set()).update(one for one in ids if one is not None)
    shown = {fact: resolve(EVENT_FACTS[fact][1])(sorted(ids)) for fact, ids in wanted.items()}
    return [
        {
            "object": "event",
            "id": public_id("evt", event.pk),
            "type": event.topic,
            "created_at": event.at,
            "data": _data(event.facts, shown),
        }
        for event in events
    ]


def webhook_body(event: Event) -> bytes:
    """The body of an event's webhook: `{"type", "timestamp", "data"}`, as Standard Webhooks have it."""
    document = event_documents([event])[0]
    return msgspec.json.encode(
        {
            "id": document["id"],
            "type": document["type"],
            "timestamp": document["created_at"],
            "data": document["data"],
        }
    )


def _data(facts: dict[str, object], shown: dict[str, dict[object, object]]) -> dict[str, object]:
    data: dict[str, object] = {}
    for fact, value in facts.items():
        if fact in EVENT_FACTS:
            name, known = EVENT_FACTS[fact][0], shown[fact]
            if isinstance(value, list):
                data[name] = [known[pk] for pk in value if pk in known]
            else:
                data[name] = known.get(value)
        elif not fact.endswith(("_id", "_ids")):
            data[fact] = value
    return data
