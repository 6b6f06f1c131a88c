"""Serves availability over the API: on hand now, and expected arrivals."""

from django.http import HttpResponse
from django.utils.translation import gettext as _
from rest_framework.request import Request

from erp.api.endpoint import (
    Endpoint,
    answer_json,
    check_parameters,
)
from erp.api.schema import operation
from erp.errors import Malformed
from erp.wiring import OWED, resolve
from inventory.catalogue.decisions import AvailabilityDocument, by_date
from inventory.catalogue.models import Sku
from inventory.purchasing.queries import arrivals
from inventory.stock.queries import availability

MOST_SKUS = 200


class Availability(Endpoint):
    rights = {"get": "availability.view"}

    @operation(
        "List availability now and on later days",
        query={"sku": "codes, comma-separated", "by_date": "1: available to promise by day"},
    )
    def get(self, request: Request) -> HttpResponse:
        check_parameters(request, {"sku", "by_date"})
        codes = [code for code in request.query_params.get("sku", "").split(",") if code]
        if not 1 <= len(codes) <= MOST_SKUS:
            raise Malformed(_("Name between 1 and %(most)s SKUs.") % {"most": MOST_SKUS})
        rows = availability(codes=codes, channel_id=self.actor.channel_id)
        if request.query_params.get("by_date") == "1":
            _add_days(rows)
        return answer_json({"data": rows})


def _add_days(rows: list[AvailabilityDocument]) -> None:
    """To each row what can be promised after each arrival, waiting orders served first."""
    codes = [row["sku"] for row in rows]
    ids = dict(Sku.objects.filter(code__in=codes).values_list("code", "pk"))
    coming = arrivals(list(ids.values()))
    owed: dict[int, int] = {}
    for (sku_id, _warehouse), units in resolve(OWED)(list(ids.values())).items():
        owed[sku_id] = owed.get(sku_id, 0) + units
    for row in rows:
        pk = ids[row["sku"]]
        row["by_date"] = by_date(row["available"], owed.get(pk, 0), coming[pk])
