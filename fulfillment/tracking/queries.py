"""Reads shipments and their tracking for pages, the API and other stages."""

from collections.abc import Sequence

from django.db.models import QuerySet

from erp.access.models import Actor
from erp.api.values import stamp
from erp.ids import public_id
from fulfillment.planning.models import Parcel
from fulfillment.shipping.numbers import number_key


def parcels_visible_to(actor: Actor) -> QuerySet[Parcel]:
    """Return the parcels an actor may see: of a key's own channel, all for staff."""
    if actor.channel_id is not None:
        return Parcel.objects.filter(order__channel_id=actor.channel_id)
    return Parcel.objects.all()


def numbered(parcels: QuerySet[Parcel], number: str) -> QuerySet[Parcel]:
    """The parcel of a tracking number however it is typed: the newest, where its carrier used it again."""
    key = number_key(number)
    if not key or not key.isprintable():
        return parcels.none()
    return parcels.filter(number_key=key, number_reused=False)


def shipment_documents(parcels: Sequence[Parcel]) -> list[dict[str, object]]:
    """Parcels (order, lines and their order lines fetched) as the API shows shipments."""
    return [
        {
            "object": "shipment",
            "id": public_id("shp", parcel.pk),
            "order": parcel.order.number,
            "status": parcel.status,
            "carrier": parcel.carrier,
            "service": parcel.service,
            "tracking_number": parcel.tracking_number,
            "weight_g": parcel.weight_g or parcel.weight_expected_g,
            "lines": [
                {
                    "line": public_id("line", line.order_line_id),
                    "sku": line.order_line.sku_code,
                    "quantity": line.quantity,
                }
                for line in parcel.lines.all()
            ],
            "shipped_at": stamp(parcel.shipped_at),
            "delivered_at": stamp(parcel.delivered_at),
        }
        for parcel in parcels
    ]


def with_contents(parcels: QuerySet[Parcel]) -> QuerySet[Parcel]:
    """Parcels with what `shipment_documents` touches."""
    return parcels.select_related("order").prefetch_related("lines__order_line")


def shipments_of_orders(ids: Sequence[int]) -> dict[int, list[dict[str, object]]]:
    """The shipments of orders, by order id: what `expand=shipments` adds."""
    found: dict[int, list[dict[str, object]]] = {pk: [] for pk in ids}
    parcels = with_contents(
        Parcel.objects.filter(order_id__in=ids, shipped_at__isnull=False).order_by("pk")
    )
    rows = list(parcels)
    for parcel, document in zip(rows, shipment_documents(rows), strict=True):
        found[parcel.order_id].append(document)
    return found


def tracking_document(parcel: Parcel) -> dict[str, object]:
    """Where a parcel is, and every step of its way, newest first."""
    return {
        "object": "tracking",
        "tracking_number": parcel.tracking_number,
        "carrier": parcel.carrier,
        "status": parcel.status,
        "order": parcel.order.number,
        "expected": {
            "from": str(parcel.order.deliver_from) if parcel.order.deliver_from else None,
            "by": str(parcel.order.deliver_by) if parcel.order.deliver_by else None,
        },
        "delivered_at": stamp(parcel.delivered_at),
        "events": [
            {
                "id": event.external_id,
                "state": event.state,
                "code": event.code,
                "leg": event.leg or None,
                "place": event.place,
                "description": event.description,
                "at": stamp(event.at),
            }
            for event in parcel.tracking.order_by("-at", "-pk")
        ],
    }


def page_of_shipment(pk: int) -> str | None:
    """The path of the page that shows a parcel, by its primary key; None when there is none."""
    work = Parcel.objects.filter(pk=pk).values_list("fulfillment_order_id", flat=True).first()
    return f"/fulfillment/{work}/" if work else None


def shipments_named(ids: Sequence[int]) -> dict[int, dict[str, str]]:
    """Shipments as events name them, by primary key."""
    rows = Parcel.objects.filter(pk__in=ids).values_list("pk", "tracking_number", "carrier")
    return {
        pk: {"id": public_id("shp", pk), "tracking_number": number, "carrier": carrier}
        for pk, number, carrier in rows
    }
