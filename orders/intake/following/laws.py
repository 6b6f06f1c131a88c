"""Defines the invariant of channels' orders: what a channel states is what is kept."""

from erp.audit.laws import Law

# An amount as it is kept of a statement: with its currency, or alone where it was kept before that was.
_OWN = """
    sum(CASE WHEN jsonb_typeof(x.value) <> 'object' THEN (x.value #>> '{{}}')::numeric
             WHEN {is_own} THEN (x.value ->> 'amount')::numeric
             ELSE 0 END) FROM jsonb_each({column}) x
"""
# An amount that states no currency is in the order's, unless the order speaks of another one as well.
_IS_OWN = """
    (coalesce(x.value ->> 'currency', '') = {currency}
     OR coalesce(x.value ->> 'currency', '') = '' AND {buyers} = '')
"""
_BUYERS = "coalesce(c.said ->> 'buyer_currency', '')"
_HERE = _IS_OWN.format(currency="o.currency", buyers=_BUYERS)

# Of each channel's order, itself and all that were split off it and are apart yet: its channel speaks of them as one.
# All at once: asked for each order anew, every one of them scanned all moves.
_PARTS = """
    parts AS (
        SELECT order_id AS root, order_id AS id FROM orders_channelorder WHERE order_id IS NOT NULL
        UNION SELECT p.root, m.target_id FROM orders_ordermove m JOIN parts p ON m.source_id = p.id
        WHERE m.kind = 'split' AND m.undone_at IS NULL)
"""
# What was captured for all of them; of that what intake took in by its channel's word (a clerk may record money under
# the same reference, and an order that was merged in brought its own).
_MONEY = """
    money AS (
        SELECT p.root, sum(x.captured) AS captured FROM parts p JOIN orders_payment x ON x.order_id = p.id GROUP BY 1),
    heard AS (
        SELECT c.order_id AS root, sum(e.amount) AS captured
        FROM orders_channelorder c JOIN parts p ON p.root = c.order_id JOIN orders_payment x ON x.order_id = p.id
        JOIN orders_paymentevent e ON e.payment_id = x.id AND e.kind = 'capture'
        JOIN erp_actor a ON a.id = e.by_id AND a.kind = 'job' AND a.name = 'intake'
        WHERE x.reference = c.external_id OR starts_with(x.reference, c.external_id || '/') GROUP BY 1)
"""

