"""Declares the verbs of a stock count: enter, submit, approve, count again, cancel."""

from collections.abc import Mapping

import msgspec
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from erp.access.models import Actor
from erp.errors import FieldError, Invalid, repeated
from erp.identifiers import Coded, Identified
from erp.queries import find_one
from erp.verbs import NoBody, Noun, Verb
from inventory.catalogue.codes import skus_by_code
from inventory.counting.actions.count import (
    Counted,
    approve_count,
    ask_recount,
    cancel_count,
    enter_count,
    submit_count,
    why_not_approved,
)
from inventory.counting.document import count_document
from inventory.counting.models import StockCount
from inventory.counting.states import COUNT
from inventory.stock.codes import places_named


def find_count(_actor: Actor, number: str) -> StockCount:
    """The count of this number; raises NotFound."""
    return find_one(StockCount.objects.select_related("warehouse", "by").filter(number=number))


NOUN: Noun[StockCount] = Noun(
    name="count",
    path="stock/counts/<str:number>",
    argument="count_id",
    right="inventory.view",
    find=find_count,
    show=lambda pk, _by: count_document(StockCount.objects.get(pk=pk), sees_expected=False),
    page=lambda count: f"/stock/counts/{count.number}/",
    machine=COUNT,
)


class CountEntry(Identified, msgspec.Struct, forbid_unknown_fields=True):
    bin: str
    sku: str
    counted: int
    lot: Coded = ""


class CountEntries(msgspec.Struct, forbid_unknown_fields=True):
    lines: list[CountEntry]


def _found(count: StockCount, body: CountEntries, _by: Actor) -> Mapping[str, object]:
    places = places_named(count.warehouse, (line.bin for line in body.lines))
    skus = skus_by_code(line.sku for line in body.lines)
    errors = [
        FieldError(f"/lines/{n}/{field}", "unknown", detail)
        for n, line in enumerate(body.lines)
        for bad, field, detail in (
            (line.bin not in places, "bin", _("There is no such bin.")),
            (line.sku not in skus, "sku", _("There is no such SKU.")),
        )
        if bad
    ]
    errors += repeated([(line.bin, line.sku, line.lot) for line in body.lines], "")
    if errors:
        raise Invalid(errors=errors)
    return {
        "found": [
            Counted(places[line.bin], skus[line.sku].pk, line.counted, line.lot)
            for line in body.lines
        ]
    }


ENTER: Verb[StockCount, CountEntries] = Verb(
    "count",
    enter_count,
    "inventory.count",
    "Write down what was found",
    gettext_lazy("Count"),
    gettext_lazy("Saved."),
    body=CountEntries,
    arguments=_found,
    state="count",
)
SUBMIT: Verb[StockCount, NoBody] = Verb(
    "submit",
    submit_count,
    "inventory.count",
    "Finish a count",
    gettext_lazy("Finish"),
    gettext_lazy("Finished."),
    state="submit",
    place="head",
)
APPROVE: Verb[StockCount, NoBody] = Verb(
    "approve",
    approve_count,
    "inventory.approve",
    "Approve a count's differences",
    gettext_lazy("Approve"),
    gettext_lazy("Posted."),
    state="approve",
    why_not=why_not_approved,
    place="head",
)
RECOUNT: Verb[StockCount, NoBody] = Verb(
    "recount",
    ask_recount,
    "inventory.approve",
    "Ask to count again what differs",
    gettext_lazy("Recount differences"),
    gettext_lazy("Recount requested for the lines that differ."),
    state="recount",
    place="head",
)
CANCEL: Verb[StockCount, NoBody] = Verb(
    "cancel",
    cancel_count,
    "inventory.count",
    "Give a count up",
    gettext_lazy("Cancel"),
    gettext_lazy("Count cancelled. Nothing was changed."),
    state="cancel",
    place="head",
    is_grave=True,
)

VERBS = (ENTER, SUBMIT, APPROVE, RECOUNT, CANCEL)
