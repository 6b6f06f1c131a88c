"""Shows the settings of the company and its channels."""

from django.conf import settings
from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from erp.access import actions
from erp.access.models import Channel, Company
from erp.access.queries import own_company
from erp.form_rows import as_shown
from erp.web.pages import StaffRequest, page, take
from erp.web.settings.pages import shown

# Company and channels


@page("settings.view")
def company(request: StaffRequest) -> HttpResponse:
    if request.method == "POST":
        names = tuple(name for name in actions.EDITABLE[Company] if name != "masks_contacts")
        fields: dict[str, object] = {**_fields(request, names)}
        fields["masks_contacts"] = request.POST.get("masks_contacts") == "1"
        change = as_shown(
            request.POST, own_company(), actions.change_company, names, ["masks_contacts"]
        )
        return take(request, change, _("Saved."), request.path, **fields)
    row = own_company()
    return shown(request, "company", company=row)


@page("settings.view")
def channels(request: StaffRequest) -> HttpResponse:
    if request.method == "POST":
        fields = _fields(request, ("code", "name", "kind", "currency", "language", "time_zone"))
        return take(request, actions.open_channel, _("Channel added."), request.path, **fields)
    rows = Channel.objects.order_by("code")
    kinds = Channel.Kind.choices
    return shown(request, "channels", channels=rows, kinds=kinds, languages=settings.LANGUAGES)


@require_POST
@page("settings.edit")
def change_channel(request: StaffRequest, pk: int) -> HttpResponse:
    channel = get_object_or_404(Channel, pk=pk)
    names, ticks = ("name", "currency", "language", "time_zone"), ("is_active", "tells_customers")
    fields: dict[str, object] = {**_fields(request, names)}
    fields["is_active"] = request.POST.get("is_active") == "1"
    fields["tells_customers"] = request.POST.get("tells_customers") == "1"
    return take(
        request,
        as_shown(request.POST, channel, actions.change_channel, names, ticks),
        _("Saved."),
        "/settings/channels/",
        channel_id=pk,
        **fields,
    )


def _fields(request: StaffRequest, names: tuple[str, ...]) -> dict[str, str]:
    return {name: request.POST.get(name, "").strip() for name in names}
