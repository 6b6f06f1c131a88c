"""Shows stock counts in the dashboard."""

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _

from erp.errors import Invalid
from erp.once import perform
from erp.web.list_page import show_list
from erp.web.pages import StaffRequest, page
from erp.web.verbs import offers
from inventory.catalogue.codes import skus_by_code
from inventory.counting.actions.count import start_count
from inventory.counting.lists import COUNTS
from inventory.counting.models import StockCount
from inventory.stock.codes import places_named
from inventory.stock.views import _one, _warehouse, _warehouses

# Counts


@page("inventory.view")
def count_list(request: StaffRequest) -> HttpResponse:
    return show_list(request, COUNTS)


@page("inventory.count")
def new_count(request: StaffRequest) -> HttpResponse:
    """Begin a count: bins, SKUs or an ABC class."""
    if request.method == "POST":
        warehouse = _warehouse(request.POST.get("warehouse", ""))
        bin_codes = request.POST.get("bins", "").replace(",", " ").split()
        bins = places_named(warehouse, bin_codes)
        codes = [line.strip() for line in request.POST.get("skus", "").splitlines() if line.strip()]
        skus = skus_by_code(codes)
        unknown = [code for code in bin_codes if code not in bins]
        unknown += [code for code in codes if code not in skus]
        if unknown:
            raise Invalid(
                _("Neither a bin nor a SKU: %(codes)s.") % {"codes": ", ".join(unknown[:10])}
            )
        made = perform(
            start_count,
            warehouse_id=warehouse.pk,
            bin_ids=list(bins.values()),
            sku_ids=[sku.pk for sku in skus.values()],
            abc_class=request.POST.get("abc_class", "")[:1],
            is_blind=request.POST.get("is_blind") == "1",
            freezes=request.POST.get("freezes") == "1",
            by=request.actor,
            now=timezone.now(),
        )
        return redirect(f"/stock/counts/{made.number}/scan/")
    return render(
        request,
        "inventory/counting/count_new.html",
        {
            "warehouses": _warehouses(),
            "classes": [("", "–"), ("A", "A"), ("B", "B"), ("C", "C")],
        },
    )


@page("inventory.view")
def count_page(request: StaffRequest, number: str) -> HttpResponse:
    """A count: what was found and, once it may be seen, what the ledger said."""
    count = _one(StockCount.objects.select_related("warehouse", "by"), number=number)
    lines = list(
        count.lines.select_related("place", "sku", "lot", "counted_by").order_by(
            "place__zone__pick_sequence",
            "place__pick_sequence",
            "place__code",
            "sku__code",
            "pk",
        )
    )
    rights = request.actor.verbs
    sees = not count.is_blind or count.status != "counting" or "inventory.approve" in rights
    return render(
        request,
        "inventory/counting/count.html",
        {
            "count": count,
            "lines": lines,
            "done": sum(line.counted is not None for line in lines),
            "sees": sees,
            "offers": offers("count", count, None, request.actor),
            "may_count": "inventory.count" in rights and count.status == "counting",
        },
    )
