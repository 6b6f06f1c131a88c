-- More of the same trade: finished orders lived again by other people on other days, with all their
-- rows, in sets. Parameters: copies, serial (orders there before), salt, since, until, surnames, given, english.

CREATE TEMP TABLE again_person ON COMMIT DROP AS
SELECT n, nextval('orders_customer_id_seq') AS id,
    (%(surnames)s)[1 + abs(hashint8extended(n, %(salt)s)) %% cardinality(%(surnames)s)]
        || (%(given)s)[1 + abs(hashint8extended(n, %(salt)s + 1)) %% cardinality(%(given)s)] AS name_zh,
    (%(english)s)[1 + abs(hashint8extended(n, %(salt)s + 2)) %% cardinality(%(english)s)] AS name_en,
    'again' || %(serial)s + n || '@example.com' AS email,
    '+86139' || lpad((%(serial)s + n)::text, 8, '0') AS phone,
    1 + abs(hashint8extended(n, %(salt)s + 3)) %% 320 AS house
FROM generate_series(1, greatest(1, %(copies)s * 35 / 100)) n;

CREATE TEMP TABLE again_template ON COMMIT DROP AS
SELECT row_number() OVER (ORDER BY o.id) AS n, o.id, o.placed_at, o.language, o.country,
    extract(day FROM %(until)s::timestamptz - coalesce(o.ended_at, o.delivered_at))::int / 7 AS weeks_after,
    extract(day FROM o.placed_at - %(since)s::timestamptz)::int / 7 AS weeks_before
FROM orders_order o
WHERE o.status = 'completed' AND o.return_status = 'none' AND o.fulfillment_status = 'fulfilled' AND NOT o.is_history
  AND o.placed_at >= %(since)s AND coalesce(o.ended_at, o.delivered_at) < %(until)s::timestamptz - interval '8 days'
  AND o.external_id LIKE 'demo-%%'
ORDER BY o.id LIMIT 2000;
ANALYZE again_template;

-- Weeks, so that days of the week stay what they are; later weeks more often, since trade grows.
CREATE TEMP TABLE again_order ON COMMIT DROP AS
SELECT c.n, t.id AS old, nextval('orders_order_id_seq') AS id, t.country, p.id AS customer,
    CASE WHEN t.country = 'CN' THEN p.name_zh ELSE p.name_en END AS name, p.email,
    CASE WHEN t.country = 'CN' THEN p.phone ELSE '' END AS phone, p.house,
    make_interval(days => 7 * (((t.weeks_before + t.weeks_after)
        * sqrt((abs(hashint8extended(c.n, %(salt)s + 4)) %% 10000) / 10000.0))::int - t.weeks_before)) AS shift
FROM generate_series(1, %(copies)s) AS c(n)
JOIN again_template t ON t.n = 1 + abs(hashint8extended(c.n, %(salt)s + 5)) %% (SELECT count(*) FROM again_template)
JOIN again_person p ON p.n = 1 + abs(hashint8extended(c.n, %(salt)s + 6)) %% (SELECT count(*) FROM again_person);
CREATE INDEX ON again_order (old);
ANALYZE again_order;

INSERT INTO orders_customer (id, name, language, note, is_blocked)
SELECT p.id, coalesce(min(o.name), p.name_zh), 'zh-hans', '', false
FROM again_person p LEFT JOIN again_order o ON o.customer = p.id GROUP BY p.id, p.name_zh;
INSERT INTO orders_customeridentity (customer_id, kind, value)
SELECT id, 'email', email FROM again_person UNION ALL SELECT id, 'phone', phone FROM again_person;

INSERT INTO orders_order (id, number, channel_id, external_id, request_hash, customer_id, currency, language, status,
    payment_status, fulfillment_status, return_status, open_holds, version, payment_method, shipping_service,
    prices_include_tax, subtotal, discount, shipping, shipping_tax, tax, total, ship_by, deliver_from, deliver_by,
    note, metadata, is_history, country, placed_at, confirmed_at, shipped_at, delivered_at, ended_at, updated_at)
SELECT a.id, 'SO' || 1000000 + a.id || (10 - (
        SELECT sum(CASE WHEN (length(digits) - at) %% 2 = 0 THEN digit * 2 / 10 + digit * 2 %% 10 ELSE digit END)
        FROM (SELECT (1000000 + a.id)::text AS digits) d,
             generate_series(1, length(digits)) at, LATERAL (SELECT substr(digits, at, 1)::int AS digit) one) %% 10) %% 10,
    o.channel_id, 'demo-' || lpad((%(serial)s + a.n)::text, 7, '0'), '', a.customer, o.currency, o.language, o.status,
    o.payment_status, o.fulfillment_status, o.return_status, 0, o.version, o.payment_method, o.shipping_service,
    o.prices_include_tax, o.subtotal, o.discount, o.shipping, o.shipping_tax, o.tax, o.total, o.ship_by + a.shift,
    (o.deliver_from + a.shift)::date, (o.deliver_by + a.shift)::date, o.note, o.metadata, false, o.country,
    o.placed_at + a.shift, o.confirmed_at + a.shift, o.shipped_at + a.shift, o.delivered_at + a.shift,
    o.ended_at + a.shift, o.updated_at + a.shift
