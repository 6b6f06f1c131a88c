"""Turns e-mails into order drafts; nothing in an e-mail becomes an order by itself."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, replace
from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from erp.access.models import Actor, Channel
from erp.access.queries import of_own_channel, require, require_channel
from erp.encodings import is_garbled
from erp.errors import Conflict
from erp.once import wants_attempt
from erp.queries import find_one
from inventory.models import Sku
from inventory.stock.queries import availability
from orders.intake.mail.attached import AttachedSheet
from orders.intake.mail.catalogue import Catalogue, Good
from orders.intake.mail.email_orders import EmailOrder, Issue, read_email_order
from orders.intake.mail.mail import Mail, kind_of, ordered_in
from orders.intake.mail.models import OrderDraft
from orders.intake.mail.states import DRAFT, DraftStatus
from orders.intake.mail.subjects import under_subject
from orders.intake.messages.models import IncomingMessage
from orders.order.actions.timeline import append_event
from orders.order.models.order import Order
from orders.placement.actions.place import place_order
from orders.placement.incoming import IncomingOrder
from orders.placement.recognition import Chosen
from orders.placement.rows.batch import Placed

MOST_GOODS = 50_000


OURS = "<message-"  # how ids of mails that we send begin


@transaction.atomic(savepoint=False)
def process_mail(
    *,
    mail: Mail,
    sheets: Sequence[AttachedSheet],
    message: IncomingMessage,
    channel: Channel,
    by: Actor,
    now: datetime,
) -> tuple[str, str]:
    """Process an e-mail that was read of a message, with its sheets; return its outcome: (status, cause).

    A letter that names goods becomes a draft. Parcel notices and what machines write are none of ours;
    spam, and letters that name no goods, are held back for a person.
    """
    require_channel(by, channel.pk)
    kind = kind_of(mail)
    if kind == "spam":
        return "held", "spam"
    if kind in {"parcel_notice", "automatic"}:
        return "processed", kind
    if order := _answered(mail):
        append_event(
            order_id=order.pk,
            kind="mail.received",
            by=by,
            now=now,
            data={"message": message.pk},
        )
        message.order = order
        return "processed", ""
    letter = _understood(mail, sheets, now.date())
    if not letter.lines:
        cause, message.params = _why_no_draft(letter, kind)
        return "held", cause
    OrderDraft.objects.create(
        channel=channel,
        message=message,
        sender=mail.sender,
        subject=mail.subject[:250],
        text=mail.fresh[:20_000],
        reading=_as_row(letter, mail),
        created_at=now,
    )
    return "processed", ""


def _why_no_draft(letter: EmailOrder, kind: str) -> tuple[str, dict[str, object]]:
    """Why a letter that orders nothing waits for a person: the cause, and what it is about."""
    said = {issue.code for issue in letter.issues}
    if "says_no" in said:
        return "says_no", {}
    if "attachment_unreadable" in said:
        names = [x.params["name"] for x in letter.issues if x.code == "attachment_unreadable"]
        return "attachment_unreadable", {"name": ", ".join(map(str, names))[:300]}
    return ("reply_to_nothing" if kind == "reply" else "no_goods"), {}


def _answered(mail: Mail) -> Order | None:
    """The order that one of our own mails was about which this one answers."""
    from erp.messages.models import Message

    for name in mail.answers:
        pk = name.removeprefix(OURS).partition("@")[0]
        if name.startswith(OURS) and pk.isdecimal() and len(pk) < 15:
            sent = Message.objects.filter(pk=int(pk), recipient__iexact=mail.sender).first()
            ref = sent.subject_ref.partition(":") if sent else ("", "", "")
            if ref[0] == "order" and ref[2].isdecimal():
                return Order.objects.filter(pk=int(ref[2])).first()
    return None


def _understood(mail: Mail, sheets: Sequence[AttachedSheet], today: date) -> EmailOrder:
    """What a mail asks for: in schema.org's words, in a sheet it brings, else in its own."""
    catalogue = _catalogue()
    asked = [f"{code} {name} x {units}" for code, name, units in ordered_in(mail.linked_data)]
    issues = [] if mail.is_sure and not is_garbled(mail.fresh) else [Issue("encoding_doubtful")]
    for sheet in sheets:
        asked += [_sheet_line(row) for row in sheet.rows]
        issues += sheet.issues
    text = "\n".join([*asked, mail.fresh]) if asked else mail.fresh
    letter = under_subject(read_email_order(text, catalogue, today), mail.subject)
    return replace(letter, issues=(*letter.issues, *issues))


