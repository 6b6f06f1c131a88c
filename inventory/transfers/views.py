"""Shows transfers in the dashboard."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _

from erp.once import perform
from erp.web.list_page import show_list
from erp.web.pages import StaffRequest, page
from erp.web.verbs import offers
from inventory.catalogue.pasted import pasted_lines
from inventory.stock.queries import write_offs_told
from inventory.stock.views import _one, _warehouse, _warehouses
from inventory.transfers.actions import draft_transfer
from inventory.transfers.lists import TRANSFERS
from inventory.transfers.queries import transfers
from inventory.transfers.verbs import NOUN, RECEIVE

# Transfers


@page("inventory.view")
def transfer_list(request: StaffRequest) -> HttpResponse:
    return show_list(request, TRANSFERS)


@page("inventory.transfer")
def new_transfer(request: StaffRequest) -> HttpResponse:
    """Write a transfer: from where, to where, one line per SKU."""
    if request.method == "POST":
        units: dict[int, int] = {}
        for line in pasted_lines(request.POST.get("lines", "")):
            units[line.sku_id] = units.get(line.sku_id, 0) + line.quantity
        made = perform(
            draft_transfer,
            from_warehouse_id=_warehouse(request.POST.get("from", "")).pk,
            to_warehouse_id=_warehouse(request.POST.get("to", "")).pk,
            units=units,
            note=request.POST.get("note", "")[:200],
            by=request.actor,
            now=timezone.now(),
        )
        messages.success(request, _("Transfer created."))
        return redirect(f"/stock/transfers/{made.number}/")
    return render(
        request,
        "inventory/transfers/transfer_new.html",
        {"warehouses": _warehouses(), "lines": request.GET.get("lines", "")[:2000]},
    )


@page("inventory.view")
def transfer_page(request: StaffRequest, number: str) -> HttpResponse:
    """A transfer: what left, what arrived, what never did."""
    transfer = _one(transfers(), number=number)
    lines = list(transfer.lines.select_related("sku").order_by("pk"))
    return render(
        request,
        "inventory/transfers/transfer.html",
        {
            "transfer": transfer,
            "lines": lines,
            "write_offs": write_offs_told(transfer.write_offs),
            "may_open": True,
            "offers": offers("transfer", transfer, None, request.actor),
            "may_receive": "inventory.transfer" in request.actor.verbs
            and NOUN.may_start(RECEIVE, transfer.status),
        },
    )
