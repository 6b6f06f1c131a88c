"""Changes purchase orders: draft, approve, send, acknowledge, reschedule, close, cancel."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal

from django.db import transaction
from django.utils.translation import gettext as _

from erp.access.models import Actor
from erp.access.queries import own_currency, require
from erp.approvals.actions import SIGNED, sign_approval, sign_proposal
from erp.approvals.queries import answers_for
from erp.document_numbers import next_number
from erp.errors import Conflict, FieldError, Invalid, NotFound
from erp.events.record import record_event
from erp.money import RATE_DECIMALS
from erp.queries import find_one
from inventory.catalogue.models import Sku
from inventory.purchasing.actions.receive import open_units
from inventory.purchasing.decisions import sum_of_line
from inventory.purchasing.models import PurchaseLine, PurchaseOrder, Supplier, SupplierTerm
from inventory.purchasing.queries import below_least, weight_of_purchase
from inventory.purchasing.states import PURCHASE, UNDER_WAY
from inventory.stock.actions.amounts import flaw_of, refuse
from inventory.stock.models.places import Warehouse


@dataclass(frozen=True)
class Wanted:
    """Units of a SKU to buy. No price: the supplier's terms of the day hold."""

    sku_id: int
    quantity: int
    unit_price: Decimal | None = None
    reasons: Sequence[Mapping[str, object]] = field(default_factory=tuple)


@transaction.atomic(savepoint=False)
def draft_purchase(
    *,
    supplier_id: int,
    warehouse_id: int,
    wanted: Sequence[Wanted],
    note: str = "",
    expected_on: date | None = None,
    order_number: str = "",
    is_suggested: bool = False,
    by: Actor,
    now: datetime,
) -> PurchaseOrder:
    """Draft a purchase order.

    expected_on    when the goods should come; None: today and the supplier's lead time
    order_number   the customer's order it is bought for, where it is
    Raises Invalid by line: unknown SKU, no price, below the least quantity, not whole packs.
    """
    require(by, "purchasing.edit")
    # Locked: two orders written at once would each not know of the other, and both be small.
    suppliers = Supplier.objects.select_for_update().filter(pk=supplier_id, is_active=True)
    supplier = suppliers.first()
    if supplier is None or not Warehouse.objects.filter(pk=warehouse_id).exists():
        raise NotFound
    prices = _prices(supplier, wanted, now.date())
    purchase = PurchaseOrder.objects.create(
        number=next_number("PO", "inventory_purchaseorder"),
        supplier=supplier,
        warehouse_id=warehouse_id,
        status=PURCHASE.initial,
        currency=supplier.currency,
        note=note[:500],
        order_number=order_number[:20],
        is_suggested=is_suggested,
        expected_on=expected_on or (now + timedelta(days=supplier.lead_time_days)).date(),
        by=by,
        created_at=now,
    )
    lines = [
        _line(purchase, row, price, code) for row, (price, code) in zip(wanted, prices, strict=True)
    ]
    PurchaseLine.objects.bulk_create(lines)
    purchase.total = sum(
        (sum_of_line(x.unit_price, x.quantity, purchase.currency) for x in lines), Decimal(0)
    )
    purchase.proposed_for_id = answers_for(by)
    sign_proposal(row=purchase, weight=weight_of_purchase(purchase, now), by=by)
    purchase.save(update_fields=["total", *SIGNED])
    return purchase


def _line(purchase: PurchaseOrder, wanted: Wanted, price: Decimal, code: str) -> PurchaseLine:
    return PurchaseLine(
        purchase=purchase,
        sku_id=wanted.sku_id,
        warehouse_id=purchase.warehouse_id,
        quantity=wanted.quantity,
        unit_price=price,
        supplier_sku=code,
        expected_on=purchase.expected_on,
        reasons=list(wanted.reasons),
    )


def term_order(term: SupplierTerm) -> tuple[int, bool, date]:
    """How terms are read: the smallest quantity first, of equal ones the newest last, which is the one that holds.

    One without a day holds where none with a day does: sorted behind them by PostgreSQL, it won.
    """
    return term.min_quantity, term.valid_from is not None, term.valid_from or date.min


def terms_of(supplier_id: int, sku_ids: Sequence[int], day: date) -> dict[int, list[SupplierTerm]]:
    """A supplier's terms that hold on a day, by SKU id, as `term_order` sorts them."""
    found: dict[int, list[SupplierTerm]] = {}
    rows = SupplierTerm.objects.filter(supplier_id=supplier_id, sku_id__in=sku_ids)
    for term in sorted(rows, key=term_order):
        begun = term.valid_from is None or term.valid_from <= day
        if begun and (term.valid_until is None or term.valid_until >= day):
            found.setdefault(term.sku_id, []).append(term)
    return found


