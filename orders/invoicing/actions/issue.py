"""Issues invoices and credit notes by hand, on shipment and on order changes."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from decimal import Decimal

from django.db import connection, transaction
from django.db.models import QuerySet, Sum
from django.utils.translation import gettext as _

from erp.access.models import Actor
from erp.access.queries import require
from erp.errors import Conflict
from erp.events.record import record_event
from erp.money import rounded
from erp.zones import zone_of_channel
from orders.invoicing.decisions import Money, Part, Worth, differences, fitting, within
from orders.invoicing.models import Invoice, InvoiceLine
from orders.order.actions.timeline import append_event, lock_order
from orders.order.models.order import Order, OrderLine
from orders.policies.models import ChannelPolicy

ZERO = Decimal(0)


PREFIXES = {"invoice": "INV", "credit_note": "CN"}


SHIPPING = 0  # the key of what shipping comes to, among lines


@transaction.atomic(savepoint=False)
def issue_invoice(*, order_id: int, by: Actor, now: datetime) -> list[Invoice]:
    """Invoice uninvoiced amounts of a confirmed order, and credit what was invoiced too much.

    A channel that invoices as goods leave invoices what has left. Raises Conflict where nothing is to be
    invoiced, or the order is not confirmed.
    """
    require(by, "orders.pay")
    order = lock_order(order_id)
    if order.status not in {"confirmed", "completed"}:
        raise Conflict(_("An order can be invoiced once it is confirmed."))
    made = _settle(order, _way_of(order) == ChannelPolicy.Invoices.SHIPMENT, by, now)
    if not made:
        raise Conflict(_("Nothing left to invoice."))
    return made


@transaction.atomic(savepoint=False)
def follow_invoices(*, order_id: int, by: Actor, now: datetime) -> list[Invoice]:
    """Let an order's invoices follow what became of it, where its channel invoices by itself or some were issued.

    Called when it is shipped, changed or cancelled. Returns what was issued.
    """
    require(by, "orders.pay")
    order = lock_order(order_id)
    if order.is_history or order.status == "merged":
        return []
    way = _way_of(order)
    has_some = Invoice.objects.filter(order=order).exists()
    by_itself = way and order.status in {"confirmed", "completed"}
    if not has_some and not by_itself:
        return []
    return _settle(order, way == ChannelPolicy.Invoices.SHIPMENT, by, now)


def orders_to_invoice(*, limit: int = 500, but: Collection[int] = ()) -> list[int]:
    """Ids of confirmed orders of channels that invoice whole orders, placed in 90 days, that have no invoice yet."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT o.id FROM orders_channelpolicy p JOIN orders_order o ON o.channel_id = p.channel_id
            WHERE p.invoices = 'order' AND o.status IN ('confirmed', 'completed') AND NOT o.is_history AND o.total > 0
              AND o.confirmed_at > p.invoices_from AND o.placed_at > now() - interval '90 days'
              AND NOT EXISTS (SELECT 1 FROM orders_invoice i WHERE i.order_id = o.id)
              AND o.id <> ALL(%s::bigint[])
            ORDER BY o.id LIMIT %s
            """,
            [list(but), limit],
        )
        return [pk for (pk,) in cursor.fetchall()]


@transaction.atomic(savepoint=False)
def credit_refund(
    *, order_id: int, refund: str, amounts: Mapping[int, Decimal], by: Actor, now: datetime
) -> Invoice | None:
    """Credit money that went back for returned goods or as goodwill: `amounts` in all for this refund.

    amounts   by order line id, 0: for no line
    No more than is still invoiced: the rest follows with the next invoice. What was credited above the amounts is
    invoiced again: units that were paid back and are taken off since are credited with their line.
    The tax of what names a line is that line's, of the rest in proportion to what is still invoiced. None where
    nothing is to be written.
    """
    require(by, "orders.pay")
    order = lock_order(order_id)
    if not Invoice.objects.filter(order=order).exists():
        return None
    credited, left = _credited(order, refund), _left(order)
    whole = sum(amounts.values(), ZERO)
    more = whole - credited.total
    if more > 0:
        tax = whole * _tax_share(order, amounts, left) - credited.tax
        rate = max(ZERO, min(tax / more, Decimal(1)))  # of what is to be credited yet
        money = fitting(min(more, left.total), rate, left, order.currency, rounded=rounded)
        return _write_refund(order, "credit_note", refund, money, by, now)
    money = fitting(
        min(-more, credited.total), credited.tax_share, credited, order.currency, rounded=rounded
    )
    return _write_refund(order, "invoice", refund, money, by, now)


def _write_refund(
    order: Order, kind: str, refund: str, money: Money, by: Actor, now: datetime
) -> Invoice | None:
    if money.total <= 0:
        return None
    line = InvoiceLine(what="refund", name=refund, tax_rate=ZERO)
    corrects = _last_of_goods(order) if kind == "credit_note" else None
    row = (line, money.net, money.tax)
    return _write(order, kind, [row], by, now, corrects=corrects, refund=refund)


def _tax_share(order: Order, amounts: Mapping[int, Decimal], left: Money) -> Decimal:
    """Which part of a refund is tax: of what names lines as theirs is, of the rest as it is of what is left."""
    lines = OrderLine.objects.filter(order=order, pk__in=amounts, total__gt=0)
    shares = {pk: tax / total for pk, tax, total in lines.values_list("pk", "tax", "total")}
    tax = sum((a * shares.get(pk, left.tax_share) for pk, a in amounts.items()), ZERO)
    return tax / sum(amounts.values(), ZERO)


def _last_of_goods(order: Order) -> Invoice | None:
    return Invoice.objects.filter(order=order, kind="invoice", refund="").order_by("-pk").first()


def _credited(order: Order, refund: str) -> Money:
    """What was credited for a refund."""
    return _balance(Invoice.objects.filter(order=order, refund=refund), credit=1)


def _way_of(order: Order) -> str:
    way = ChannelPolicy.objects.filter(channel=order.channel_id).values_list("invoices", flat=True)
    return way.first() or ""


def _left(order: Order) -> Money:
    """An order's invoices less its credit notes."""
    return _balance(Invoice.objects.filter(order=order), credit=-1)


