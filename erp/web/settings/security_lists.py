"""Lists security events in the settings."""

import django_filters
from django.db.models import QuerySet
from django.utils.html import format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy

from erp.access.models import Actor
from erp.lists.filters import AnyOf, ListFilter
from erp.lists.page import Column, ListPage, Tab
from erp.security.kinds import KINDS
from erp.security.models import SecurityEvent
from erp.web.columns import lines_column, text_column, time_column


class SecurityFilter(ListFilter):
    kind = AnyOf(choices=list(KINDS.items()), label=gettext_lazy("What"))
    actor_id = django_filters.NumberFilter(label=gettext_lazy("By"))
    address = django_filters.CharFilter(label=gettext_lazy("Address"))
    request_id = django_filters.CharFilter(label=gettext_lazy("Request"))


def _events(actor: Actor) -> QuerySet[SecurityEvent]:
    return SecurityEvent.objects.all()


def _add_names(rows: list[SecurityEvent]) -> None:
    ids = {row.actor_id for row in rows if row.actor_id}
    names: dict[int | None, str] = dict(Actor.objects.filter(pk__in=ids).values_list("pk", "name"))
    for row in rows:
        row.shown_by = names.get(row.actor_id, "")


def _facts(event: SecurityEvent) -> SafeString:
    return format_html_join(
        "",
        "<span class='two'><span class='mono'>{}</span> {}</span>",
        ((name, _short(value)) for name, value in event.facts.items()),
    )


def _told_facts(event: SecurityEvent) -> list[tuple[str, object]]:
    return list(event.facts.items())


def _short(value: object) -> str:
    text = ", ".join(map(str, value)) if isinstance(value, list) else str(value)
    return text if len(text) <= 80 else f"{text[:77]}…"


SECURITY: ListPage[SecurityEvent] = ListPage(
    name="security-events",
    path="/settings/security/",
    title=gettext_lazy("Security events"),
    right="audit.view",
    rows=_events,
    columns=(
        Column("kind", gettext_lazy("What"), lambda e: str(KINDS.get(e.kind, e.kind)), main=True),
        text_column("by", gettext_lazy("By"), lambda e: e.shown_by),
        text_column("address", gettext_lazy("Address"), lambda e: e.address),
        lines_column(
            "facts",
            gettext_lazy("Details"),
            ((gettext_lazy("Name"), False), (gettext_lazy("Value"), False)),
            _told_facts,
            cell=_facts,
        ),
        text_column("request", gettext_lazy("Request"), lambda e: e.request_id, extra=True),
        time_column("at", gettext_lazy("When"), lambda e: e.at),
    ),
    order=("-id",),
    names="kind",
    filters=SecurityFilter,
    tabs=(
        Tab(gettext_lazy("All")),
        Tab(gettext_lazy("Failed sign-ins"), "kind=sign_in_failed"),
        Tab(gettext_lazy("Denied"), "kind=denied"),
    ),
    prepare=_add_names,
    empty=gettext_lazy("Sign-ins, changes of rights and secrets, and refusals are recorded here."),
)