def _prices(supplier: Supplier, wanted: Sequence[Wanted], day: date) -> list[tuple[Decimal, str]]:
    """Price and the supplier's code of each line. Raises Invalid by line."""
    ids = [row.sku_id for row in wanted]
    terms = terms_of(supplier.pk, ids, day)
    stocked = set(
        Sku.objects.filter(pk__in=ids, is_service=False, parts=None).values_list("pk", flat=True)
    )
    prices, errors = [], []
    for n, row in enumerate(wanted):
        steps = terms.get(row.sku_id, [])
        fitting = [t for t in steps if t.min_quantity <= row.quantity]
        price = row.unit_price
        if price is None and fitting:
            price = fitting[-1].unit_price
        field, problem = "", ""
        if row.sku_id not in stocked or ids.count(row.sku_id) > 1:
            problem = _("Not a stocked SKU, or entered twice.")
        elif row.quantity < 1:
            problem = _("At least 1.")
        elif price is None or price < 0:
            problem = _("%(supplier)s has no price for this SKU: enter one.") % {
                "supplier": supplier.name
            }
        elif flaw := flaw_of(price):
            field, problem = "/unit_price", flaw.detail
        elif steps and row.quantity < steps[0].moq:
            problem = _("At least %(moq)s.") % {"moq": steps[0].moq}
        elif steps and row.quantity % steps[0].pack_size:
            problem = _("In packs of %(pack)s.") % {"pack": steps[0].pack_size}
        if problem:
            errors.append(FieldError(f"/lines/{n}{field}", "refused", problem))
        prices.append((price or Decimal(0), steps[0].supplier_sku if steps else ""))
    if errors or not wanted:
        raise Invalid(errors[0].detail if errors else _("Name at least one SKU."), errors=errors)
    return prices


@transaction.atomic(savepoint=False)
def approve_purchase(*, purchase_id: int, by: Actor, now: datetime) -> PurchaseOrder:
    """Approve a purchase order.

    Raises Conflict below the supplier's least order value, SecondPersonNeeded where what is worth more than the
    company's or the warehouse's limit is approved by who wrote it, or by a job.
    """
    require(by, "purchasing.approve")
    purchase = lock_purchase(purchase_id)
    purchase.status = PURCHASE.next_state(purchase.status, "approve")
    if why := below_least(purchase):
        raise Conflict(why)
    sign_approval(row=purchase, weight=weight_of_purchase(purchase, now), by=by)
    purchase.approved_at = now
    purchase.save(update_fields=["status", "approved_at", *SIGNED])
    return purchase


@transaction.atomic(savepoint=False)
def send_purchase(
    *, purchase_id: int, exchange_rate: Decimal | None = None, by: Actor, now: datetime
) -> PurchaseOrder:
    """Send a purchase order to its supplier; its goods count as incoming from now on.

    exchange_rate   company currency for one of the supplier's; needed where they differ
    """
    require(by, "purchasing.send")
    purchase = lock_purchase(purchase_id)
    purchase.status = PURCHASE.next_state(purchase.status, "send")
    own = own_currency()
    if exchange_rate is not None:
        if exchange_rate <= 0:
            detail = _("An exchange rate is above zero.")
            raise Invalid(detail, errors=[FieldError("/exchange_rate", "out-of-range", detail)])
        refuse(flaw_of(exchange_rate, RATE_DECIMALS), "/exchange_rate")
        purchase.exchange_rate = exchange_rate
    elif purchase.currency != own:
        raise Invalid(
            _("Enter the rate of 1 %(currency)s in %(own)s.")
            % {"currency": purchase.currency, "own": own}
        )
    purchase.sent_at = now
    purchase.save(update_fields=["status", "sent_at", "exchange_rate"])
    count_incoming(purchase)
    record_event(
        "purchase.sent",
        subject=f"purchase:{purchase.pk}",
        channel_id=None,
        purchase_id=purchase.pk,
    )
    return purchase


@transaction.atomic(savepoint=False)
def acknowledge_purchase(
    *,
    purchase_id: int,
    reference: str = "",
    expected_on: date | None = None,
    by: Actor,
    now: datetime,
) -> PurchaseOrder:
    """Record the supplier's confirmation, with their number and date."""
    require(by, "purchasing.acknowledge")
    purchase = lock_purchase(purchase_id)
    purchase.status = PURCHASE.next_state(purchase.status, "acknowledge")
    purchase.supplier_reference = reference[:80]
    purchase.save(update_fields=["status", "supplier_reference"])
    if expected_on:
        _expect(purchase, expected_on, None)
    return purchase


