-- The three derived axes of orders, from ledgers and line counters; under each order's lock.

CREATE OR REPLACE FUNCTION orders_derive(order_ids bigint[], at timestamptz) RETURNS void LANGUAGE sql AS $$
    UPDATE orders_order o SET
        payment_status = CASE
            WHEN p.captured IS NULL OR p.captured = 0 THEN
                CASE WHEN coalesce(p.authorised, 0) > p.voided THEN 'authorised' WHEN p.authorised > 0 THEN 'voided' WHEN o.total = 0 THEN 'paid' ELSE 'unpaid' END
            WHEN p.refunded >= p.captured THEN 'refunded'
            WHEN p.refunded > 0 THEN 'part_refunded'
            WHEN p.captured >= o.total THEN 'paid'
            ELSE 'part_paid' END,
        fulfillment_status = CASE
            WHEN l.shipped > 0 AND l.shipped >= l.wanted THEN 'fulfilled'
            WHEN l.shipped > 0 THEN 'partial'
            WHEN l.wanted = 0 AND l.services > 0 AND o.status IN ('confirmed', 'completed') THEN 'fulfilled'
            WHEN o.fulfillment_status = 'in_progress' THEN 'in_progress'
            ELSE 'unfulfilled' END,
        updated_at = at
    FROM unnest(order_ids) AS wanted(id)
    LEFT JOIN LATERAL (SELECT sum(authorised) AS authorised, sum(captured) AS captured, sum(refunded) AS refunded, sum(voided) AS voided
                       FROM orders_payment WHERE order_id = wanted.id) p ON true
    LEFT JOIN LATERAL (SELECT coalesce(sum(quantity_shipped) FILTER (WHERE NOT is_service), 0) AS shipped,
                              coalesce(sum(quantity_ordered - quantity_cancelled) FILTER (WHERE NOT is_service), 0) AS wanted,
                              count(*) FILTER (WHERE is_service) AS services
                       FROM orders_orderline WHERE order_id = wanted.id) l ON true
    WHERE o.id = wanted.id;
$$;

-- Totals of imported orders that were given more lines: the sums of their lines.
CREATE OR REPLACE FUNCTION orders_recount(order_ids bigint[], at timestamptz) RETURNS void LANGUAGE sql AS $$
    UPDATE orders_order o SET subtotal = l.subtotal, discount = l.discount, tax = l.tax + o.shipping_tax,
        total = l.total + o.shipping + o.shipping_tax, updated_at = at
    FROM (SELECT order_id, sum(subtotal) AS subtotal, sum(discount) AS discount, sum(tax) AS tax, sum(total) AS total
          FROM orders_orderline WHERE order_id = ANY (order_ids) GROUP BY 1) l
    WHERE o.id = l.order_id;
$$;

-- Units of imported lines that came back and were refunded, by line id; their orders' axes follow.
CREATE OR REPLACE FUNCTION orders_return_history(line_ids bigint[], units int[], at timestamptz) RETURNS void
LANGUAGE sql AS $$
    WITH given AS (SELECT line_id, sum(n) AS n FROM unnest(line_ids, units) AS g(line_id, n) GROUP BY 1),
    counted AS (
        UPDATE orders_orderline l SET quantity_returned = l.quantity_returned + g.n,
               quantity_refunded = l.quantity_refunded + g.n
        FROM given g WHERE l.id = g.line_id RETURNING l.order_id)
    UPDATE orders_order o SET return_status = 'returned', payment_status = 'part_refunded', updated_at = at
    WHERE o.id IN (SELECT order_id FROM counted);
$$;
