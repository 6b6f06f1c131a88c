"""Serves the tracking of parcels over the API: reads it, and takes what carriers report."""

from collections.abc import Sequence
from datetime import datetime
from typing import Literal

import msgspec
from django.http import HttpResponse
from django.utils import timezone
from rest_framework.request import Request

from erp.api.endpoint import (
    Endpoint,
    answer_json,
    answer_once,
    check_parameters,
    decoded,
    raw_body,
)
from erp.api.schema import operation
from erp.errors import DomainError, FieldError, Invalid
from erp.identifiers import Identified, Identifier
from erp.queries import find_one
from fulfillment.planning.models import Parcel
from fulfillment.tracking.actions import Recorded, Scan, ScanAnswer, record_tracking
from fulfillment.tracking.queries import numbered, parcels_visible_to, tracking_document


class TrackingScan(Identified, msgspec.Struct, forbid_unknown_fields=True):
    """One event. `state` is one of the twelve; any other word is kept and read as "unknown"."""

    state: str
    at: datetime
    id: Identifier = ""
    place: str = ""
    description: str = ""
    code: str = ""
    leg: Literal["", "out", "back"] = ""


class TrackingBody(msgspec.Struct, forbid_unknown_fields=True):
    events: list[TrackingScan]


class _Events(msgspec.Struct, forbid_unknown_fields=True):
    """The same body with its events unread: each is read for itself, and answered for itself."""

    events: list[msgspec.Raw]


class Tracking(Endpoint):
    rights = {"get": "fulfillment.view", "post": "fulfillment.track"}

    def parcel(self, number: str) -> Parcel:
        parcels = parcels_visible_to(self.actor).select_related("order")
        return find_one(numbered(parcels, number))

    @operation("Read the tracking of a parcel")
    def get(self, request: Request, number: str) -> HttpResponse:
        check_parameters(request, set())
        return answer_json(tracking_document(self.parcel(number)))

    @operation("Report tracking events", body=TrackingBody, idempotency=False)
    def post(self, request: Request, number: str) -> HttpResponse:
        raw = raw_body(request)
        events = decoded(raw, _Events).events
        read = [_scan_of(event, index) for index, event in enumerate(events)]

        def shown(done: Recorded) -> dict[str, object]:
            answers = _answers(read, done.answers)
            if refused := _refused_whole(answers):
                raise Invalid(errors=refused)
            return tracking_document(self.parcel(number)) | {"results": answers}

        return answer_once(
            request,
            raw,
            record_tracking,
            shown,
            lambda: {"parcel_id": self.parcel(number).pk},
            scans=[scan for scan in read if isinstance(scan, Scan)],
            by=self.actor,
            now=timezone.now(),
        )


def _scan_of(event: msgspec.Raw, index: int) -> Scan | FieldError:
    """One event as it is recorded, or what is wrong with it and where."""
    try:
        said = decoded(bytes(event), TrackingScan)
    except DomainError as refused:
        error = next(iter(refused.errors), FieldError("", refused.code, str(refused)))
        return FieldError(f"/events/{index}{error.pointer}", error.code, error.detail)
    return Scan(said.id, said.state, said.at, said.place, said.description, said.code, said.leg)


def _answers(
    read: Sequence[Scan | FieldError], given: Sequence[ScanAnswer]
) -> list[dict[str, str]]:
    """The answer to each event of a batch, in its order."""
    recorded = iter(given)
    answers = []
    for index, event in enumerate(read):
        if isinstance(event, FieldError):
            answers.append(_refused(event, ""))
            continue
        answer = next(recorded)
        if answer.outcome == "refused":
            pointer = f"/events/{index}/{answer.field}"
            error = FieldError(pointer, answer.code, answer.detail)
            answers.append(_refused(error, event.external_id))
        else:
            answers.append({"result": answer.outcome, "id": event.external_id})
    return answers


def _refused(error: FieldError, external_id: str) -> dict[str, str]:
    return {
        "result": "refused",
        "id": external_id,
        "code": error.code,
        "pointer": error.pointer,
        "detail": error.detail,
    }


def _refused_whole(answers: Sequence[dict[str, str]]) -> list[FieldError]:
    """The errors of a batch of which nothing was taken: it is refused, so that nobody overlooks it."""
    refused = [
        FieldError(a["pointer"], a["code"], a["detail"])
        for a in answers
        if a["result"] == "refused"
    ]
    return refused if len(refused) == len(answers) else []