LAWS = (
    Law(
        "stated_is_kept",
        "What a channel states of an order (total, tax, currency, units, money captured and given back) is what"
        " we keep, or a hold names the difference.",
        f"""
        WITH RECURSIVE {_PARTS}, {_MONEY}, told AS (
            SELECT o.id, o.number, o.status, o.currency, o.total, o.tax, c.passed_on, c.refunds,
                c.said ->> 'currency' AS said_currency, (c.said ->> 'total')::numeric AS said_total,
                (c.said ->> 'stated_tax')::numeric AS said_tax,
                (SELECT sum(l.quantity_ordered - l.quantity_cancelled) FROM orders_orderline l
                 WHERE l.order_id = o.id) AS units,
                (SELECT sum((l ->> 'quantity')::int) FROM jsonb_array_elements(c.said -> 'lines') l) AS said_units,
                coalesce(m.captured, 0) AS captured, coalesce(h.captured, 0) AS by_channel,
                EXISTS (SELECT 1 FROM parts x JOIN orders_order y ON y.id = x.id
                    WHERE x.root = o.id AND y.status = 'merged') AS has_merged,
                greatest(c.paid, coalesce((SELECT {_OWN.format(column="c.captures", is_own=_HERE)}), 0))
                    AS said_captured,
                coalesce((SELECT {_OWN.format(column="c.refunds", is_own=_HERE)}), 0) AS said_refunded,
                ARRAY(SELECT (x.value ->> 'amount') || ' '
                        || coalesce(nullif(x.value ->> 'currency', ''), o.currency || '/' || {_BUYERS})
                    FROM (SELECT * FROM jsonb_each(c.captures) UNION ALL SELECT * FROM jsonb_each(c.refunds)) x
                    WHERE jsonb_typeof(x.value) = 'object'
                    AND NOT {_HERE}) AS said_elsewhere, {_BUYERS} AS buyers
            FROM orders_channelorder c JOIN orders_order o ON o.id = c.order_id
            LEFT JOIN money m ON m.root = o.id LEFT JOIN heard h ON h.root = o.id
            WHERE c.said IS NOT NULL AND NOT o.is_history AND o.status <> 'merged'),
        -- What people have changed, split or merged here is theirs.
        ours AS (
            SELECT order_id AS id FROM orders_orderevent WHERE kind IN ('changed', 'change.undone', 'cancelled.part')
            UNION SELECT source_id FROM orders_ordermove UNION SELECT target_id FROM orders_ordermove),
        differing AS (
            SELECT t.*, d.what, d.codes FROM told t, LATERAL (VALUES
                ('currency', t.currency <> t.said_currency, ARRAY['currency_changed']),
                ('total', t.id NOT IN (SELECT id FROM ours) AND t.total <> t.said_total,
                    ARRAY['amounts_differ', 'items_changed']),
                ('tax', t.id NOT IN (SELECT id FROM ours) AND t.tax <> t.said_tax,
                    ARRAY['tax_differs', 'amounts_differ', 'items_changed']),
                ('units', t.id NOT IN (SELECT id FROM ours) AND t.status IN ('pending', 'confirmed', 'completed')
                    AND t.units <> t.said_units,
                    ARRAY['items_changed', 'nothing_left']),
                ('captured', t.captured < t.said_captured AND NOT t.has_merged, ARRAY[]::text[]),
                ('captured twice', t.by_channel > t.said_captured, ARRAY[]::text[]),
                ('refunded', EXISTS (SELECT 1 FROM jsonb_each(t.refunds) x WHERE jsonb_typeof(x.value) = 'object'
                        AND (x.value ->> 'amount')::numeric > coalesce((t.passed_on ->> x.key)::numeric, 0)
                        AND {_IS_OWN.format(currency="t.currency", buyers="t.buyers")})
                    AND (t.said_refunded <= t.captured OR t.status IN ('pending', 'confirmed')),
                    ARRAY['refunded_on_channel', 'state_contradicts']),
                ('money in another currency', t.said_elsewhere <> '{{}}' AND t.status IN ('pending', 'confirmed'),
                    ARRAY['money_in_other_currency'])
            ) AS d (what, is_so, codes) WHERE d.is_so)
        SELECT number, what, total, said_total, tax, said_tax, captured, said_captured, units, said_units
        FROM differing d WHERE NOT EXISTS (
            SELECT 1 FROM orders_hold h
            WHERE h.order_id = d.id AND h.released_at IS NULL AND h.reason = ANY(d.codes))
        -- Somebody has looked at just this: what was raised is about what is stated now.
        AND NOT EXISTS (
            SELECT 1 FROM orders_channelorder c, jsonb_each(c.raised) r
            WHERE c.order_id = d.id AND r.key = ANY(d.codes) AND (r.value = '{{}}' OR CASE d.what
                WHEN 'total' THEN (r.value ->> 'total')::numeric = d.said_total
                WHEN 'tax' THEN (r.value ->> 'tax')::numeric = d.said_tax
                WHEN 'units' THEN (r.value ->> 'units')::int = d.said_units
                WHEN 'refunded' THEN (r.value ->> 'refunded')::numeric = d.said_refunded
                WHEN 'currency' THEN r.value -> 'names' ? d.said_currency
                WHEN 'money in another currency' THEN r.value -> 'names' @> to_jsonb(d.said_elsewhere)
                ELSE false END))
        """,
    ),
)
