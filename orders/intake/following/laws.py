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

# An order and all that were split off it: its channel speaks of them as one.
_FAMILY = """
    WITH RECURSIVE family AS (
        SELECT o.id UNION SELECT m.target_id FROM orders_ordermove m JOIN family f ON m.source_id = f.id
        WHERE m.kind = 'split' AND m.undone_at IS NULL)
    SELECT id FROM family
"""

LAWS = (
    Law(
        "stated_is_kept",
        "What a channel states of an order (total, tax, currency, units, money captured and given back) is what"
        " we keep, or a hold names the difference.",
        f"""
        WITH told AS (
            SELECT o.id, o.number, o.status, o.currency, o.total, o.tax, c.passed_on, c.refunds,
                c.said ->> 'currency' AS said_currency, (c.said ->> 'total')::numeric AS said_total,
                (c.said ->> 'stated_tax')::numeric AS said_tax,
                (SELECT sum(l.quantity_ordered - l.quantity_cancelled) FROM orders_orderline l
                 WHERE l.order_id = o.id) AS units,
                (SELECT sum((l ->> 'quantity')::int) FROM jsonb_array_elements(c.said -> 'lines') l) AS said_units,
                coalesce((SELECT sum(p.captured) FROM orders_payment p WHERE p.order_id IN ({_FAMILY})), 0) AS captured,
                coalesce((SELECT sum(p.captured) FROM orders_payment p WHERE p.order_id IN ({_FAMILY})
                    AND (p.reference = c.external_id OR p.reference LIKE c.external_id || '/%')), 0) AS by_channel,
                EXISTS (SELECT 1 FROM orders_order x WHERE x.id IN ({_FAMILY}) AND x.status = 'merged') AS has_merged,
                greatest(c.paid, coalesce((SELECT {_OWN.format(column="c.captures", is_own=_HERE)}), 0))
                    AS said_captured,
                coalesce((SELECT {_OWN.format(column="c.refunds", is_own=_HERE)}), 0) AS said_refunded,
                ARRAY(SELECT (x.value ->> 'amount') || ' '
                        || coalesce(nullif(x.value ->> 'currency', ''), o.currency || '/' || {_BUYERS})
                    FROM (SELECT * FROM jsonb_each(c.captures) UNION ALL SELECT * FROM jsonb_each(c.refunds)) x
                    WHERE jsonb_typeof(x.value) = 'object'
                    AND NOT {_HERE}) AS said_elsewhere, {_BUYERS} AS buyers
            FROM orders_channelorder c JOIN orders_order o ON o.id = c.order_id
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
