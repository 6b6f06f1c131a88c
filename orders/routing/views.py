"""Shows carriers and shipping services in the settings."""

from typing import Any

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from erp.form_rows import as_shown
from erp.names import other_languages
from erp.web.pages import StaffRequest, page, take
from orders.routing.actions.shipping_services import add_service, change_service
from orders.routing.models.carriers import ShippingService

SERVICE_FIELDS = ("name", "carrier", "fee", "transit_p50", "transit_p90")


@page("settings.view")
def carriers(request: StaffRequest) -> HttpResponse:
    """The shipping services of every carrier; a POST adds one."""
    if request.method == "POST":
        fields = _service(request, ("code", "currency", *SERVICE_FIELDS))
        return take(request, add_service, _("Service added."), request.path, **fields)
    return render(
        request,
        "orders/routing/carriers.html",
        {
            "services": ShippingService.objects.order_by("carrier", "currency", "fee"),
            "may_edit": "settings.edit" in request.actor.verbs,
            "crumbs": [("/settings/", _("Settings"))],
        },
    )


@require_POST
@page("settings.edit")
def change_carrier(request: StaffRequest, pk: int) -> HttpResponse:
    service = get_object_or_404(ShippingService, pk=pk)
    names = [*SERVICE_FIELDS, "free_from", *(f"name:{code}" for code, _label in other_languages())]
    fields = _service(request, SERVICE_FIELDS)
    fields["is_active"] = request.POST.get("is_active") == "1"
    return take(
        request,
        as_shown(request.POST, service, change_service, names, ["is_active"]),
        _("Saved."),
        "/settings/carriers/",
        service_id=pk,
        **fields,
    )


def _service(request: StaffRequest, names: tuple[str, ...]) -> dict[str, Any]:
    fields: dict[str, Any] = {name: request.POST.get(name, "").strip() for name in names}
    fields["free_from"] = request.POST.get("free_from", "").strip() or None
    fields["translations"] = {
        language: request.POST.get(f"name:{language}", "") for language, _label in other_languages()
    }
    return fields
