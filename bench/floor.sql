-- One order's rows, taken from an order the API placed, written again under new ids by the same writer.
DROP TABLE IF EXISTS bench_template;
CREATE TABLE bench_template AS
SELECT o.id AS order_id, jsonb_build_object(
    'customers', jsonb_build_array(jsonb_build_object('id', 0, 'name', 'Bench', 'language', 'en', 'words', '["bench"]'::jsonb)),
    'identities', '[]'::jsonb,
    'orders', jsonb_build_array(to_jsonb(o)),
    'addresses', (SELECT jsonb_agg(to_jsonb(a) - 'id') FROM orders_orderaddress a WHERE a.order_id = o.id),
    'lines', (SELECT jsonb_agg(to_jsonb(l) ORDER BY l.position) FROM orders_orderline l WHERE l.order_id = o.id),
    'holds', '[]'::jsonb,
    'payments', (SELECT jsonb_agg(to_jsonb(p) || jsonb_build_object('channel_id', o.channel_id, 'amount', p.captured, 'by_id', 1))
                 FROM orders_payment p WHERE p.order_id = o.id),
    'decisions', (SELECT jsonb_agg(to_jsonb(d) - 'id') FROM orders_decision d WHERE d.order_id = o.id),
    'order_events', (SELECT jsonb_agg(to_jsonb(e) - 'id') FROM orders_orderevent e WHERE e.order_id = o.id),
    'events', jsonb_build_array(
        jsonb_build_object('topic', 'order.placed', 'subject', 'order:1', 'channel_id', o.channel_id, 'facts', '{}'::jsonb, 'subscribers', '[]'::jsonb),
        jsonb_build_object('topic', 'order.confirmed', 'subject', 'order:1', 'channel_id', o.channel_id, 'facts', '{}'::jsonb,
                           'subscribers', '["a", "b"]'::jsonb)),
    'searches', (SELECT jsonb_build_array(jsonb_build_object('order_id', s.order_id, 'placed_at', s.placed_at, 'words', tsvector_to_array(s.words)))
                 FROM orders_ordersearch s WHERE s.order_id = o.id),
    'reservations', (SELECT jsonb_agg(jsonb_build_object('holder_id', r.holder_id, 'sku_id', r.sku_id, 'warehouse_id', r.warehouse_id, 'quantity', r.quantity))
                     FROM inventory_reservation r JOIN orders_orderline l ON l.id = r.holder_id WHERE l.order_id = o.id)
) AS batch
FROM orders_order o ORDER BY o.id LIMIT 200;
GRANT SELECT ON bench_template TO throughline;

CREATE OR REPLACE FUNCTION bench_place() RETURNS void LANGUAGE plpgsql SET search_path = public AS $$
DECLARE
    b jsonb;
    o bigint := nextval('orders_order_id_seq');
    c bigint := nextval('orders_customer_id_seq');
    p bigint := nextval('orders_payment_id_seq');
    l1 bigint := nextval('orders_orderline_id_seq');
    l2 bigint := nextval('orders_orderline_id_seq');
BEGIN
    SELECT batch INTO b FROM bench_template OFFSET floor(random() * 200)::int LIMIT 1;
    b := jsonb_set(b, '{customers,0,id}', to_jsonb(c));
    b := jsonb_set(b, '{orders,0}', (b #> '{orders,0}') || jsonb_build_object('id', o, 'number', 'B' || o, 'external_id', 'b' || o, 'customer_id', c));
    b := jsonb_set(jsonb_set(b, '{addresses,0,order_id}', to_jsonb(o)), '{searches,0,order_id}', to_jsonb(o));
    b := jsonb_set(jsonb_set(b, '{lines,0,id}', to_jsonb(l1)), '{lines,1,id}', to_jsonb(l2));
    b := jsonb_set(jsonb_set(b, '{lines,0,order_id}', to_jsonb(o)), '{lines,1,order_id}', to_jsonb(o));
    b := jsonb_set(jsonb_set(b, '{reservations,0,holder_id}', to_jsonb(l1)), '{reservations,1,holder_id}', to_jsonb(l2));
    b := jsonb_set(b, '{payments,0}', (b #> '{payments,0}') || jsonb_build_object('id', p, 'order_id', o, 'reference', 'b' || o));
    b := jsonb_set(b, '{decisions}', (SELECT jsonb_agg(d || jsonb_build_object('order_id', o)) FROM jsonb_array_elements(b -> 'decisions') d));
    b := jsonb_set(b, '{order_events}', (SELECT jsonb_agg(e || jsonb_build_object('order_id', o)) FROM jsonb_array_elements(b -> 'order_events') e));
    PERFORM orders_place(b);
END $$;
GRANT EXECUTE ON FUNCTION bench_place() TO throughline;