FROM again_order a JOIN orders_order o ON o.id = a.old ORDER BY a.id;

INSERT INTO orders_orderaddress (order_id, kind, name, line1, line2, city, region, postal_code, country, phone, email)
SELECT a.id, d.kind, a.name, regexp_replace(d.line1, '[0-9]+', a.house::text), d.line2, d.city, d.region,
    d.postal_code, d.country, a.phone, a.email
FROM again_order a JOIN orders_orderaddress d ON d.order_id = a.old ORDER BY a.id;

CREATE TEMP TABLE again_line ON COMMIT DROP AS
SELECT l.id AS old, nextval('orders_orderline_id_seq') AS id, a.id AS order_id, a.shift
FROM again_order a JOIN orders_orderline l ON l.order_id = a.old ORDER BY a.id, l.position;
CREATE INDEX ON again_line (order_id, old);
ANALYZE again_line;
INSERT INTO orders_orderline (id, order_id, position, sku_id, sku_code, name, is_service, quantity_ordered,
    quantity_cancelled, quantity_reserved, quantity_backordered, quantity_shipped, quantity_delivered,
    quantity_returned, quantity_refunded, unit_price, subtotal, discount, tax_rate, tax, total)
SELECT g.id, g.order_id, l.position, l.sku_id, l.sku_code, l.name, l.is_service, l.quantity_ordered,
    l.quantity_cancelled, l.quantity_reserved, l.quantity_backordered, l.quantity_shipped, l.quantity_delivered,
    l.quantity_returned, l.quantity_refunded, l.unit_price, l.subtotal, l.discount, l.tax_rate, l.tax, l.total
FROM again_line g JOIN orders_orderline l ON l.id = g.old ORDER BY g.id;
INSERT INTO inventory_reservation (holder_kind, holder_id, sku_id, warehouse_id, part, quantity, status, created_at)
SELECT r.holder_kind, g.id, r.sku_id, r.warehouse_id, 0, r.quantity, r.status, r.created_at + g.shift
FROM again_line g JOIN inventory_reservation r ON r.holder_kind = 'order_line' AND r.holder_id = g.old
WHERE r.status = 'consumed' ORDER BY g.id;

CREATE TEMP TABLE again_payment ON COMMIT DROP AS
SELECT p.id AS old, nextval('orders_payment_id_seq') AS id, a.id AS order_id, a.shift,
    CASE WHEN p.reference LIKE 'door-%%' THEN 'door-' ELSE 'demo_pay_' END || a.id || '-' || p.id AS reference
FROM again_order a JOIN orders_payment p ON p.order_id = a.old ORDER BY a.id, p.id;
INSERT INTO orders_payment (id, order_id, method, reference, currency, authorised, captured, refunded, created_at)
SELECT g.id, g.order_id, p.method, g.reference, p.currency, p.authorised, p.captured, p.refunded, p.created_at + g.shift
FROM again_payment g JOIN orders_payment p ON p.id = g.old ORDER BY g.id;
INSERT INTO orders_paymentevent (payment_id, channel_id, kind, reference, amount, by_id, at)
SELECT g.id, e.channel_id, e.kind, g.reference, e.amount, e.by_id, e.at + g.shift
FROM again_payment g JOIN orders_paymentevent e ON e.payment_id = g.old ORDER BY g.id, e.id;

INSERT INTO orders_decision (order_id, kind, engine, inputs, candidates, outcome, reasons, counterfactual, at)
SELECT a.id, d.kind, d.engine,
    CASE WHEN d.kind = 'promise' THEN d.inputs || jsonb_build_object('placed_at', o.placed_at + a.shift) ELSE d.inputs END,
    d.candidates,
    CASE WHEN d.kind = 'promise' THEN d.outcome || jsonb_build_object('ship_by', o.ship_by + a.shift,
        'deliver_from', (o.deliver_from + a.shift)::date, 'deliver_by', (o.deliver_by + a.shift)::date) ELSE d.outcome END,
    d.reasons, d.counterfactual, d.at + a.shift
FROM again_order a JOIN orders_order o ON o.id = a.old JOIN orders_decision d ON d.order_id = a.old ORDER BY a.id, d.id;

CREATE TEMP TABLE again_work ON COMMIT DROP AS
SELECT w.id AS old, nextval('fulfillment_fulfillmentorder_id_seq') AS id, a.id AS order_id, a.shift
FROM again_order a JOIN fulfillment_fulfillmentorder w ON w.order_id = a.old AND w.status = 'shipped' ORDER BY a.id, w.id;
CREATE INDEX ON again_work (old);
ANALYZE again_work;
INSERT INTO fulfillment_fulfillmentorder (id, order_id, warehouse_id, status, version, ship_by, created_at, picked_at, packed_at, shipped_at)
SELECT g.id, g.order_id, w.warehouse_id, w.status, w.version, w.ship_by + g.shift, w.created_at + g.shift,
    w.picked_at + g.shift, w.packed_at + g.shift, w.shipped_at + g.shift
