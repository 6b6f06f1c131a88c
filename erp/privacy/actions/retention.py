"""Lets go what was kept long enough: rule by rule, in small transactions, resumed where the last one stopped.

Rows are walked along an index, so that a night costs what it removes and not what there is: along their age where an
index begins with it, else along their ids, which grow with it. Then `Retention.after` remembers how far all rows were
too old; once a week it begins anew, for those that were still needed when it went by.
"""

from datetime import datetime, timedelta

from django.db import connection, transaction
from django.utils.translation import gettext as _

from erp.access.models import Actor
from erp.access.queries import require
from erp.errors import FieldError, Invalid
from erp.privacy.declarations import Rule, rule_named, rules
from erp.privacy.models import Retention

AT_ONCE = 2000  # rows of one transaction
ANEW = timedelta(days=7)
BY_ID = """
WITH page AS (
    SELECT t.id, ({age}) AS age, ({only}) AS may FROM {table} t
    WHERE t.id > %(after)s ORDER BY t.id LIMIT %(limit)s),
found AS (
    SELECT t.ctid FROM {table} t WHERE t.id IN (SELECT id FROM page WHERE age < %(before)s AND may)
    FOR UPDATE SKIP LOCKED),
gone AS ({act} RETURNING 1)
SELECT (SELECT count(*) FROM gone), (SELECT max(id) FROM page WHERE age < %(before)s)
"""
BY_AGE = """
WITH found AS (
    SELECT t.ctid FROM {table} t WHERE {age} < %(before)s AND ({only})
    ORDER BY t.{walks} LIMIT %(limit)s FOR UPDATE SKIP LOCKED),
gone AS ({act} RETURNING 1)
SELECT (SELECT count(*) FROM gone), NULL::bigint
"""


@transaction.atomic(savepoint=False)
def let_go_some(*, rule: str, now: datetime, limit: int = AT_ONCE) -> bool:
    """Let go a few thousand rows at most by one rule; return whether more may be due.

    False as well where another worker is at it.
    """
    one = rule_named(rule)
    Retention.objects.bulk_create([Retention(name=rule)], ignore_conflicts=True)
    row = Retention.objects.select_for_update(skip_locked=True).filter(name=rule).first()
    if row is None:
        return False
    if row.anew_at is None or row.anew_at <= now:
        row.after, row.anew_at = 0, now + ANEW
    before = now - timedelta(days=one.days if row.days is None else row.days)
    removed, reached = _removed(one, row.after, before, limit)
    row.after = max(row.after, reached or 0)
    row.last_removed = removed + (row.last_removed if row.is_behind else 0)
    row.ran_at, row.removed = now, row.removed + removed
    row.is_behind = bool(reached) if one.walks == "id" and not one.function else removed >= limit
    row.save()
    return row.is_behind


def _removed(rule: Rule, after: int, before: datetime, limit: int) -> tuple[int, int | None]:
    """How many rows went, and up to which id all rows were too old."""
    with connection.cursor() as cursor:
        if rule.function:
            cursor.execute(f"SELECT {rule.function}(%s, %s)", [before, limit])
            return int((cursor.fetchone() or (0,))[0]), None
        sql = (BY_ID if rule.walks == "id" else BY_AGE).format(
            table=rule.table, age=rule.age, only=rule.only, walks=rule.walks, act=_act(rule)
        )
        cursor.execute(sql, {"after": after, "before": before, "limit": limit})
        removed, reached = cursor.fetchone() or (0, None)
        return int(removed), reached


def _act(rule: Rule) -> str:
    found = "t.ctid = ANY(ARRAY(SELECT ctid FROM found))"
    if not rule.blanks:
        return f"DELETE FROM {rule.table} t WHERE {found}"
    sets = ", ".join(f'"{name}" = {value}' for name, value in rule.blanks.items())
    return f"UPDATE {rule.table} t SET {sets} WHERE {found}"


@transaction.atomic(savepoint=False)
def set_retention(*, rule: str, days: int, by: Actor, now: datetime) -> Retention:
    """Set how many days a rule keeps its rows, within its bounds. Raises Invalid."""
    require(by, "settings.edit")
    one = next((r for r in rules() if r.name == rule), None)
    if one is None:
        raise Invalid(_("There is no such rule."))
    if days < one.least or (one.most and days > one.most):
        most = f"{one.most:,}" if one.most else "∞"
        detail = _("From %(least)s to %(most)s days.") % {"least": f"{one.least:,}", "most": most}
        raise Invalid(detail, errors=[FieldError(f"/{rule}", "out-of-bounds", detail)])
    row, _created = Retention.objects.get_or_create(name=rule)
    row.days = None if days == one.days else days
    row.anew_at = None  # a shorter time: what was passed by may be due
    row.save(update_fields=["days", "anew_at"])
    return row
