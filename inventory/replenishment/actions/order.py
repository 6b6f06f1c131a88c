"""Turns purchase suggestions into purchase orders, by hand and automatically."""

import logging
from collections.abc import Sequence
from datetime import date, datetime, timedelta

from django.db import transaction
from django.utils.translation import gettext as _

from erp.access.models import Actor
from erp.access.queries import require
from erp.errors import DomainError, Invalid
from inventory.purchasing.actions.purchase import (
    Wanted,
    approve_purchase,
    draft_purchase,
    send_purchase,
    terms_of,
)
from inventory.purchasing.models import PurchaseOrder, Supplier
from inventory.replenishment.models import Suggestion

logger = logging.getLogger(__name__)


@transaction.atomic(savepoint=False)
def order_suggestions(
    *, suggestion_ids: Sequence[int], by: Actor, now: datetime
) -> list[PurchaseOrder]:
    """Turn suggestions into draft purchase orders, one a supplier and warehouse.

    A suggestion is used once. Raises Invalid when one has no supplier or no price.
    """
    require(by, "purchasing.edit")
    rows = list(
        Suggestion.objects.select_for_update(of=("self",))
        .select_related("sku")
        .filter(pk__in=suggestion_ids, purchase=None)
        .order_by("supplier_id", "warehouse_id", "sku_id")
    )
    if not rows:
        raise Invalid(_("These suggestions have already been ordered."))
    if any(row.supplier_id is None for row in rows):
        codes = ", ".join(row.sku.code for row in rows if row.supplier_id is None)
        raise Invalid(
            _("%(skus)s has no supplier whose terms hold today: add one first.") % {"skus": codes}
        )
    if nameless := unpriced(rows, now.date()):
        codes = ", ".join(row.sku.code for row in nameless)
        raise Invalid(
            _("%(skus)s has no price for so few units: add one to the supplier's terms first.")
            % {"skus": codes}
        )
    made = []
    keys = dict.fromkeys((row.supplier_id, row.warehouse_id) for row in rows)
    for supplier_id, warehouse_id in keys:
        mine = [r for r in rows if (r.supplier_id, r.warehouse_id) == (supplier_id, warehouse_id)]
        purchase = draft_purchase(
            supplier_id=supplier_id or 0,
            warehouse_id=warehouse_id,
            wanted=[Wanted(r.sku_id, r.quantity, r.unit_price, r.reasons) for r in mine],
            is_suggested=True,
            by=by,
            now=now,
        )
        Suggestion.objects.filter(pk__in=[r.pk for r in mine]).update(purchase=purchase)
        made.append(purchase)
    return made


def unpriced(rows: Sequence[Suggestion], day: date) -> list[Suggestion]:
    """Those of these suggestions whose price nobody has said.

    Nought is a price only where the supplier's terms say it today: as long as a price could not be missing,
    nought was written for one that was.
    """
    noughts: dict[int, list[Suggestion]] = {}
    for row in rows:
        if row.unit_price == 0 and row.supplier_id is not None:
            noughts.setdefault(row.supplier_id, []).append(row)
    free = set()
    for supplier_id, its in noughts.items():
        terms = terms_of(supplier_id, [row.sku_id for row in its], day)
        for row in its:
            fitting = [t for t in terms.get(row.sku_id, []) if t.min_quantity <= row.quantity]
            if fitting and fitting[-1].unit_price == 0:
                free.add(row.pk)
    return [row for row in rows if not row.unit_price and row.pk not in free]


@transaction.atomic(savepoint=False)
def order_by_itself(*, by: Actor, now: datetime) -> list[PurchaseOrder]:
    """Order what is suggested from suppliers that are ordered from by themselves, once a cycle.

    A purchase order that may go out is approved and sent; one that may not (below the least order
    value, above the approval limit, in a currency whose rate nobody has said) waits as a draft.
    What has no price stays a suggestion: its reasons say why, and staff are told (`inventory.desk.alerts`).
    """
    require(by, "purchasing.edit")
    made: list[PurchaseOrder] = []
    for supplier in Supplier.objects.filter(orders_itself=True, is_active=True).order_by("pk"):
        since = now - timedelta(days=supplier.review_days) + timedelta(hours=12)
        recent = PurchaseOrder.objects.filter(
            supplier=supplier, is_suggested=True, created_at__gt=since
        )
        rows = list(
            Suggestion.objects.filter(
                supplier=supplier, purchase=None, quantity__gt=0, sku__is_active=True
            )
        )
        nameless = {row.pk for row in unpriced(rows, now.date())}
        chosen = [row.pk for row in rows if row.pk not in nameless]
        if not chosen or recent.exists():
            continue
        try:
            with transaction.atomic():
                drafts = order_suggestions(suggestion_ids=chosen, by=by, now=now)
        except DomainError as refusal:
            # Terms that changed since stopped the whole night's run once. Its suggestions stay, and say what they are.
            logger.warning("Nothing was ordered from %s: %s", supplier.code, refusal)
            continue
        for purchase in drafts:
            try:
                with transaction.atomic():
                    approve_purchase(purchase_id=purchase.pk, by=by, now=now)
                    send_purchase(purchase_id=purchase.pk, by=by, now=now)
            except DomainError:
                purchase.refresh_from_db()  # a draft still: its page says what keeps it
            made.append(purchase)
    return made