@transaction.atomic(savepoint=False)
def reschedule_purchase(
    *,
    purchase_id: int,
    expected_on: date,
    line_ids: Sequence[int] | None = None,
    by: Actor,
    now: datetime,
) -> PurchaseOrder:
    """Change the expected date of all or some lines of a purchase order.

    Orders that were promised the goods hear of it by the event purchase.delayed.
    """
    require(by, "purchasing.reschedule")
    purchase = lock_purchase(purchase_id)
    PURCHASE.next_state(purchase.status, "reschedule")
    before = purchase.expected_on
    _expect(purchase, expected_on, line_ids)
    if before and purchase.expected_on and purchase.expected_on > before:
        tell_delayed(purchase)
    return purchase


def _expect(purchase: PurchaseOrder, day: date, line_ids: Sequence[int] | None) -> None:
    lines = purchase.lines.all()
    if line_ids is not None:
        lines = lines.filter(pk__in=line_ids)
    lines.update(expected_on=day)
    days = [d for d in purchase.lines.values_list("expected_on", flat=True) if d]
    purchase.expected_on = max(days, default=day)
    purchase.warned_on = None
    purchase.save(update_fields=["expected_on", "warned_on"])


def tell_delayed(purchase: PurchaseOrder) -> None:
    """Record that a purchase order is late."""
    record_event(
        "purchase.delayed",
        subject=f"purchase:{purchase.pk}",
        channel_id=None,
        purchase_id=purchase.pk,
        sku_ids=list(
            purchase.lines.filter(quantity_incoming__gt=0)
            .order_by("sku_id")
            .values_list("sku_id", flat=True)
        ),
    )


@transaction.atomic(savepoint=False)
def close_purchase(*, purchase_id: int, by: Actor, now: datetime) -> PurchaseOrder:
    """Close a purchase order short: its outstanding units are no longer expected."""
    require(by, "purchasing.close")
    purchase = lock_purchase(purchase_id)
    purchase.status = PURCHASE.next_state(purchase.status, "close")
    return _end(purchase, now)


@transaction.atomic(savepoint=False)
def cancel_purchase(*, purchase_id: int, by: Actor, now: datetime) -> PurchaseOrder:
    """Cancel a purchase order of which nothing has arrived."""
    require(by, "purchasing.cancel")
    purchase = lock_purchase(purchase_id)
    purchase.status = PURCHASE.next_state(purchase.status, "cancel")
    return _end(purchase, now)


def _end(purchase: PurchaseOrder, now: datetime) -> PurchaseOrder:
    for line in purchase.lines.order_by("sku_id"):
        line.quantity_cancelled = max(0, line.quantity - line.quantity_received)
        line.quantity_incoming = 0
        line.save(update_fields=["quantity_cancelled", "quantity_incoming"])
    purchase.ended_at = now
    purchase.save(update_fields=["status", "ended_at"])
    record_event(
        "purchase.closed",
        subject=f"purchase:{purchase.pk}",
        channel_id=None,
        purchase_id=purchase.pk,
    )
    return purchase


@transaction.atomic(savepoint=False)
def warn_of_late_purchases(*, today: date, by: Actor, now: datetime) -> int:
    """Tell of every order that should have come by now, once a day of delay agreed upon."""
    require(by, "purchasing.edit")
    late = PurchaseOrder.objects.select_for_update(skip_locked=True).filter(
        status__in=UNDER_WAY, expected_on__lt=today
    )
    told = 0
    for purchase in late.order_by("pk"):
        if purchase.warned_on is None or purchase.warned_on < (purchase.expected_on or today):
            purchase.warned_on = today
            purchase.save(update_fields=["warned_on"])
            tell_delayed(purchase)
            told += 1
    return told


def lock_purchase(purchase_id: int) -> PurchaseOrder:
    """Lock a purchase order until the transaction ends. Raises NotFound."""
    return find_one(
        PurchaseOrder.objects.select_for_update(of=("self",))
        .select_related("supplier", "warehouse")
        .filter(pk=purchase_id)
    )


def count_incoming(purchase: PurchaseOrder) -> None:
    """Write what each line adds to `incoming`; the levels follow by trigger, SKUs in order."""
    for line in purchase.lines.order_by("sku_id"):
        line.quantity_incoming = open_units(purchase.status, line)
        line.save(update_fields=["quantity_incoming"])
