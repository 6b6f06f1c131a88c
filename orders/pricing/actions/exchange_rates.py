"""Writes exchange rates from files and feeds, and rates orders that lack one."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db import connection, transaction
from django.utils.translation import gettext as _

from erp.access.models import Actor
from erp.access.queries import own_currency, require, sign_history
from erp.jobs.upsert import Outcome, Wish, given, planned
from orders.pricing.models.prices import ExchangeRate

DEFAULT_BOOK = "CNY"  # as `Company` has it where nobody has written one down


AT_ONCE = 5000


@transaction.atomic(savepoint=False)
def write_rates(*, rows: Sequence[Mapping[str, Any]], by: Actor, now: datetime) -> Outcome:
    """Set exchange rates, by currency and day: what one unit is worth in the company's currency.

    rows   {"currency", "on", "rate", "source"}
    Orders keep the rate they were placed at.
    """
    require(by, "settings.edit")
    sign_history(by)
    book = own_currency()
    refused, wishes = {}, []
    known = ExchangeRate.objects.filter(
        currency__in={str(row["currency"]).upper() for row in rows},
        on__in={row["on"] for row in rows},
    )
    found = {(rate.currency, rate.on): rate for rate in known}
    for n, row in enumerate(rows):
        code = str(row["currency"]).upper()
        if len(code) != 3 or not code.isalpha():
            refused[n] = _("“%(code)s” is not a currency.") % {"code": row["currency"]}
        elif code == book:
            refused[n] = _("%(code)s is the company's currency and needs no rate.") % {"code": code}
        elif row["rate"] <= 0:
            refused[n] = _("A rate is above zero.")
        else:
            key = (code, row["on"])
            values = {"currency": code, "on": row["on"]} | given(row, "rate", "source")
            wishes.append(Wish(n, key, values))
    plan = planned(ExchangeRate, found, wishes)
    ExchangeRate.objects.bulk_create(plan.fresh, batch_size=1000)
    if plan.changed:
        ExchangeRate.objects.bulk_update(plan.changed, sorted(plan.fields), batch_size=1000)
    plan.outcome.refused |= refused
    return plan.outcome


@transaction.atomic(savepoint=False)
def rate_orders() -> int:
    """Give orders the rate of their day that nobody knew when they came; return how many got one."""
    book = own_currency()
    with connection.cursor() as cursor:
        cursor.execute(
            """
            WITH due AS (
                SELECT o.id, CASE WHEN o.currency = %s THEN 1 ELSE (
                    SELECT r.rate FROM orders_exchangerate r
                    WHERE r.currency = o.currency AND r."on" <= o.placed_at::date
                    ORDER BY r."on" DESC LIMIT 1) END AS rate
                FROM orders_order o WHERE o.book_rate IS NULL AND NOT o.is_history
                  AND (o.currency = %s OR EXISTS (SELECT 1 FROM orders_exchangerate r
                       WHERE r.currency = o.currency AND r."on" <= o.placed_at::date))
                LIMIT %s)
            UPDATE orders_order o SET book_currency = %s, book_rate = due.rate
            FROM due WHERE due.id = o.id
            """,
            [book, book, AT_ONCE, book],
        )
        return int(cursor.rowcount)
