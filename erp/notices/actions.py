"""Alerts staff, sets which role gets which alert and marks alerts as read."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from itertools import islice

from django.db import transaction
from django.utils import translation
from django.utils.translation import gettext as _

from erp.access.models import Actor, Company, User
from erp.access.queries import require, sign_history
from erp.access.roles import STAFF
from erp.errors import Invalid
from erp.events.models import Event
from erp.events.record import record_event
from erp.messages.compose import Notification, queue_messages
from erp.notices.kinds import KINDS, Found, words_of
from erp.notices.models import Notice, NoticeMark, NoticeSubscription
from erp.notices.queries import staff_alerts_for, subscribed_roles
from erp.once import perform
from erp.rounds import by_rows
from erp.wiring import WATCHES, resolve

AT_ONCE = 500  # things found that are compared with what was told, in one statement
MOST_NEW = 200  # alerts of one source told in one round
KEY_LENGTH = 120


@transaction.atomic(savepoint=False)
def alert_staff(
    *,
    kind: str,
    key: str,
    params: Mapping[str, object],
    url: str = "",
    role: str = "",
    now: datetime,
) -> Notice | None:
    """Alert staff, once per kind and key; None where that alert exists already.

    role   whose people are told; "" for the roles that are subscribed to the kind
    Those who want mail get it by an event of its own.
    """
    notice, is_new = Notice.objects.get_or_create(
        kind=kind,
        key=key[:KEY_LENGTH],
        role=role,
        defaults={"params": dict(params), "url": url[:200], "at": now},
    )
    if not is_new:
        return None
    record_event("notice.told", subject=f"notice:{notice.pk}", channel_id=None, notice_id=notice.pk)
    return notice


@transaction.atomic(savepoint=False)
def mail_notice(*, event: Event, now: datetime) -> int:
    """On notice.told: e-mail an alert to everybody subscribed by mail; return how many."""
    notice = Notice.objects.get(pk=event.facts["notice_id"])
    roles = [
        role
        for (role, kind), by_mail in subscribed_roles().items()
        if by_mail and kind == notice.kind
    ]
    if notice.role:
        roles = [notice.role] if notice.role in roles else []
    people = User.objects.filter(
        actor__role__in=roles, actor__is_active=True, is_active=True
    ).exclude(email="")
    notifications = [_mail(event, notice, person) for person in people.order_by("pk")]
    queue_messages(notifications=notifications)
    return len(notifications)


def _mail(event: Event, notice: Notice, person: User) -> Notification:
    language = person.language or "en"
    with translation.override(language):
        said = words_of(notice.kind, notice.params)
    return Notification(
        event=event,
        template="notice",
        subject_ref=f"notice:{notice.pk}",
        language=language,
        recipient=person.email,
        context={"said": said, "url": notice.url},
        structured={},
    )


@transaction.atomic(savepoint=False)
def subscribe_roles(
    *, wanted: Mapping[tuple[str, str], bool], approval_hours: int, by: Actor, now: datetime
) -> int:
    """Subscribe roles to alerts: (role, kind) -> whether by mail too; all others are unsubscribed.

    approval_hours   after which an approval that nobody gave is told of

    Raises Invalid for a role or a kind that there is not. Returns how many are.
    """
    require(by, "settings.edit")
    sign_history(by)
    for role, kind in wanted:
        if role not in STAFF or kind not in KINDS:
            raise Invalid(_("There is no such role or alert."))
    if not 1 <= approval_hours <= 720:
        raise Invalid(_("Between 1 and 720 hours."))
    Company.objects.filter(pk=1).update(approval_hours=approval_hours)
    rows = [
        NoticeSubscription(
            role=r, kind=k, is_told=(r, k) in wanted, by_mail=wanted.get((r, k), False)
        )
        for r in STAFF
        for k in KINDS
    ]
    NoticeSubscription.objects.bulk_create(
        rows,
        update_conflicts=True,
        unique_fields=["role", "kind"],
        update_fields=["is_told", "by_mail"],
    )
    return len(wanted)


@transaction.atomic(savepoint=False)
def mark_alerts_read(*, by: Actor, now: datetime) -> int:
    """Mark all alerts as read; return the newest alert's id."""
    newest = staff_alerts_for(by).order_by("-pk").values_list("pk", flat=True).first() or 0
    NoticeMark.objects.update_or_create(actor=by, defaults={"seen_id": newest})
    return newest


def watch(*, now: datetime) -> int:
    """Check every alert source and record new alerts; return how many.

    A source names all that it finds; of what is not told yet, the first `MOST_NEW` are told now and the next
    ones the next time, so that whatever keeps standing hides nothing behind it.
    """
    with by_rows("watch") as turn:
        told = turn.each(
            WATCHES,
            lambda source: turn.each(
                islice(_news(resolve(source)(now)), MOST_NEW),
                lambda found: perform(alert_staff, now=now, **found._asdict()),
            ),
        )
    return sum(notice is not None for of_source in told for notice in of_source)


def _news(found: Iterator[Found]) -> Iterator[Found]:
    """What of this was not told yet: asked of `AT_ONCE` at a time."""
    while batch := list(islice(found, AT_ONCE)):
        keys = {f.key[:KEY_LENGTH] for f in batch}
        told = Notice.objects.filter(kind__in={f.kind for f in batch}, key__in=keys, role="")
        known = set(told.values_list("kind", "key"))
        yield from (f for f in batch if (f.kind, f.key[:KEY_LENGTH]) not in known)
