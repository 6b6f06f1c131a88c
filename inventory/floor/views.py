"""Shows the scan pages of the warehouse floor: receive, move, count."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from erp.bounds import read_day
from erp.errors import Invalid
from erp.web.pages import StaffRequest, page, take
from inventory.catalogue.codes import skus_by_code
from inventory.catalogue.models import Sku
from inventory.counting.actions.count import Counted, enter_count
from inventory.counting.models import StockCount
from inventory.floor.scans import Row, as_text, counted_in, find_scanned, rows_of, shown
from inventory.purchasing.actions.receive import Arrived, receive_purchase
from inventory.purchasing.models import PurchaseOrder
from inventory.purchasing.states import UNDER_WAY
from inventory.stock.actions.ledger import Change
from inventory.stock.actions.move import Carry, move_stock
from inventory.stock.actions.receive import receive_stock
from inventory.stock.approvals import said_of
from inventory.stock.codes import lots_named, places_named
from inventory.stock.models.places import Warehouse

MODES = ("receive", "move", "count")


def _warehouses() -> list[tuple[str, str]]:
    rows = Warehouse.objects.filter(is_active=True).order_by("priority", "code")
    return [(w.code, w.name) for w in rows]


def _warehouse(code: str) -> Warehouse:
    active = Warehouse.objects.filter(is_active=True).order_by("priority", "code")
    found = active.filter(code=code).first() if code else active.first()
    if found is None:
        raise Http404
    return found


def _scan_page(
    request: StaffRequest, mode: str, title: str, warehouse: Warehouse, **more: object
) -> HttpResponse:
    return render(
        request,
        "inventory/floor/scan.html",
        {
            "mode": mode,
            "title": title,
            "warehouse": warehouse,
            "warehouses": _warehouses(),
            "rows": [],
            "rows_text": "[]",
            "from_code": "",
            "to_code": "",
            **more,
        },
    )


@require_POST
@page("inventory.view")
def scan(request: StaffRequest) -> HttpResponse:
    """One scan on one of the pages: what it meant, and the rows with it counted in."""
    mode = request.POST.get("mode", "")
    if mode not in MODES:
        raise Http404
    warehouse = _warehouse(request.POST.get("warehouse", ""))
    from_code, to_code = request.POST.get("from", "")[:30], request.POST.get("to", "")[:30]
    rows = shown(rows_of(request.POST.get("rows", "")), request.POST)
    rows = [row for row in rows if row.units or mode == "count"]
    text = request.POST.get("code", "").strip()[:200]
    said, tone = "", ""
    if text:
        found = find_scanned(text, warehouse)
        if found.kind == "bin" and found.place:
            if mode == "move" and not from_code and not rows:
                from_code, said = found.place.code, _("From %(bin)s. Now scan the goods.")
            else:
                to_code, said = found.place.code, _("To %(bin)s.")
            if mode == "count":
                said = _("Counting %(bin)s.")
            said, tone = said % {"bin": found.place.code}, "good"
        elif found.kind == "sku" and found.sku:
            rows = counted_in(rows, found, to_code if mode == "count" else "")
            units = next(row.units for row in rows if row.sku == found.sku.code)
            said, tone = f"{found.sku.code} × {units}", "good"
        else:
            said = _("Neither a SKU nor a bin of %(warehouse)s: %(code)s") % {
                "warehouse": warehouse.code,
                "code": text,
            }
            tone = "bad"
    return render(
        request,
        "inventory/floor/scan_form.html",
        {
            "mode": mode,
            "warehouse": warehouse,
            "rows": rows,
            "rows_text": as_text(rows),
            "from_code": from_code,
            "to_code": to_code,
            "said": said,
            "tone": tone,
            "purchase": request.POST.get("purchase", "")[:20],
            "count": request.POST.get("count", "")[:20],
        },
    )


def _posted(request: StaffRequest) -> tuple[Warehouse, list[Row], dict[str, Sku]]:
    """The warehouse, the rows and their SKUs of a form that is being posted. Raises Invalid."""
    warehouse = _warehouse(request.POST.get("warehouse", ""))
    rows = shown(rows_of(request.POST.get("rows", "")), request.POST)
    rows = [row for row in rows if row.units is not None]
    skus = skus_by_code(row.sku for row in rows)
    if not rows or any(row.sku not in skus for row in rows):
        raise Invalid(_("Scan something first."))
    return warehouse, [_numbered(row, skus[row.sku]) for row in rows], skus


def _numbered(row: Row, sku: Sku) -> Row:
    """A row without the serial numbers that its labels bore, unless its SKU is tracked by them."""
    return row if sku.tracking == Sku.Tracking.SERIAL else replace(row, serials=())


@page("inventory.receive")
def receive(request: StaffRequest) -> HttpResponse:
    """Goods that came, with a purchase order or without one."""
    number = (request.POST if request.method == "POST" else request.GET).get("purchase", "")
    purchase = (
        PurchaseOrder.objects.select_related("warehouse", "supplier")
        .filter(number=number, status__in=UNDER_WAY)
        .first()
    )
    if request.method != "POST":
        return _receive_page(request, purchase)
    warehouse, rows, skus = _posted(request)
    code = request.POST.get("to", "").strip()
    place = places_named(warehouse, [code]).get(code)
    if code and place is None:
        raise Invalid(_("There is no such bin."))
    reference = request.POST.get("reference", "")[:200]
    if purchase is not None:
        return take(
            request,
            receive_purchase,
            _("Received."),
            f"/purchasing/{purchase.number}/",
            purchase_id=purchase.pk,
            arrived=_arrived(purchase, rows, skus, place),
            reference=reference,
        )
    changes = [
        Change(skus[r.sku].pk, r.units or 0, None, place, r.lot, read_day(r.expires_on), r.serials)
        for r in rows
    ]
    return take(
        request,
        receive_stock,
        said_of(_("Received.")),
        f"{request.path}?warehouse={warehouse.code}",
        warehouse_id=warehouse.pk,
        changes=changes,
        reference=reference,
    )


def _receive_page(request: StaffRequest, purchase: PurchaseOrder | None) -> HttpResponse:
    warehouse = purchase.warehouse if purchase else _warehouse(request.GET.get("warehouse", ""))
    coming = PurchaseOrder.objects.filter(status__in=UNDER_WAY, warehouse=warehouse)
    return _scan_page(
        request,
        "receive",
        _("Receive"),
        warehouse,
        purchase=purchase.number if purchase else "",
        coming=coming.select_related("supplier").order_by("expected_on", "pk")[:50],
    )


def _arrived(
    purchase: PurchaseOrder, rows: Sequence[Row], skus: Mapping[str, Sku], place: int | None
) -> list[Arrived]:
    """What was scanned, by the lines of its purchase order. Raises Invalid for what is not on it."""
    lines = dict(purchase.lines.values_list("sku_id", "pk"))
    strange = [row.sku for row in rows if skus[row.sku].pk not in lines]
    if strange:
        raise Invalid(
            _("Not on purchase order %(number)s: %(skus)s.")
            % {"number": purchase.number, "skus": ", ".join(strange)}
        )
    return [
        Arrived(
            lines[skus[r.sku].pk],
            r.units or 0,
            place_id=place,
            lot=r.lot,
            expires_on=read_day(r.expires_on),
            serials=r.serials,
        )
        for r in rows
    ]


@page("inventory.move")
def move(request: StaffRequest) -> HttpResponse:
    """Goods that change bins: scan where from, the goods, where to."""
    if request.method != "POST":
        warehouse = _warehouse(request.GET.get("warehouse", ""))
        return _scan_page(
            request,
            "move",
            _("Move or put away"),
            warehouse,
            from_code=request.GET.get("from", "")[:30],
        )
    warehouse, rows, skus = _posted(request)
    places = places_named(warehouse, [request.POST.get("from", ""), request.POST.get("to", "")])
    source, target = (places.get(request.POST.get(n, "")) for n in ("from", "to"))
    if source is None or target is None:
        raise Invalid(_("Scan the source bin and the target bin."))
    lots = lots_named((skus[row.sku].pk, row.lot) for row in rows)
    carries = [
        Carry(
            skus[r.sku].pk,
            r.units or 0,
            source,
            target,
            lots.get((skus[r.sku].pk, r.lot)),
            r.serials,
        )
        for r in rows
    ]
    return take(
        request,
        move_stock,
        _("Moved."),
        f"{request.path}?warehouse={warehouse.code}",
        warehouse_id=warehouse.pk,
        carries=carries,
    )


@page("inventory.count")
def count(request: StaffRequest, number: str) -> HttpResponse:
    """Count: scan a bin, then what lies in it, piece by piece or with the number typed."""
    found = StockCount.objects.select_related("warehouse").filter(number=number).first()
    if found is None:
        raise Http404
    if found.status != "counting":
        return redirect(f"/stock/counts/{number}/")
    if request.method != "POST":
        lines = found.lines.filter(counted=None).select_related("place", "sku", "lot")
        rows = [
            Row(
                line.sku.code,
                line.sku.name,
                None,
                line.lot.code if line.lot else "",
                bin=line.place.code,
            )
            for line in lines.order_by("place__pick_sequence", "place__code", "sku__code")[:500]
        ]
        return _scan_page(
            request,
            "count",
            found.number,
            found.warehouse,
            count=found.number,
            rows=rows,
            rows_text=as_text(rows),
        )
    _warehouse_of, rows, skus = _posted(request)
    bins = places_named(found.warehouse, (row.bin for row in rows))
    if any(row.bin not in bins for row in rows):
        raise Invalid(_("Scan the bin first, then its contents."))
    return take(
        request,
        enter_count,
        _("Document saved."),
        f"/stock/counts/{number}/",
        count_id=found.pk,
        found=[Counted(bins[r.bin], skus[r.sku].pk, r.units or 0, r.lot) for r in rows],
    )
