"""Computes review figures: touchless rate, open holds, time to clear."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import connection

PERIOD = timedelta(days=7)


# An order is touched by a hold that a person opened or released, by one that is open still (but for those
# that only wait for their day), and by a person's edit of its content.
_TOUCHLESS = """
WITH placed AS (
    SELECT id, version, placed_at >= %(middle)s AS is_now FROM orders_order
    WHERE placed_at >= %(start)s AND placed_at < %(end)s AND NOT is_history AND status <> 'draft'),
touched AS (
    SELECT h.order_id AS id FROM orders_hold h JOIN placed p ON p.id = h.order_id
    JOIN erp_actor b ON b.id = h.by_id LEFT JOIN erp_actor r ON r.id = h.released_by_id
    WHERE b.kind = 'person' OR r.kind = 'person' OR (h.released_at IS NULL AND h.kind <> 'wait')
    UNION
    SELECT e.order_id FROM placed p JOIN orders_orderevent e ON e.order_id = p.id AND e.kind = 'edited'
    JOIN erp_actor b ON b.id = e.by_id AND b.kind = 'person' WHERE p.version > 1)
SELECT is_now, count(*), count(*) FILTER (WHERE id IN (SELECT id FROM touched)) FROM placed GROUP BY 1
"""


_KINDS = """
SELECT coalesce(o.kind, c.kind), coalesce(o.n, 0), o.oldest, coalesce(c.n, 0), c.p50, c.p90
FROM (SELECT kind, count(*) AS n, min(opened_at) AS oldest FROM orders_hold WHERE released_at IS NULL GROUP BY 1) o
FULL JOIN (
    SELECT kind, count(*) AS n,
           percentile_cont(0.5) WITHIN GROUP (ORDER BY extract(epoch FROM released_at - opened_at)) AS p50,
           percentile_cont(0.9) WITHIN GROUP (ORDER BY extract(epoch FROM released_at - opened_at)) AS p90
    FROM orders_hold WHERE released_at >= %(middle)s AND released_at < %(end)s GROUP BY 1) c ON c.kind = o.kind
ORDER BY 2 DESC, 1
"""


@dataclass(frozen=True, slots=True)
class Share:
    """So many orders, and how many of them a person had to do something about."""

    orders: int = 0
    touched: int = 0

    @property
    def touchless(self) -> float | None:
        """None where there were no orders."""
        return (self.orders - self.touched) / self.orders if self.orders else None


@dataclass(frozen=True, slots=True)
class HeldKind:
    """Holds of one kind: open now, the oldest of these; those cleared in the period and how long that took.

    p50, p90   seconds within which half of them, and nine in ten, were cleared
    """

    kind: str
    open: int
    oldest: datetime | None
    cleared: int
    p50: float | None
    p90: float | None


@dataclass(frozen=True, slots=True)
class ReviewFigures:
    """The last seven days, and the seven before them."""

    now: Share
    before: Share
    kinds: list[HeldKind]


def review_figures(now: datetime) -> ReviewFigures:
    """Touchless rate = orders without a person's edit, approval or exception ÷ orders placed; holds by kind.

    Time to clear is from opening to release, of the holds released in the last seven days.
    """
    span = {"start": now - 2 * PERIOD, "middle": now - PERIOD, "end": now}
    with connection.cursor() as cursor:
        cursor.execute(_TOUCHLESS, span)
        shares = {is_now: Share(orders, touched) for is_now, orders, touched in cursor.fetchall()}
        cursor.execute(_KINDS, span)
        kinds = [
            HeldKind(kind, n, oldest, cleared, *(None if s is None else float(s) for s in within))
            for kind, n, oldest, cleared, *within in cursor.fetchall()
        ]
    return ReviewFigures(shares.get(True, Share()), shares.get(False, Share()), kinds)