FROM again_work g JOIN fulfillment_fulfillmentorder w ON w.id = g.old ORDER BY g.id;
CREATE TEMP TABLE again_task ON COMMIT DROP AS
SELECT f.id AS old, nextval('fulfillment_fulfillmentline_id_seq') AS id, g.id AS work, g.order_id, l.id AS line
FROM again_work g JOIN fulfillment_fulfillmentline f ON f.fulfillment_order_id = g.old
JOIN again_line l ON l.order_id = g.order_id AND l.old = f.order_line_id;
CREATE INDEX ON again_task (work, old);
ANALYZE again_task;
INSERT INTO fulfillment_fulfillmentline (id, fulfillment_order_id, order_line_id, sku_id, quantity, quantity_picked, quantity_packed, quantity_shipped)
SELECT t.id, t.work, t.line, f.sku_id, f.quantity, f.quantity_picked, f.quantity_packed, f.quantity_shipped
FROM again_task t JOIN fulfillment_fulfillmentline f ON f.id = t.old ORDER BY t.id;

-- Tracking numbers are UPU S10, as the built-in carrier gives them: weights 8 6 4 2 3 5 9 7.
CREATE TEMP TABLE again_parcel ON COMMIT DROP AS
SELECT p.id AS old, nextval('fulfillment_parcel_id_seq') AS id, g.id AS work, g.order_id, g.shift,
    'TL' || digits || CASE remainder WHEN 0 THEN 5 WHEN 1 THEN 0 ELSE 11 - remainder END || 'CN' AS tracking_number
FROM again_work g JOIN fulfillment_parcel p ON p.fulfillment_order_id = g.old AND p.shipped_at IS NOT NULL,
    LATERAL (SELECT lpad(((10000000 + g.id) %% 100000000)::text, 8, '0') AS digits) d,
    LATERAL (SELECT sum(substr(digits, at::int, 1)::int * weight) %% 11 AS remainder
             FROM unnest(ARRAY[8, 6, 4, 2, 3, 5, 9, 7]) WITH ORDINALITY w(weight, at)) r
ORDER BY g.id, p.id;
CREATE INDEX ON again_parcel (old);
ANALYZE again_parcel;
INSERT INTO fulfillment_parcel (id, order_id, fulfillment_order_id, status, carrier, service, tracking_number, packaging,
    weight_expected_g, weight_g, labels_printed, packed_at, shipped_at, delivered_at)
SELECT g.id, g.order_id, g.work, p.status, p.carrier, p.service, g.tracking_number, p.packaging,
    p.weight_expected_g, p.weight_g, p.labels_printed, p.packed_at + g.shift, p.shipped_at + g.shift, p.delivered_at + g.shift
FROM again_parcel g JOIN fulfillment_parcel p ON p.id = g.old ORDER BY g.id;
INSERT INTO fulfillment_parcelline (parcel_id, fulfillment_line_id, order_line_id, quantity)
SELECT g.id, t.id, t.line, l.quantity FROM again_parcel g
JOIN fulfillment_parcelline l ON l.parcel_id = g.old
JOIN again_task t ON t.work = g.work AND t.old = l.fulfillment_line_id ORDER BY g.id;
INSERT INTO fulfillment_trackingevent (parcel_id, external_id, state, place, description, at, recorded_at)
SELECT g.id, e.external_id, e.state, e.place, e.description, e.at + g.shift, e.at + g.shift
FROM again_parcel g JOIN fulfillment_trackingevent e ON e.parcel_id = g.old ORDER BY g.id, e.id;
-- The goods have come in by now.
INSERT INTO inventory_stockmovement (sku_id, quantity, from_place_id, to_place_id, kind, cause_type, cause_id,
    cause_line, cause_step, reason, by_id, at)
SELECT m.sku_id, m.quantity, m.from_place_id, m.to_place_id, m.kind, m.cause_type, g.id::text,
    l.id::text, m.cause_step, m.reason, m.by_id, m.at + g.shift
FROM again_parcel g JOIN inventory_stockmovement m ON m.cause_type = 'shipment' AND m.cause_id = g.old::text
JOIN again_line l ON l.order_id = g.order_id AND l.old::text = m.cause_line ORDER BY g.id, l.id;

INSERT INTO orders_orderevent (order_id, kind, data, by_id, at)
SELECT a.id, e.kind, CASE WHEN p.id IS NULL THEN e.data
    ELSE e.data || jsonb_build_object('parcel', p.id, 'tracking_number', p.tracking_number) END, e.by_id, e.at + a.shift
FROM again_order a JOIN orders_orderevent e ON e.order_id = a.old
LEFT JOIN again_parcel p ON p.order_id = a.id AND p.old = (e.data ->> 'parcel')::bigint ORDER BY a.id, e.id;
