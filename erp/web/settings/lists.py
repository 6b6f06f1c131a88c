"""Lists master-data changes and webhook deliveries in the settings."""

import django_filters
from django.db.models import QuerySet
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy

from erp.access.models import Actor
from erp.audit.models import HistoryEntry
from erp.events.models import WebhookDelivery
from erp.ids import public_id
from erp.lists.filters import AnyOf, ListFilter
from erp.lists.page import Column, ListPage, Tab
from erp.web.columns import lines_column, state_column, text_column, time_column

SECRET = {"password", "webhook_secret", "secret", "secret_hash"}


class HistoryFilter(ListFilter):
    change = AnyOf(
        choices=[
            ("insert", gettext_lazy("Added")),
            ("update", gettext_lazy("Changed")),
            ("delete", gettext_lazy("Deleted")),
        ],
        label=gettext_lazy("What"),
    )
    table = django_filters.CharFilter(label=gettext_lazy("Table"))
    row = django_filters.CharFilter(label=gettext_lazy("Row"))
    by = django_filters.NumberFilter(label=gettext_lazy("By"))


def _history(actor: Actor) -> QuerySet[HistoryEntry]:
    return HistoryEntry.objects.all()


def _add_names(rows: list[HistoryEntry]) -> None:
    names: dict[int | None, str] = dict(
        Actor.objects.filter(pk__in={r.by for r in rows}).values_list("pk", "name")
    )
    for row in rows:
        row.shown_by = names.get(row.by, "")


def changes_of(entry: HistoryEntry) -> list[tuple[str, object, object]]:
    """The fields that an entry changed: (field, before, after); secrets are not shown."""
    before, after = entry.before or {}, entry.after or {}
    names = [n for n in {**before, **after} if before.get(n) != after.get(n) and n not in SECRET]
    return [(name, before.get(name), after.get(name)) for name in names]


def _changes(entry: HistoryEntry) -> SafeString:
    if entry.change != "update":
        shown = entry.after or entry.before or {}
        return format_html("{}", shown.get("name") or shown.get("code") or "")
    return format_html_join(
        "",
        "<span class='two'><span class='mono'>{}</span> {} → {}</span>",
        ((name, _short(old), _short(new)) for name, old, new in changes_of(entry)[:6]),
    )


def _told_changes(entry: HistoryEntry) -> list[tuple[str, object, object]]:
    """All that changed, as an export has it: whole; of a row that came or went, its name."""
    if entry.change == "update":
        return changes_of(entry)
    named = next((c for c in changes_of(entry) if c[0] in {"name", "code"} and any(c[1:])), None)
    return [named] if named else []


def _short(value: object) -> str:
    text = "–" if value in (None, "") else str(value)
    return text if len(text) <= 60 else f"{text[:57]}…"


WORDS = {
    "insert": gettext_lazy("Added"),
    "update": gettext_lazy("Changed"),
    "delete": gettext_lazy("Deleted"),
}


HISTORY: ListPage[HistoryEntry] = ListPage(
    name="audit-log",
    path="/settings/audit-log/",
    title=gettext_lazy("Audit log"),
    right="settings.view",
    rows=_history,
    columns=(
        Column("table", gettext_lazy("Table"), lambda h: h.table, main=True),
        Column("row", gettext_lazy("Row"), lambda h: h.row),
        Column("change", gettext_lazy("What"), lambda h: str(WORDS[h.change])),
        lines_column(
            "changes",
            gettext_lazy("Changes"),
            (
                (gettext_lazy("Field"), False),
                (gettext_lazy("Before"), False),
                (gettext_lazy("After"), False),
            ),
            _told_changes,
            cell=_changes,
        ),
        text_column("by", gettext_lazy("By"), lambda h: h.shown_by),
        time_column("at", gettext_lazy("When"), lambda h: h.at),
    ),
    order=("-id",),
    names="table",
    filters=HistoryFilter,
    tabs=(Tab(gettext_lazy("All")), Tab(gettext_lazy("Changed"), "change=update")),
    prepare=_add_names,
    empty=gettext_lazy("Every change to master data and settings is recorded here."),
)


class DeliveryFilter(ListFilter):
    status = AnyOf(choices=WebhookDelivery.Status.choices, label=gettext_lazy("State"))
    endpoint = django_filters.NumberFilter(label=gettext_lazy("Endpoint"))


def _deliveries(actor: Actor) -> QuerySet[WebhookDelivery]:
    return WebhookDelivery.objects.select_related("event", "endpoint")


def _answer(delivery: WebhookDelivery) -> SafeString:
    return format_html(
        "{}<span class='two'>{}</span>", delivery.answered or "–", _short(delivery.error)
    )


DELIVERIES: ListPage[WebhookDelivery] = ListPage(
    name="deliveries",
    path="/settings/webhooks/deliveries/",
    title=gettext_lazy("Webhook deliveries"),
    right="settings.view",
    rows=_deliveries,
    columns=(
        Column("event", gettext_lazy("Event"), lambda d: public_id("evt", d.event_id), main=True),
        Column("type", gettext_lazy("Type"), lambda d: d.event.topic),
        Column("url", gettext_lazy("Endpoint"), lambda d: d.endpoint.url),
        state_column("status", gettext_lazy("State"), "status"),
        Column("attempts", gettext_lazy("Attempts"), lambda d: d.attempts, numeric=True),
        Column(
            "answer",
            gettext_lazy("Response"),
            _answer,
            value=lambda d: d.answered or "",
            second=(gettext_lazy("Reason"), lambda d: d.error),
        ),
        time_column(
            "due",
            gettext_lazy("Next attempt"),
            lambda d: d.due_at if d.status == "pending" else None,
        ),
        time_column("sent", gettext_lazy("Delivered"), lambda d: d.sent_at),
    ),
    order=("-id",),
    names="event__topic",
    filters=DeliveryFilter,
    tabs=(
        Tab(gettext_lazy("All")),
        Tab(gettext_lazy("Waiting"), "status=pending"),
        Tab(gettext_lazy("Failed"), "status=failed"),
    ),
    empty=gettext_lazy("Every webhook delivery is listed here with its response."),
)
