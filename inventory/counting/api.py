"""Serves stock counts over the API."""

from collections.abc import Mapping

import msgspec
from django.utils.translation import gettext as _

from erp.access.models import Actor
from erp.api.endpoint import Endpoint
from erp.api.resource import by_choice, creation_of, document_of, list_of
from erp.errors import FieldError, Invalid
from inventory.catalogue.codes import skus_by_code
from inventory.counting.actions.count import start_count
from inventory.counting.document import count_document
from inventory.counting.models import StockCount
from inventory.counting.states import CountStatus
from inventory.counting.verbs import NOUN, find_count
from inventory.stock.codes import places_named, warehouse_named


class NewCount(msgspec.Struct, forbid_unknown_fields=True):
    warehouse: str
    bins: list[str] = []
    skus: list[str] = []
    abc_class: str = ""
    blind: bool = True
    freezes: bool = False


def _started(body: NewCount, _by: Actor) -> Mapping[str, object]:
    warehouse = warehouse_named(body.warehouse)
    bins = places_named(warehouse, body.bins)
    skus = skus_by_code(body.skus)
    errors = [
        FieldError(f"/bins/{n}", "unknown", _("There is no such bin."))
        for n, code in enumerate(body.bins)
        if code not in bins
    ]
    errors += [
        FieldError(f"/skus/{n}", "unknown-sku", _("There is no such SKU."))
        for n, code in enumerate(body.skus)
        if code not in skus
    ]
    if errors:
        raise Invalid(errors=errors)
    return {
        "warehouse_id": warehouse.pk,
        "bin_ids": list(bins.values()),
        "sku_ids": [sku.pk for sku in skus.values()],
        "abc_class": body.abc_class,
        "is_blind": body.blind,
        "freezes": body.freezes,
    }


def _shown(count: StockCount, actor: Actor) -> dict[str, object]:
    may = "inventory.approve" in actor.verbs and actor.kind == "person"
    return count_document(count, sees_expected=may)


class Counts(Endpoint):
    rights = {"get": "inventory.view", "post": "inventory.count"}
    get = list_of(
        "List stock counts, newest first",
        lambda _actor: StockCount.objects.select_related("warehouse"),
        _shown,
        filters=(by_choice("status", CountStatus.values),),
    )
    post = creation_of(
        "Start a stock count", start_count, body=NewCount, arguments=_started, show=_shown
    )


class OneCount(Endpoint):
    rights = {"get": "inventory.view"}
    get = document_of(
        "Read a stock count", find_count, lambda count, actor: NOUN.show(count.pk, actor)
    )
