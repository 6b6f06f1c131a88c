"""Serves business figures over the API, each with its formula and a link to its rows."""

from datetime import datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

from django.http import HttpResponse
from django.utils import timezone
from django.utils.dateparse import parse_date, parse_datetime
from django.utils.translation import gettext as _
from rest_framework.request import Request

from analytics.metrics import METRICS
from analytics.queries import GROUPS, figure
from erp.access.models import Channel
from erp.api.endpoint import Endpoint, answer_json, check_parameters
from erp.api.schema import operation
from erp.errors import Malformed, NotFound


class Analytics(Endpoint):
    rights = {"get": "analytics.view"}

    @operation(
        "Read a figure",
        query={
            "from": "date or time, included; default 30 days ago",
            "to": "date (included) or time (excluded); default now",
            "channel": "code; a key sees its own",
            "by": ", ".join(GROUPS),
        },
    )
    def get(self, request: Request, metric: str) -> HttpResponse:
        check_parameters(request, {"from", "to", "channel", "by"})
        asked = request.query_params
        now = timezone.now()
        channel = self.actor.channel
        if asked.get("channel"):
            if channel is not None and asked["channel"] != channel.code:
                raise NotFound
            channel = channel or Channel.objects.filter(code=asked["channel"]).first()
            if channel is None:
                raise NotFound
        zone = ZoneInfo(channel.time_zone if channel else "UTC")
        until = _moment(asked.get("to", ""), "to", zone, whole_day=True) or now
        since = _moment(asked.get("from", ""), "from", zone) or until - timedelta(days=30)
        by = asked.get("by", "day")
        found = figure(
            metric,
            since=since,
            until=until,
            channel_id=channel.pk if channel else None,
            by=by,
            time_zone=zone.key,
            currency=channel.currency if channel else "",
        )
        return answer_json(
            {
                "object": "figure",
                "metric": metric,
                "formula": found.metric.formula,
                "unit": found.metric.unit,
                "value": _text(found.value),
                "currency": found.currency,
                "filters": {
                    "from": since,
                    "to": until,
                    "channel": channel.code if channel else None,
                    "by": by,
                },
                "as_of": now,
                "series": [{"at": key, "value": _text(value)} for key, value in found.series],
                "rows_url": found.metric.rows_url,
            }
        )


class Metrics(Endpoint):
    rights = {"get": "analytics.view"}

    @operation("List figures")
    def get(self, request: Request) -> HttpResponse:
        return answer_json(
            {
                "data": [
                    {
                        "metric": m.code,
                        "name": str(m.name),
                        "formula": m.formula,
                        "unit": m.unit,
                    }
                    for m in METRICS.values()
                ]
            }
        )


def _text(value: Decimal | None) -> str | None:
    """A number as a decimal string: exact, never an exponent."""
    if value is None:
        return None
    text = f"{value:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def _moment(text: str, name: str, zone: ZoneInfo, *, whole_day: bool = False) -> datetime | None:
    if not text:
        return None
    try:
        day = parse_date(text)
        if day is not None:
            start = datetime(day.year, day.month, day.day, tzinfo=zone)
            return start + timedelta(days=1) if whole_day else start
        value = parse_datetime(text.replace(" ", "+"))
    except ValueError:
        value = None
    if value is None or value.tzinfo is None:
        raise Malformed(_("%(name)s is a date or a time with its zone.") % {"name": name})
    return value
