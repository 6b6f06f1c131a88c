"""Serves the event feed to programs: `GET /events?after=`."""

from django.http import HttpResponse
from django.utils import timezone
from rest_framework.request import Request

from erp.api.endpoint import MOST_ROWS, Endpoint, answer_json, check_parameters, whole_number
from erp.api.schema import operation
from erp.events.feed import event_documents, events_after


class Events(Endpoint):
    rights = {"get": "events.view"}

    @operation(
        "List events of the last 30 days, without gaps",
        query={
            "after": "the id of the last event seen; absent: the oldest kept",
            "limit": "1 to 100",
        },
    )
    def get(self, request: Request) -> HttpResponse:
        check_parameters(request, {"after", "limit"})
        limit = whole_number(request, "limit", 50, 1, MOST_ROWS)
        last = request.query_params.get("after", "")
        events, has_more = events_after(last, actor=self.actor, limit=limit, now=timezone.now())
        data = event_documents(events)
        return answer_json(
            {
                "data": data,
                "has_more": has_more,
                "next_cursor": data[-1]["id"] if data else last or None,
            }
        )
