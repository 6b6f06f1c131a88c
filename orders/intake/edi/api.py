"""Serves acknowledgements over the API: listed, and fetched by a partner's connector."""

from django.http import HttpResponse
from django.utils import timezone
from rest_framework.request import Request

from erp.api.endpoint import Endpoint, page_of
from erp.api.schema import operation
from erp.api.values import stamp
from erp.errors import NotFound
from erp.ids import primary_key, public_id
from erp.once import perform
from orders.intake.edi.actions import fetch_document
from orders.intake.edi.models import OutgoingDocument

MEDIA = {
    "x12": "application/edi-x12",
    "edifact": "application/edifact",
    "ubl": "application/xml",
}


ENDINGS = {"x12": "x12", "edifact": "edi", "ubl": "xml"}


class OutgoingDocuments(Endpoint):
    rights = {"get": "messages.view"}

    @operation(
        "List acknowledgements to trading partners", page=True, query={"fetched": "true or false"}
    )
    def get(self, request: Request) -> HttpResponse:
        rows = OutgoingDocument.objects.filter(made_at__isnull=False).select_related("order")
        if self.actor.channel_id is not None:
            rows = rows.filter(channel_id=self.actor.channel_id)
        if request.query_params.get("fetched") in {"true", "false"}:
            rows = rows.filter(fetched_at__isnull=request.query_params["fetched"] == "false")
        return page_of(
            request,
            rows.defer("body"),
            order=("id",),
            known=("fetched",),
            show=lambda found: [_document(row) for row in found],
        )


class OutgoingDocumentBody(Endpoint):
    rights = {"get": "messages.view"}

    @operation("Fetch an acknowledgement in the partner's format")
    def get(self, request: Request, document: str) -> HttpResponse:
        pk = primary_key("doc", document)
        if pk is None:
            raise NotFound
        row = perform(fetch_document, document_id=pk, by=self.actor, now=timezone.now())
        answer = HttpResponse(bytes(row.body or b""), content_type=MEDIA[row.notation])
        name = f"{row.kind}-{row.pk}.{ENDINGS[row.notation]}"
        answer["Content-Disposition"] = f'attachment; filename="{name}"'
        return answer


def _document(row: OutgoingDocument) -> dict[str, object]:
    return {
        "object": "outgoing_document",
        "id": public_id("doc", row.pk),
        "kind": row.kind,
        "notation": row.notation,
        "order": row.order.number,
        "is_cancellation": row.key == "cancelled",
        "made_at": stamp(row.made_at),
        "fetched_at": stamp(row.fetched_at),
    }
