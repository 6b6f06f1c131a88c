"""Naming the SKU of a line that no SKU was known for."""

from django.http import Http404, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from erp.web.pages import StaffRequest, page, take
from inventory.models import Sku
from orders.intake.following.actions import sku_mapping
from orders.order.models.order import OrderLine
from orders.order.views import find


@require_POST
@page("orders.edit")
def map_line(request: StaffRequest, number: str, pk: int) -> HttpResponse:
    """Say which SKU a line is."""
    order = find(request, number)
    line = OrderLine.objects.filter(order=order, pk=pk).first()
    if line is None:
        raise Http404
    sku = Sku.objects.filter(code=request.POST.get("sku", "").strip()).first()
    return take(
        request,
        sku_mapping.map_line,
        _("Saved."),
        f"/orders/{order.number}/",
        line_id=line.pk,
        sku_id=sku.pk if sku else 0,
        remember=request.POST.get("remember") == "1",
    )
