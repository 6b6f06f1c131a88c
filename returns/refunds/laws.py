"""Defines the invariants of returned goods and refunded money."""

from erp.approvals.laws import four_eyes_law
from erp.audit.laws import Law
from erp.money import DIGITS
from orders.intake.following.decisions.follow import BEYOND
from orders.order.states import ENDED_UNSERVED
from returns.refunds.states import SETTLED, TAKEN_OFF, UNDERWAY

_UNDERWAY = ", ".join(f"'{status}'" for status in UNDERWAY)
_TAKEN_OFF = ", ".join(f"'{reason}'" for reason in TAKEN_OFF)
# Why an order is held until somebody says what is to become of money: more came than it costs.
_MONEY_DOUBTED = "'overpaid'"
# Half of what is the least of a currency: amounts are kept rounded to it.
_HALF = "CASE {names} ELSE 0.005 END".format(
    names=" ".join(
        f"WHEN o.currency IN ({', '.join(repr(code) for code, n in DIGITS.items() if n == digits)})"
        f" THEN {0.5 / 10**digits}"
        for digits in sorted({*DIGITS.values()} - {2})
    )
)
_ENDED = ", ".join(f"'{status}'" for status in ENDED_UNSERVED)

LAWS = (
    four_eyes_law(
        "refunds_have_four_eyes",
        "A refund above the limit was approved by another person than proposed it.",
        "returns_refund",
        f"x.status IN ({', '.join(repr(str(status)) for status in SETTLED)})",
    ),
    Law(
        "returned_units_were_returned",
        "What a line says was returned is what its returns received.",
        """
        SELECT l.id, l.quantity_returned, coalesce(r.units, 0) AS received FROM orders_orderline l
        LEFT JOIN (SELECT order_line_id, sum(quantity_received) AS units FROM returns_returnline
                   WHERE order_line_id IS NOT NULL GROUP BY 1) r ON r.order_line_id = l.id
        WHERE l.quantity_returned <> coalesce(r.units, 0) OR l.quantity_returned > l.quantity_shipped
        """,
    ),
    Law(
        "restocked_once",
        "What was put back on the shelf is what inspections said, once.",
        """
        SELECT r.id, r.quantity_restocked, coalesce(m.units, 0) AS movements FROM returns_returnline r
        JOIN returns_returnauthorization a ON a.id = r.authorization_id AND NOT a.is_history
        LEFT JOIN orders_orderlinepart b ON b.order_line_id = r.order_line_id
        LEFT JOIN (SELECT split_part(cause_line, '/', 1) AS line, sku_id, sum(quantity) AS units
                   FROM inventory_stockmovement m JOIN inventory_place p ON p.id = m.to_place_id
                   WHERE m.kind = 'return' AND p.kind = 'bin' GROUP BY 1, 2) m
             ON m.line = r.id::text AND m.sku_id = coalesce(b.sku_id, r.sku_id)
        WHERE r.quantity_restocked * coalesce(b.quantity, 1) <> coalesce(m.units, 0)
        """,
    ),
    Law(
        "refunds_were_paid_back",
        "Completed refunds of an order are what its payments gave back.",
        """
        SELECT o.number, coalesce(r.amount, 0) AS refunds, coalesce(p.amount, 0) AS payments FROM orders_order o
        LEFT JOIN (SELECT order_id, sum(amount) AS amount FROM returns_refund
                   WHERE status = 'completed' AND NOT is_history GROUP BY 1) r ON r.order_id = o.id
        LEFT JOIN (SELECT order_id, sum(refunded) AS amount FROM orders_payment GROUP BY 1) p ON p.order_id = o.id
        WHERE coalesce(r.amount, 0) <> coalesce(p.amount, 0)
        """,
    ),
    Law(
        "channel_refunds_are_recorded",
        "What a channel gave back of an order, and of all that was split off it, is what refunds record of it,"
        " or a hold says how much more it was.",
        f"""
        WITH RECURSIVE told AS (
            SELECT o.id AS root, o.number, x.key, x.value::numeric AS stated, {_HALF} AS half,
                CASE WHEN length(x.key) <= 56 AND position('/' IN x.key) = 0 THEN x.key
                    ELSE replace(left(x.key, 39), '/', '~') || '~'
                        || left(encode(sha256(convert_to(x.key, 'UTF8')), 'hex'), 16) END AS kept
            FROM orders_channelorder c JOIN orders_order o ON o.id = c.order_id
            CROSS JOIN LATERAL jsonb_each_text(c.passed_on) x
            WHERE c.passed_on <> '{{}}' AND o.status <> 'merged' AND NOT o.is_history),
        parts AS (
            SELECT root, root AS id FROM told
            UNION SELECT p.root, m.target_id FROM orders_ordermove m JOIN parts p ON m.source_id = p.id
            WHERE m.kind = 'split'),
        known AS (
            SELECT t.root, t.key, sum(r.amount) AS amount
            FROM told t JOIN parts p ON p.root = t.root JOIN returns_refund r ON r.order_id = p.id
            WHERE r.status = 'completed' AND (r.channel_key = t.kept OR starts_with(r.channel_key, t.kept || '/'))
            GROUP BY 1, 2),
        differing AS (
            SELECT t.*, coalesce(k.amount, 0) AS recorded, t.stated - coalesce(k.amount, 0) AS beyond
            FROM told t LEFT JOIN known k ON k.root = t.root AND k.key = t.key
            WHERE abs(t.stated - coalesce(k.amount, 0)) > t.half),
        -- What holds said that it was beyond: a hold that nobody has looked at is about the newest.
        said AS (
            SELECT d.root, split_part(n.name, ' ', 1)::numeric AS amount
            FROM (SELECT DISTINCT root FROM differing) d JOIN parts p ON p.root = d.root
            CROSS JOIN LATERAL (
                SELECT e.data AS about FROM orders_orderevent e
                WHERE e.order_id = p.id AND e.kind = 'hold.opened' AND e.data ->> 'reason' = '{BEYOND}'
                UNION ALL SELECT h.params FROM orders_hold h WHERE h.order_id = p.id AND h.reason = '{BEYOND}') a
            CROSS JOIN LATERAL jsonb_array_elements_text(coalesce(a.about -> 'names', '[]')) n (name)
            WHERE n.name ~ '^[0-9]+([.][0-9]+)? ')
        SELECT d.number, d.key AS refund, d.stated, d.recorded FROM differing d
        WHERE NOT EXISTS (SELECT 1 FROM said s WHERE s.root = d.root AND abs(s.amount - d.beyond) <= d.half)
          AND NOT EXISTS (SELECT 1 FROM erp_eventdelivery y JOIN erp_event e ON e.id = y.event_id
                          WHERE y.status = 'pending' AND y.subscriber LIKE 'returns.refunds.tasks.%'
                            AND e.subject = 'order:' || d.root)
        """,
    ),
    Law(
        "ended_orders_give_money_back",
        "What was captured for an order that ended unserved is refunded, or proposed for refund, to the minor unit."
        " One that its channel cancelled is paid back by it.",
        f"""
        SELECT o.number, o.status, p.captured, p.refunded, coalesce(r.amount, 0) AS proposed FROM orders_order o
        JOIN (SELECT order_id, sum(captured) AS captured, sum(refunded) AS refunded FROM orders_payment
              GROUP BY 1) p ON p.order_id = o.id
        LEFT JOIN (SELECT order_id, sum(amount) AS amount FROM returns_refund
                   WHERE status IN ({_UNDERWAY}) AND NOT is_history GROUP BY 1) r ON r.order_id = o.id
        WHERE o.status IN ({_ENDED}) AND NOT o.is_history AND p.captured <> p.refunded + coalesce(r.amount, 0)
          AND NOT EXISTS (SELECT 1 FROM orders_orderevent e WHERE e.order_id = o.id AND e.kind = 'cancelled'
                          AND e.data->>'reason' LIKE 'cancelled_on_channel%')
          AND NOT EXISTS (SELECT 1 FROM erp_eventdelivery d JOIN erp_event e ON e.id = d.event_id
                          WHERE d.status = 'pending' AND d.subscriber LIKE 'returns.refunds.tasks.%'
                            AND e.subject = 'order:' || o.id)
        """,
    ),
    Law(
        "no_more_is_promised_back_than_was_paid",
        "Refunds that were paid or are under way are no more than was captured.",
        f"""
        SELECT o.number, p.captured, p.refunded, r.amount AS proposed FROM orders_order o
        JOIN (SELECT order_id, sum(amount) AS amount FROM returns_refund
              WHERE status IN ({_UNDERWAY}) AND NOT is_history GROUP BY 1) r ON r.order_id = o.id
        LEFT JOIN (SELECT order_id, sum(captured) AS captured, sum(refunded) AS refunded FROM orders_payment
                   GROUP BY 1) p ON p.order_id = o.id
        WHERE r.amount > coalesce(p.captured - p.refunded, 0)
        """,
    ),
    Law(
        "returns_refund_what_came",
        "Units refunded for a return are no more than it brought back.",
        """
        SELECT a.number, x.order_line_id, x.units, coalesce(l.units, 0) AS received
        FROM (SELECT r.authorization_id, x.order_line_id, sum(x.quantity) AS units
              FROM returns_refundline x JOIN returns_refund r ON r.id = x.refund_id
              WHERE r.authorization_id IS NOT NULL AND r.status <> 'rejected' AND NOT r.is_history
                AND x.order_line_id IS NOT NULL GROUP BY 1, 2) x
        JOIN returns_returnauthorization a ON a.id = x.authorization_id
        LEFT JOIN (SELECT authorization_id, order_line_id, sum(quantity_received) AS units
                   FROM returns_returnline GROUP BY 1, 2) l
             ON l.authorization_id = x.authorization_id AND l.order_line_id = x.order_line_id
        WHERE x.units > coalesce(l.units, 0)
        """,
    ),
    Law(
        "refunded_units_have_a_refund",
        "What a line says was refunded, completed refunds paid for; units that were taken off the order do not count.",
        """
        SELECT o.number, l.id, l.quantity_refunded, coalesce(x.units, 0) AS paid FROM orders_orderline l
        JOIN orders_order o ON o.id = l.order_id AND NOT o.is_history
        LEFT JOIN (SELECT x.order_line_id, sum(x.quantity) AS units FROM returns_refundline x
                   JOIN returns_refund r ON r.id = x.refund_id
                   WHERE r.status = 'completed' AND NOT x.is_unshipped GROUP BY 1) x ON x.order_line_id = l.id
        WHERE l.quantity_refunded > coalesce(x.units, 0)
        """,
    ),
    Law(
        "credits_are_of_what_stays",
        "What was credited for a refund is no more than it paid for goods that stay in the order.",
        """
        SELECT o.number, i.refund, i.credited, coalesce(r.amount, 0) AS paid
        FROM (SELECT order_id, refund, sum(CASE WHEN kind = 'invoice' THEN -total ELSE total END) AS credited
              FROM orders_invoice WHERE refund <> '' GROUP BY 1, 2) i
        JOIN orders_order o ON o.id = i.order_id
        LEFT JOIN (SELECT r.number, sum(x.amount) AS amount FROM returns_refundline x
                   JOIN returns_refund r ON r.id = x.refund_id
                   WHERE r.status = 'completed' AND NOT x.is_unshipped GROUP BY 1) r ON r.number = i.refund
        WHERE i.credited < 0 OR i.credited > coalesce(r.amount, 0)
        """,
    ),
    Law(
        "refunds_are_credited",
        "What a completed refund paid for goods that stay in an invoiced order is credited, as far as that was"
        " invoiced. A refund of a version before that one settles at its order's next event.",
        f"""
        SELECT o.number, r.number AS refund, r.due, coalesce(c.credited, 0) AS credited, i.invoiced
        FROM (SELECT r.number, r.order_id,
                     sum(CASE WHEN u.ahead = 0 THEN x.amount
                         ELSE greatest(0, floor(x.amount * (x.quantity - u.ahead) / x.quantity)) END) AS due
              FROM returns_refund r JOIN returns_refundline x ON x.refund_id = r.id AND NOT x.is_unshipped
              LEFT JOIN orders_orderline l ON l.id = x.order_line_id
              LEFT JOIN (SELECT n.order_line_id,
                                sum(CASE WHEN p.kind = 'invoice' THEN n.quantity ELSE -n.quantity END) AS units
                         FROM orders_invoiceline n JOIN orders_invoice p ON p.id = n.invoice_id
                         WHERE n.what = 'line' GROUP BY 1) n ON n.order_line_id = l.id
              CROSS JOIN LATERAL (SELECT least(x.unshipped_units, greatest(0,
                  l.quantity_ordered - l.quantity_cancelled - coalesce(n.units, 0))) AS ahead) u
              WHERE r.status = 'completed' AND NOT r.is_history AND r.reason NOT IN ({_TAKEN_OFF})
              GROUP BY 1, 2) r
        JOIN orders_order o ON o.id = r.order_id AND NOT o.is_history
        JOIN (SELECT order_id, sum(CASE WHEN kind = 'invoice' THEN total ELSE -total END) AS invoiced
              FROM orders_invoice GROUP BY 1) i ON i.order_id = o.id
        LEFT JOIN (SELECT order_id, refund, sum(CASE WHEN kind = 'invoice' THEN -total ELSE total END) AS credited
                   FROM orders_invoice WHERE refund <> '' GROUP BY 1, 2) c
             ON c.order_id = o.id AND c.refund = r.number
        WHERE r.due > coalesce(c.credited, 0) AND i.invoiced > 0
          AND NOT EXISTS (SELECT 1 FROM erp_eventdelivery d JOIN erp_event e ON e.id = d.event_id
                          WHERE d.status = 'pending' AND e.facts->>'order_id' = o.id::text
                            AND (d.subscriber LIKE 'returns.refunds.tasks.%'
                                 OR d.subscriber LIKE 'orders.invoicing.tasks.%'))
        """,
    ),
    Law(
        "money_above_an_order_is_owed_or_held",
        "What was captured above what a live order comes to has gone back, is proposed, or has held the order"
        " for a person to decide.",
        f"""
        SELECT o.number, o.total, p.captured, p.refunded, coalesce(r.off, 0) AS off,
               coalesce(r.proposed, 0) AS proposed
        FROM orders_order o
        JOIN (SELECT order_id, sum(captured) AS captured, sum(refunded) AS refunded FROM orders_payment
              GROUP BY 1) p ON p.order_id = o.id
        LEFT JOIN (SELECT r.order_id,
                          sum(x.amount) FILTER (WHERE r.status IN ({_UNDERWAY})) AS proposed,
                          sum(x.amount) FILTER (WHERE r.reason IN ({_TAKEN_OFF}) OR x.is_unshipped) AS off
                   FROM returns_refund r JOIN returns_refundline x ON x.refund_id = r.id
                   WHERE r.status <> 'rejected' AND NOT r.is_history GROUP BY 1) r ON r.order_id = o.id
        WHERE o.status NOT IN ({_ENDED}, 'merged') AND NOT o.is_history
          AND p.captured - o.total > coalesce(r.off, 0)
          AND p.captured - p.refunded > coalesce(r.proposed, 0)
          AND NOT EXISTS (SELECT 1 FROM orders_hold h WHERE h.order_id = o.id AND h.reason IN ({_MONEY_DOUBTED})
                          AND (h.released_at IS NULL OR h.released_at >= ALL (
                              SELECT e.at FROM orders_paymentevent e JOIN orders_payment x ON x.id = e.payment_id
                              WHERE x.order_id = o.id AND e.kind = 'capture')))
          AND NOT EXISTS (SELECT 1 FROM erp_eventdelivery d JOIN erp_event e ON e.id = d.event_id
                          WHERE d.status = 'pending' AND d.subscriber LIKE 'returns.refunds.tasks.%'
                            AND e.subject = 'order:' || o.id)
        """,
    ),
    Law(
        "refund_lines_sum_to_refund",
        "A refund is the sum of its lines.",
        """
        SELECT r.number, r.amount, l.amount AS lines FROM returns_refund r
        JOIN (SELECT refund_id, sum(amount) AS amount FROM returns_refundline GROUP BY 1) l ON l.refund_id = r.id
        WHERE r.amount <> l.amount
        """,
    ),
)
