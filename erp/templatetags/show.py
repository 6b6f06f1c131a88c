"""Formats values on pages and in messages: money, times, statuses, icons."""

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from functools import lru_cache

from django import template
from django.db.models import Model
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language, gettext, ngettext

from erp.form_rows import MADE_FROM, made_from
from erp.icons import ICONS
from erp.ids import public_id
from erp.money import shown, shown_price
from erp.names import Named, other_languages
from erp.shapes import Words
from erp.zones import offset_of

register = template.Library()


@register.simple_tag
def made_from_row(row: Model | None) -> SafeString:
    """The hidden field of a form that changes a row: what it was made from (erp/form_rows.py)."""
    return format_html(
        '<input type="hidden" name="{}" value="{}">', MADE_FROM, made_from(row) if row else ""
    )


@register.filter
def money(amount: Decimal, currency: str) -> str:
    """An amount in the reader's way of writing it."""
    return shown(Decimal(amount or 0), currency, get_language() or "en")


@register.filter
def price(amount: Decimal, currency: str) -> str:
    """The price of one unit, with all its digits."""
    return shown_price(Decimal(amount or 0), currency, get_language() or "en")


@register.filter
def other_names(row: Named | None) -> list[tuple[str, str, str]]:
    """What a form asks for besides a row's name: (language, what it is called, the name in it)."""
    names = row.translations if row else {}
    return [(code, label, names.get(code, "")) for code, label in other_languages()]


@register.filter
def ago(moment: datetime | None) -> str:
    """A relative time with the exact one on hover, in the reader's zone."""
    if moment is None:
        return ""
    exact = timezone.localtime(moment)
    return format_html(
        '<time datetime="{}" title="{}">{}</time>',
        exact.isoformat(),
        exact.strftime("%Y-%m-%d %H:%M"),
        _relative(moment, timezone.now()),
    )


def _relative(moment: datetime, now: datetime) -> str:
    seconds = (now - moment).total_seconds()
    ahead, seconds = seconds < 0, abs(seconds)
    if seconds < 60:
        return gettext("now")
    if seconds < 3600:
        n = int(seconds // 60)
        text = ngettext("%(n)s min", "%(n)s min", n) % {"n": n}
    elif seconds < 86_400:
        n = int(seconds // 3600)
        text = ngettext("%(n)s h", "%(n)s h", n) % {"n": n}
    elif seconds < 30 * 86_400:
        n = int(seconds // 86_400)
        text = ngettext("%(n)s day", "%(n)s days", n) % {"n": n}
    else:
        return timezone.localtime(moment).strftime("%Y-%m-%d")
    return (
        gettext("in %(time)s") % {"time": text}
        if ahead
        else gettext("%(time)s ago") % {"time": text}
    )


@register.filter
def customer_id(pk: int) -> str:
    """A customer's public id."""
    return public_id("cus", pk)


@register.filter
def public(pk: int, prefix: str) -> str:
    """A row's public id: `pk|public:"line"`."""
    return public_id(prefix, pk)


@register.filter
def plain(number: Decimal | None) -> str:
    """A number as a field takes it: no grouping, no zeros that say nothing."""
    return "" if number is None or number == "" else f"{Decimal(number).normalize():f}"


@register.filter
def words(text: str) -> list[str]:
    """The words of a text."""
    return text.split()


@register.filter
def share(part: float) -> str:
    """A share as a percentage: 0.983 is 98.3 %."""
    return f"{part * 100:.1f} %"


@register.filter
def grouped(number: int) -> str:
    """A count with its thousands apart."""
    return f"{number or 0:,}"


@register.filter
def duration(seconds: float) -> str:
    """A time span in the unit that suits it."""
    if seconds < 90:
        return gettext("%(n)s s") % {"n": round(seconds)}
    if seconds < 5400:
        return gettext("%(n)s min") % {"n": round(seconds / 60)}
    return gettext("%(n)s h") % {"n": f"{seconds / 3600:.1f}"}


@register.simple_tag
@lru_cache(maxsize=512)
def icon(name: str, label: str = "") -> SafeString:
    """An inline SVG icon; decorative unless it has a label."""
    attributes = (
        format_html('role="img" aria-label="{}"', label)
        if label
        else mark_safe('aria-hidden="true"')
    )
    return format_html(
        '<svg class="icon" viewBox="0 0 16 16" width="16" height="16" fill="none" stroke="currentColor" '
        'stroke-width="1.5" stroke-linecap="round" stroke-linejoin="round" {}>{}</svg>',
        attributes,
        mark_safe(ICONS.get(name, "")),  # a constant of ours
    )


TONES = {
    "good": {
        "confirmed",
        "completed",
        "paid",
        "fulfilled",
        "delivered",
        "done",
        "sent",
        "shipped",
        "inspected",
        "approved",
        "processed",
    },
    "warn": {
        "pending",
        "unpaid",
        "part_paid",
        "partial",
        "in_progress",
        "requested",
        "planned",
        "picking",
        "released",
        "picked",
        "packed",
        "picked_up",
        "in_transit",
        "on_hold",
        "delivery_delayed",
        "out_for_delivery",
        "part_received",
        "received",
        "proposed",
        "submitted",
        "waiting",
        "running",
        "authorised",
        "held",
        "ready_for_pickup",
        "backordered",
        "part_refunded",
    },
    "bad": {
        "cancelled",
        "rejected",
        "failed",
        "delivery_failed",
        "return_to_sender",
        "declined",
        "hold",
        "short",
        "expired",
        "stopped",
    },
}
MARKS = {"good": "check", "warn": "clock", "bad": "cross", "calm": "dot"}


@register.filter
def with_zone(moment: datetime | None, form: str = "DATETIME_FORMAT") -> str:
    """A moment as people outside read it: in the zone that is shown, which it names (UTC+8)."""
    if moment is None:
        return ""
    return f"{date_format(timezone.localtime(moment), form)} ({offset_of(moment)})"


@register.simple_tag
def pill(value: str, label: Words) -> SafeString:
    """A status as word, icon and colour."""
    return _pill(value, str(label))


@lru_cache(maxsize=1024)  # a list has hundreds of the same few
def _pill(value: str, label: str) -> SafeString:
    tone = next((tone for tone, values in TONES.items() if value in values), "calm")
    return format_html('<span class="pill pill-{}">{}{}</span>', tone, icon(MARKS[tone]), label)


@register.simple_tag
def flagged(colour: str, label: object) -> SafeString:
    """The flag that staff marked something with: a colour, and its name for who cannot see it."""
    if not colour:
        return SafeString("")
    return format_html(
        ' <span class="flag flag-{}" title="{}">{}<span class="visually-hidden">{}</span></span>',
        colour,
        label,
        icon("flag"),
        label,
    )


def status_of(row: Model, name: str) -> SafeString:
    """The pill of a field with choices."""
    return pill(getattr(row, name), label_of(row, name))


def label_of(row: Model, name: str) -> str:
    """The label of a choice. Django's own `get_…_display` hashes every choice each time."""
    value = getattr(row, name)
    return str(_labels(type(row), name).get(value, value))


@lru_cache(maxsize=64)
def _labels(model: type[Model], name: str) -> dict[object, object]:
    return dict(model._meta.get_field(name).flatchoices)  # type: ignore[union-attr]


@register.filter
def get(mapping: Mapping[object, object], key: object) -> object:
    """`mapping|get:key`."""
    return mapping.get(key)
