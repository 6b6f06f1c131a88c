"""Shows the inbox: incoming messages, why they wait, reprocessing, uploads."""

import contextlib
import json

from django.contrib import messages
from django.db.models import BinaryField
from django.db.models.functions import Substr
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from erp.access.models import Channel
from erp.errors import DomainError
from erp.once import perform
from erp.web.body_limits import takes_files
from erp.web.list_page import show_list
from erp.web.pages import StaffRequest, page, take
from orders.customers.readers import reader_of
from orders.customers.views import reveal
from orders.intake.edi.actions import receive_document
from orders.intake.inbox.lists import MESSAGES, NEWS
from orders.intake.inbox.queries import messages_visible_to
from orders.intake.mail.models import MailConnection
from orders.intake.messages.actions.receive import replay_message
from orders.intake.messages.models import IncomingMessage
from orders.intake.messages.wake import MOST_BYTES, wake_reader
from orders.intake.messages.wording import cause_text
from orders.intake.shops.models import ShopConnection
from orders.intake.shops.queries import control_days
from orders.order.models.order import Order

MOST_SHOWN = 100_000  # characters of a body
MOST_LAID_OUT = 200_000  # bytes of one that is read for it: beyond, it is shown as it came


@page("orders.view")
def inbox(request: StaffRequest) -> HttpResponse:
    """What channels have sent, newest first; and handing over purchase orders as files."""
    may_place = "orders.place" in request.actor.verbs
    channels = Channel.objects.filter(is_active=True).order_by("name") if may_place else []
    form = render_to_string("orders/intake/inbox/hand_over.html", {"channels": channels}, request)
    return show_list(
        request, MESSAGES, crumbs=[("/orders/", _("Orders"))], intro=form if may_place else ""
    )


@page("orders.view")
def news(request: StaffRequest) -> HttpResponse:
    """What connected shops are told of their orders, and what they could not be told."""
    return show_list(request, NEWS, crumbs=[("/orders/", _("Orders"))])


@takes_files
@require_POST
@page("orders.place")
def hand_over(request: StaffRequest) -> HttpResponse:
    """Keep purchase orders that somebody hands over as files."""
    channel = Channel.objects.filter(code=request.POST.get("channel", "")).first()
    files = request.FILES.getlist("file")
    if channel is None or not files:
        messages.error(request, _("Choose a channel and at least one file."))
    for file in files if channel else []:
        if (file.size or 0) > MOST_BYTES:
            messages.error(request, _("%(name)s is larger than 10 MB.") % {"name": file.name})
            continue
        try:
            perform(
                receive_document,
                channel_id=channel.pk if channel else 0,
                body=file.read(),
                origin=(file.name or "")[:200],
                by=request.actor,
                now=timezone.now(),
            )
        except DomainError as refusal:
            messages.error(request, f"{file.name}: {refusal}")
        else:
            messages.success(
                request, _("%(name)s is saved and being processed.") % {"name": file.name}
            )
    wake_reader()
    return redirect("/orders/inbox/")


@page("orders.view")
def message_page(request: StaffRequest, pk: int) -> HttpResponse:
    """One message: what became of it, why, and, for those who may see contacts, as it came."""
    message = _message(request, pk)
    reader = reader_of(request.actor)
    if reader.may_reveal and request.method == "POST":  # they ask to see it
        reader = reveal(request, f"message:{pk}")
    return render(
        request,
        "orders/intake/inbox/message.html",
        {
            "message": message,
            "why": cause_text(message.cause, message.params) if message.cause else "",
            "body": _shown(_start_of(message)) if reader.is_clear else "",
            "may_reveal": reader.may_reveal,
            "may_replay": "messages.replay" in request.actor.verbs
            and message.status in {"held", "failed"},
            "same": messages_visible_to(request.actor)
            .filter(channel_id=message.channel_id, external_id=message.external_id)
            .exclude(external_id="")
            .order_by("-pk")[:20],
        },
    )


def _message(request: StaffRequest, pk: int) -> IncomingMessage:
    rows = messages_visible_to(request.actor).select_related("channel")
    found = rows.filter(pk=pk).first()
    if found is None:
        raise Http404
    return found


def _start_of(message: IncomingMessage) -> bytes:
    """As much of a body as may be shown: ten megabytes came three times over to show a hundredth of them."""
    start = Substr("body", 1, 4 * MOST_SHOWN, output_field=BinaryField())
    return bytes(IncomingMessage.objects.values_list(start).get(pk=message.pk)[0])


def _shown(body: bytes) -> str:
    """The start of a body as people read it: JSON with its fields below each other, anything else as text."""
    text = body.decode("utf-8", "replace")
    if len(body) <= MOST_LAID_OUT:
        with contextlib.suppress(ValueError, RecursionError):
            text = json.dumps(json.loads(text), indent=2, ensure_ascii=False)
    # Half a character, as \ud800 names one, cannot be sent: the page was a server error.
    return text[:MOST_SHOWN].encode("utf-8", "replace").decode()


@require_POST
@page("messages.replay")
def replay(request: StaffRequest, pk: int) -> HttpResponse:
    """Read a message again."""
    return take(
        request,
        replay_message,
        _("The message is being processed again."),
        f"/orders/inbox/{pk}/",
        message_id=_message(request, pk).pk,
    )


@page("orders.view")
def reconciliation(request: StaffRequest) -> HttpResponse:
    """The proof by day that no order of a connected shop is missing."""
    shops = ShopConnection.objects.select_related("channel").order_by("channel__name")
    return render(
        request,
        "orders/intake/shops/reconciliation.html",
        {
            "days": control_days(),
            "shops": shops,
            "mailboxes": MailConnection.objects.select_related("channel").order_by("pk"),
        },
    )


def heard_of_order(request: StaffRequest, order: Order) -> str:
    """The panel on an order's page: the messages it came from, and how its channel calls it."""
    told = getattr(order, "channel_order", None)
    came = list(messages_visible_to(request.actor).filter(order=order).order_by("-pk")[:10])
    if told is None and not came:
        return ""
    return render_to_string(
        "orders/intake/inbox/heard_panel.html",
        {"order": order, "told": told, "messages": came},
        request,
    )