def _balance(which: QuerySet[Invoice], *, credit: int) -> Money:
    found = Money()
    sums = which.values_list("kind").annotate(n=Sum("net"), t=Sum("tax"))
    for kind, net, tax in sums.order_by():
        sign = credit if kind == "credit_note" else -credit
        found = Money(found.net + sign * net, found.tax + sign * tax)
    return found


def _settle(order: Order, as_shipped: bool, by: Actor, now: datetime) -> list[Invoice]:
    lines = list(OrderLine.objects.filter(order=order).order_by("position"))
    goods = [line for line in lines if not line.is_service]
    begun = not goods or any(line.quantity_shipped for line in goods)
    worths = [_worth(line, as_shipped, begun) for line in lines]
    counts = any(worth.quantity for worth in worths)
    worths.append(Worth(SHIPPING, int(counts), 1, order.shipping, order.shipping_tax))
    plus, minus = differences(worths, _invoiced(order), order.currency, rounded=rounded)
    plus, minus = within(plus, minus, _left(order), order.currency, rounded=rounded)
    known = {line.pk: line for line in lines}
    made = []
    for kind, parts in (("credit_note", minus), ("invoice", plus)):
        rows = [_row(part, known, order) for part in parts]
        if any(net + tax for _line, net, tax in rows):
            corrects = _last_of_goods(order) if kind == "credit_note" else None
            made.append(_write(order, kind, rows, by, now, corrects=corrects))
    return made


def _worth(line: OrderLine, as_shipped: bool, begun: bool) -> Worth:
    """What a line comes to; as goods leave, a service counts from the first parcel on (`begun`)."""
    units = line.quantity_ordered - line.quantity_cancelled
    if as_shipped:
        left = units * begun if line.is_service else line.quantity_shipped
        units = min(units, left)
    of = line.quantity_open or line.quantity_ordered
    return Worth(line.pk, units, of, line.subtotal - line.discount, line.tax)


def _invoiced(order: Order) -> dict[int, tuple[int, Decimal, Decimal]]:
    found: dict[int, tuple[int, Decimal, Decimal]] = {}
    rows = InvoiceLine.objects.filter(invoice__order=order).exclude(what="refund")
    sums = rows.values_list("order_line_id", "invoice__kind").annotate(
        q=Sum("quantity"), n=Sum("net"), t=Sum("tax")
    )
    for line, kind, units, net, tax in sums.order_by():
        sign = 1 if kind == "invoice" else -1
        was = found.get(line or SHIPPING, (0, ZERO, ZERO))
        found[line or SHIPPING] = (
            was[0] + sign * units,
            was[1] + sign * net,
            was[2] + sign * tax,
        )
    return found


def _row(
    part: Part, lines: dict[int, OrderLine], order: Order
) -> tuple[InvoiceLine, Decimal, Decimal]:
    if part.key == SHIPPING:
        rate = order.shipping_tax / order.shipping if order.shipping else ZERO
        row = InvoiceLine(
            what="shipping",
            name=order.shipping_service,
            quantity=part.quantity,
            tax_rate=round(rate, 5),
        )
        return row, part.net, part.tax
    line = lines[part.key]
    row = InvoiceLine(
        what="line",
        order_line=line,
        sku_code=line.sku_code,
        name=line.name,
        quantity=part.quantity,
        tax_rate=line.tax_rate,
    )
    return row, part.net, part.tax


def _write(
    order: Order,
    kind: str,
    rows: Sequence[tuple[InvoiceLine, Decimal, Decimal]],
    by: Actor,
    now: datetime,
    *,
    corrects: Invoice | None = None,
    refund: str = "",
) -> Invoice:
    net, tax = sum((n for _l, n, _t in rows), ZERO), sum((t for _l, _n, t in rows), ZERO)
    invoice = Invoice.objects.create(
        number=_next_number(kind, now.astimezone(zone_of_channel(order.channel_id)).year),
        kind=kind,
        order=order,
        corrects=corrects,
        refund=refund,
        currency=order.currency,
        net=net,
        tax=tax,
        total=net + tax,
        issued_at=now,
        by=by,
    )
    for line, of_net, of_tax in rows:
        line.invoice, line.net, line.tax, line.total = invoice, of_net, of_tax, of_net + of_tax
    InvoiceLine.objects.bulk_create([line for line, _n, _t in rows])
    topic = "invoice.issued" if kind == "invoice" else "invoice.credited"
    append_event(
        order_id=order.pk,
        kind=topic,
        by=by,
        now=now,
        data={"number": invoice.number, "amount": str(invoice.total), "currency": order.currency},
    )
    record_event(
        topic,
        subject=f"order:{order.pk}",
        channel_id=order.channel_id,
        order_id=order.pk,
        invoice=invoice.number,
    )
    return invoice


def _next_number(kind: str, year: int) -> str:
    """The next number of a kind and year; its row stays locked until the invoice is there, so that none is left out."""
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO orders_invoicecounter (kind, year, last) VALUES (%s, %s, 1)"
            " ON CONFLICT (kind, year) DO UPDATE SET last = orders_invoicecounter.last + 1 RETURNING last",
            [kind, year],
        )
        (last,) = cursor.fetchone()
    return f"{PREFIXES[kind]}{year}-{last:06d}"
