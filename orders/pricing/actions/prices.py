"""Writes prices in bulk from sheets."""

from collections.abc import Mapping, Sequence
from datetime import datetime, time
from typing import Any

from django.db import transaction
from django.utils.timezone import make_aware
from django.utils.translation import gettext as _

from erp.access.models import Actor
from erp.access.queries import require, sign_history
from erp.jobs.upsert import Outcome, Wish, given, planned
from inventory.models import Sku
from orders.pricing.models.prices import Price, PriceList


@transaction.atomic(savepoint=False)
def write_prices(*, rows: Sequence[Mapping[str, Any]], by: Actor, now: datetime) -> Outcome:
    """Set prices, by price list, SKU, quantity from which one holds, and first day."""
    require(by, "inventory.edit")
    sign_history(by)
    codes = {row["price_list"] for row in rows}
    lists = {found.code: found for found in PriceList.objects.filter(code__in=codes)}
    skus = {s.code: s for s in Sku.objects.filter(code__in={row["sku"] for row in rows})}
    prices = Price.objects.filter(price_list__in=lists.values(), sku__in=skus.values())
    found = {(p.price_list_id, p.sku_id, p.min_quantity, p.valid_from): p for p in prices}
    refused, wishes = {}, []
    for n, row in enumerate(rows):
        prices_in, sku = lists.get(row["price_list"]), skus.get(row["sku"])
        if prices_in is None:
            refused[n] = _("There is no price list “%(code)s”.") % {"code": row["price_list"]}
        elif sku is None:
            refused[n] = _("There is no SKU “%(code)s”.") % {"code": row["sku"]}
        else:
            days = {
                name: make_aware(datetime.combine(row[name], time.min))
                for name in ("valid_from", "valid_until")
                if row.get(name)
            }
            key = (prices_in.pk, sku.pk, row.get("min_quantity") or 1, days.get("valid_from"))
            names = ("price_list_id", "sku_id", "min_quantity", "valid_from")
            values = dict(zip(names, key, strict=True)) | days | given(row, "amount")
            wishes.append(Wish(n, key, values))
    plan = planned(Price, found, wishes)
    Price.objects.bulk_create(plan.fresh, batch_size=1000)
    if plan.changed:
        Price.objects.bulk_update(plan.changed, sorted(plan.fields), batch_size=1000)
    plan.outcome.refused |= refused
    return plan.outcome
