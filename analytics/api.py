"""Serves business figures over the API, each with its formula and a link to its rows."""

from decimal import Decimal

from django.http import HttpResponse
from django.utils import timezone
from rest_framework.request import Request

from analytics.metrics import METRICS
from analytics.periods import read_period, scope_of
from analytics.queries import GROUPS, figure
from erp.access.models import Channel
from erp.api.endpoint import Endpoint, answer_json, check_parameters
from erp.api.schema import operation
from erp.errors import NotFound


class Analytics(Endpoint):
    rights = {"get": "analytics.view"}

    @operation(
        "Read a figure",
        query={
            "from": "date or time, included; default the 30 days up to `to`",
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
        scope = scope_of(channel)
        since, until = read_period(
            asked.get("from", ""), asked.get("to", ""), zone=scope.time_zone, now=now, days=30
        )
        by = asked.get("by", "day")
        found = figure(metric, since=since, until=until, by=by, **scope._asdict())
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
