"""Shows the settings of the company and its channels."""

from django.conf import settings
from django.http import HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from erp.access import actions
from erp.access.models import Channel, Company
from erp.access.queries import own_company
from erp.web.pages import StaffRequest, page, take
from erp.web.settings.pages import shown

# Company and channels


@page("settings.view")
def company(request: StaffRequest) -> HttpResponse:
    if request.method == "POST":
        fields: dict[str, object] = {**_fields(request, actions.EDITABLE[Company])}
        fields["masks_contacts"] = request.POST.get("masks_contacts") == "1"
        return take(request, actions.change_company, _("Saved."), request.path, **fields)
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
    fields: dict[str, object] = {**_fields(request, ("name", "currency", "language", "time_zone"))}
    fields["is_active"] = request.POST.get("is_active") == "1"
    fields["tells_customers"] = request.POST.get("tells_customers") == "1"
    return take(
        request,
        actions.change_channel,
        _("Saved."),
        "/settings/channels/",
        channel_id=pk,
        **fields,
    )


def _fields(request: StaffRequest, names: tuple[str, ...]) -> dict[str, str]:
    return {name: request.POST.get(name, "").strip() for name in names}
