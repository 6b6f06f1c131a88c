"""Reads the alerts of a person's role, newest first."""

from django.db.models import Q, QuerySet

from erp.access.models import Actor
from erp.notices.kinds import AT_FIRST
from erp.notices.models import Notice, NoticeMark, NoticeSubscription

MOST_SHOWN = 100


def subscribed_roles() -> dict[tuple[str, str], bool]:
    """Return subscribed roles: (role, kind) -> whether by mail too. One statement."""
    told = {(role, kind): False for kind, roles in AT_FIRST.items() for role in roles}
    for row in NoticeSubscription.objects.all():
        told.pop((row.role, row.kind), None)
        if row.is_told:
            told[row.role, row.kind] = row.by_mail
    return told


def staff_alerts_for(actor: Actor) -> QuerySet[Notice]:
    """Return a person's alerts, newest first."""
    kinds = [kind for role, kind in subscribed_roles() if role == actor.role]
    rows = Notice.objects.filter(Q(role=actor.role) | Q(role="", kind__in=kinds))
    return rows.order_by("-at", "-pk")


def unread_alerts(actor: Actor, *, limit: int = 5) -> list[Notice]:
    """Return a person's newest unread alerts."""
    mark = NoticeMark.objects.filter(actor=actor).values_list("seen_id", flat=True).first() or 0
    return list(staff_alerts_for(actor).filter(pk__gt=mark)[:limit])