def _sheet_line(row: Sequence[str]) -> str:
    """A row of an attached sheet as a letter's line: what stands in its cells, the quantity said to be one."""
    cells = [cell.strip() for cell in row if cell.strip()]
    counts = [c.removesuffix(".0") for c in cells if c.removesuffix(".0").isdecimal()]
    words = [c for c in cells if not c.removesuffix(".0").isdecimal()]
    if len(set(counts)) != 1 or not words:  # several may be the quantity: a person says which
        return " ".join(cells)
    return f"{' '.join(words)} qty: {counts[0]}"


def _catalogue() -> Catalogue:
    """Every active SKU by its names."""
    rows = Sku.objects.filter(is_active=True, is_service=False).order_by("pk")
    fields = rows.values_list("code", "name", "translations", "barcode")[:MOST_GOODS]
    return Catalogue(
        [
            Good(code, name, tuple(others.values()), barcode)
            for code, name, others, barcode in fields
        ]
    )


def _as_row(letter: EmailOrder, mail: Mail) -> dict[str, object]:
    row = asdict(letter)
    stock = {
        x["sku"]: x["available"] for x in availability(codes=[line.sku for line in letter.lines])
    }
    short = [
        {
            "code": "short",
            "params": {
                "sku": line.sku,
                "available": stock.get(line.sku, 0),
                "asked": line.quantity,
            },
        }
        for line in letter.lines
        if line.quantity > stock.get(line.sku, 0)
    ]
    row["issues"] = [*row["issues"], *short]
    row["contact"] = {"email": mail.sender, "name": mail.name}
    return row


@transaction.atomic(savepoint=False)
def end_draft(*, draft_id: int, order_id: int | None, by: Actor, now: datetime) -> OrderDraft:
    """Note that a draft became an order, or (None) that it becomes none. Raises Conflict, NotFound."""
    require(by, "orders.place")
    mine = of_own_channel(OrderDraft.objects.filter(pk=draft_id), by)
    draft = find_one(mine.select_for_update())
    if draft.status != DraftStatus.OPEN:
        raise Conflict(_("This draft has already been processed."))
    draft.status = DRAFT.next_state(draft.status, "place" if order_id else "dismiss")
    draft.order_id, draft.ended_at, draft.ended_by = order_id, now, by
    draft.save(update_fields=["status", "order", "ended_at", "ended_by"])
    if order_id:
        IncomingMessage.objects.filter(pk=draft.message_id).update(order=order_id)
    return draft


@wants_attempt
@transaction.atomic(savepoint=False)
def place_typed_order(
    *,
    incoming: IncomingOrder,
    channel: Channel,
    draft_id: int | None,
    customer_id: int | None = None,
    by: Actor,
    now: datetime,
    attempt: int = 1,
) -> Placed:
    """Place an order that a person has typed; of a draft, once, whoever else is about it.

    customer_id   the customer whom they have chosen, whose terms count then

    An order that is there already becomes the draft's, unless it is another draft's.
    Raises what `place_order` raises, and Conflict for a draft that somebody has dealt with.
    """
    placed = place_order(
        incoming=incoming,
        channel=channel,
        chosen=Chosen(customer_id) if customer_id else None,
        by=by,
        now=now,
        attempt=max(2, attempt) if draft_id else attempt,
    )
    if draft_id is not None:
        order = Order.objects.select_related("draft").get(number=placed.number)
        made_of: OrderDraft | None = getattr(order, "draft", None)
        if made_of is None:
            end_draft(draft_id=draft_id, order_id=order.pk, by=by, now=now)
        elif made_of.pk != draft_id:
            raise Conflict(
                _("Order %(number)s was created from another draft.") % {"number": order.number}
            )
    return placed


@transaction.atomic(savepoint=False)
def dismiss_draft(*, draft_id: int, by: Actor, now: datetime) -> OrderDraft:
    """Decide that a draft becomes no order."""
    return end_draft(draft_id=draft_id, order_id=None, by=by, now=now)


def as_entry(reading: Mapping[str, Any]) -> dict[str, str]:
    """A draft's reading as the fields of order entry."""
    said = {
        name: (reading.get(name) or {}).get("value", "") for name in ("name", "ship_to", "need_by")
    }
    contact = reading.get("contact", {})
    return {
        "name": said["name"] or contact.get("name", ""),
        "email": contact.get("email", ""),
        "ship_to": said["ship_to"],
        "note": _("Requested by %(day)s") % {"day": said["need_by"]} if said["need_by"] else "",
    }
