"""Shows channel allotments, listings and stock feeds."""

from urllib.parse import quote

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from erp.access.models import Channel
from erp.errors import Invalid
from erp.form_rows import as_shown
from erp.once import perform
from erp.web.list_page import show_list
from erp.web.pages import StaffRequest, page, take
from inventory.catalogue.codes import skus_by_code
from inventory.catalogue.pasted import whole_number
from inventory.channels.actions import list_skus, save_feed
from inventory.channels.lists import LISTINGS
from inventory.channels.models import StockFeed
from inventory.stock.actions.policies import set_allotment
from inventory.stock.models.allotments import Allotment
from inventory.stock.models.levels import Reservation
from inventory.stock.models.places import Warehouse


def _channel(code: str) -> Channel:
    found = Channel.objects.filter(code=code).first()
    if found is None:
        raise Http404
    return found


@page("inventory.view")
def allotments(request: StaffRequest) -> HttpResponse:
    """What channels may sell of the stock; a POST says it anew."""
    if request.method == "POST":
        channel = _channel(request.POST.get("channel", ""))
        code = request.POST.get("sku", "").strip()
        sku = skus_by_code([code]).get(code) if code else None
        if code and sku is None:
            raise Invalid(_("There is no SKU “%(code)s”.") % {"code": code[:60]})
        warehouse = Warehouse.objects.filter(code=request.POST.get("warehouse", "")).first()
        value = whole_number(request, "value")
        if value is None:
            raise Invalid(_("Enter a quantity."))
        return take(
            request,
            set_allotment,
            _("Saved."),
            request.path,
            channel_id=channel.pk,
            kind=request.POST.get("kind", ""),
            value=value,
            sku_id=sku.pk if sku else None,
            warehouse_id=warehouse.pk if warehouse else None,
        )
    rows = Allotment.objects.filter(is_active=True)
    rows = rows.select_related("channel", "sku", "warehouse").order_by(
        "channel__code", "kind", "pk"
    )
    held = dict(
        Reservation.objects.filter(
            holder_kind="allotment", status="held", holder_id__in=[row.pk for row in rows]
        ).values_list("holder_id", "quantity")
    )
    active = Warehouse.objects.filter(is_active=True).order_by("priority")
    return render(
        request,
        "inventory/channels/allotments.html",
        {
            "rows": [(row, held.get(row.pk)) for row in rows],
            "channels": [(c.code, c.name) for c in Channel.objects.order_by("code")],
            "warehouses": [(w.code, w.name) for w in active],
            "kinds": Allotment.Kind.choices,
            "may_allot": "inventory.allot" in request.actor.verbs,
        },
    )


@page("inventory.view")
def listing_list(request: StaffRequest) -> HttpResponse:
    """What each channel was last told, and what it refused."""
    return show_list(request, LISTINGS)


@page("inventory.view", is_sensitive=True, changed_by="inventory.allot")
def feeds(request: StaffRequest) -> HttpResponse:
    """Where channels are told their stock; a POST sets one, and shows a new one's secret once."""
    secret = ""
    if request.method == "POST":
        channel = _channel(request.POST.get("channel", ""))
        known = StockFeed.objects.filter(channel=channel).first()
        is_new = known is None
        names = ["url", "pause_s", "zero_below"]
        feed = perform(
            as_shown(request.POST, known, save_feed, names, ["is_active"]) if known else save_feed,
            channel_id=channel.pk,
            url=request.POST.get("url", "").strip(),
            pause_s=whole_number(request, "pause_s") or 0,
            zero_below=whole_number(request, "zero_below") or 0,
            is_active=request.POST.get("is_active") == "1",
            by=request.actor,
            now=timezone.now(),
        )
        if not is_new:
            messages.success(request, _("Saved."))
            return redirect(request.path)
        secret = feed.secret
    rows = StockFeed.objects.select_related("channel").order_by("channel__code")
    active = Channel.objects.filter(is_active=True).order_by("code")
    return render(
        request,
        "inventory/channels/feeds.html",
        {
            "feeds": rows,
            "secret": secret,
            "channels": [(c.code, c.name) for c in active],
            "may_allot": "inventory.allot" in request.actor.verbs,
        },
    )


@require_POST
@page("inventory.allot")
def list_on_channel(request: StaffRequest) -> HttpResponse:
    """List SKUs on a channel: those named, or all."""
    channel = _channel(request.POST.get("channel", ""))
    codes = [x.strip() for x in request.POST.get("skus", "").splitlines() if x.strip()]
    skus = skus_by_code(codes)
    if unknown := [code for code in codes if code not in skus]:
        raise Invalid(_("There is no SKU “%(code)s”.") % {"code": ", ".join(unknown[:10])})
    count = perform(
        list_skus,
        channel_id=channel.pk,
        sku_ids=[sku.pk for sku in skus.values()] if codes else None,
        by=request.actor,
        now=timezone.now(),
    )
    messages.success(request, _("%(n)s SKUs listed.") % {"n": count})
    return redirect(f"/stock/listings/?channel={quote(channel.code)}")
