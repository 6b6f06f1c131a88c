-- Placing orders: the facts decisions need, and the one writer of orders, for one or a thousand.
-- No rule lives here: Python has decided everything that `orders_place` is given.

CREATE OR REPLACE FUNCTION orders_facts(ask jsonb) RETURNS json LANGUAGE plpgsql
-- A plan made while the tables were small must not scan them when they are large.
SET plan_cache_mode = force_generic_plan SET enable_seqscan = off AS $$
DECLARE
    -- As arrays, so that the planner reaches for the indexes.
    codes text[] := ARRAY(SELECT jsonb_array_elements_text(ask -> 'skus'));
    external_ids text[] := ARRAY(SELECT jsonb_array_elements_text(ask -> 'external_ids'));
    countries text[] := ARRAY(SELECT jsonb_array_elements_text(ask -> 'countries'));
    regions text[] := ARRAY(SELECT jsonb_array_elements_text(ask -> 'regions'));
    identities text[] := ARRAY(SELECT jsonb_array_elements_text(ask -> 'identities'));
    chosen bigint[] := ARRAY(SELECT jsonb_array_elements_text(ask -> 'chosen')::bigint);  -- customers, whatever is stated
    whose bigint[];  -- the customers whose contacts these are, and who are chosen
    coupons text[] := ARRAY(SELECT jsonb_array_elements_text(ask -> 'coupons'));
    promotions json;
    customers json;
    recent json;
    book record;  -- of rules: the newest, where it has any
    groups bigint[];  -- of the customers that are known
    gifts int := 0;  -- lines that promotions may add to an order
    refs text[] := ARRAY(SELECT jsonb_array_elements_text(ask -> 'references'));
    at timestamptz := (ask ->> 'now')::timestamptz;
    skus bigint[];
    stocked bigint[];  -- the SKUs, and the parts of those that are bundles
    policy record;
    answer json;
BEGIN
    SELECT p.price_list_id, p.accepts_backorders, p.review, p.price_tolerance, p.duplicate_minutes, l.currency, l.includes_tax,
        p.order_type, p.cooling_off_minutes, p.min_margin, p.short_stock, p.choice_days, p.route_by, p.most_parcels, p.least_units, CASE WHEN r.on_silence = 'release' THEN r.window_hours ELSE 0 END AS risk_hours,
        r.kind AS risk_source INTO policy
    FROM orders_channelpolicy p JOIN orders_pricelist l ON l.id = p.price_list_id
    LEFT JOIN orders_riskprovider r ON r.channel_id = p.channel_id AND r.is_active
    WHERE p.channel_id = (ask ->> 'channel')::bigint;
    IF ask ? 'credit_methods' THEN
        -- Two orders on account of one customer come one after the other: what is owed is known then.
        PERFORM 1 FROM orders_customer c WHERE c.credit_limit IS NOT NULL AND c.id IN (
            SELECT i.customer_id FROM orders_customeridentity i WHERE i.value = ANY (identities) UNION ALL SELECT unnest(chosen)) ORDER BY c.id FOR UPDATE;
    END IF;
    -- Levels are locked below: what a first attempt locks before them is locked before them here too.
    -- Without that, an order placed again held its levels and waited for a coupon, while a first attempt
    -- held the coupon and waited for the levels.
    IF (ask ->> 'lock')::boolean THEN
        PERFORM 1 FROM orders_customer c WHERE c.id IN (
            SELECT i.customer_id FROM orders_customeridentity i WHERE i.value = ANY (identities) UNION ALL SELECT unnest(chosen)) ORDER BY c.id FOR KEY SHARE;
        IF (ask ->> 'promoted')::boolean THEN
            PERFORM 1 FROM orders_promotion p WHERE p.is_active AND p.max_uses IS NOT NULL AND p.currency = policy.currency
                AND (NOT p.needs_coupon OR EXISTS (
                    SELECT 1 FROM orders_coupon c WHERE c.promotion_id = p.id AND c.code = ANY (coupons))) ORDER BY p.id FOR UPDATE;
            PERFORM 1 FROM orders_coupon c WHERE c.code = ANY (coupons) ORDER BY c.id FOR UPDATE;
        END IF;
    END IF;
    whose := ARRAY(
        SELECT i.customer_id FROM orders_customeridentity i WHERE i.value = ANY (identities) UNION SELECT unnest(chosen));
    IF EXISTS (SELECT 1 FROM orders_grouppricelist) THEN
        SELECT array_agg(DISTINCT c.group_id) INTO groups FROM orders_customer c
        WHERE c.group_id IS NOT NULL AND c.id = ANY (whose);
    END IF;
    -- A first attempt needs no lock for uses: whoever is refused one finds it used up when deciding again.
    SELECT b.id, b.at INTO book FROM (SELECT * FROM orders_rulebook ORDER BY id DESC LIMIT 1) b WHERE cardinality(b.revisions) > 0;
    -- A promotion once for each coupon that asks for it; without coupons once.
    IF EXISTS (SELECT 1 FROM orders_promotion p WHERE p.is_active) THEN
    SELECT json_agg(json_build_object(
            'id', p.id, 'code', p.code, 'kind', p.kind, 'priority', p.priority, 'base', p.base,
            'is_exclusive', p.is_exclusive, 'stack_group', p.stack_group, 'min_amount', p.min_amount::text,
            'min_quantity', p.min_quantity, 'percent', p.percent::text, 'amount', p.amount::text,
            'tiers', ARRAY(SELECT json_build_object('from', t.reached::text, 'amount', t.amount::text, 'percent', t.percent::text)
                           FROM orders_promotiontier t WHERE t.promotion_id = p.id ORDER BY t.reached),
            'tiers_of', p.tiers_of, 'buy_quantity', p.buy_quantity, 'get_quantity', p.get_quantity,
            'gifts', ARRAY(SELECT json_build_object('sku', s.code, 'quantity', g.quantity) FROM orders_promotiongift g
                           JOIN inventory_sku s ON s.id = g.sku_id WHERE g.promotion_id = p.id ORDER BY s.code),
            'repeats', p.repeats, 'cap', p.cap::text, 'coupon', coalesce(c.code, ''), 'needs_coupon', p.needs_coupon,
            'left', p.max_uses - p.used,
            'skus', ARRAY(SELECT s.code FROM orders_promotion_skus m JOIN inventory_sku s ON s.id = m.sku_id
                          WHERE m.promotion_id = p.id))),
        coalesce(sum((SELECT count(*) FROM orders_promotiongift g WHERE g.promotion_id = p.id)), 0)
    INTO promotions, gifts
    FROM orders_promotion p
    LEFT JOIN orders_coupon c ON c.promotion_id = p.id AND c.code = ANY (coupons) AND p.needs_coupon
    WHERE p.is_active AND p.currency = policy.currency AND (NOT p.needs_coupon OR c.id IS NOT NULL)
      AND (p.starts_at IS NULL OR p.starts_at <= at) AND (p.ends_at IS NULL OR p.ends_at > at)
      AND (NOT EXISTS (SELECT 1 FROM orders_promotion_channels m WHERE m.promotion_id = p.id)
           OR EXISTS (SELECT 1 FROM orders_promotion_channels m WHERE m.promotion_id = p.id
                      AND m.channel_id = (ask ->> 'channel')::bigint));
    END IF;
    IF gifts > 0 THEN
        codes := codes || ARRAY(SELECT DISTINCT x ->> 'sku' FROM json_array_elements(promotions) p,
                                json_array_elements(p -> 'gifts') x);
    END IF;
    SELECT array_agg(s.id ORDER BY s.id) INTO skus
    FROM inventory_sku s WHERE s.code = ANY (codes);
    stocked := skus || ARRAY(SELECT b.part_id FROM inventory_bundlepart b WHERE b.bundle_id = ANY (skus));
    IF (ask ->> 'lock')::boolean THEN
        PERFORM inventory_lock_skus(stocked);
    END IF;
    -- Most orders of a shop are of people whom nobody knows yet: for them nothing is asked.
    IF cardinality(whose) > 0 THEN
        SELECT json_agg(json_build_object(
                'kind', i.kind, 'value', i.value, 'id', c.id, 'is_blocked', c.is_blocked, 'language', c.language,
                'name', c.name, 'proven_by', i.proven_by, 'has_account', c.has_account,
                'has_email', EXISTS (SELECT 1 FROM orders_customeridentity k WHERE k.customer_id = c.id AND k.kind = 'email'),
                'has_phone', EXISTS (SELECT 1 FROM orders_customeridentity k WHERE k.customer_id = c.id AND k.kind = 'phone'),
                'group', c.group_id, 'group_code', (SELECT g.code FROM orders_customergroup g WHERE g.id = c.group_id),
                'credit_limit', c.credit_limit::text,
                -- In the company's currency: what is on account, not ended, and not paid yet.
                'owed', CASE WHEN c.credit_limit IS NOT NULL AND ask ? 'credit_methods' THEN (
                    SELECT sum((o.total - coalesce((SELECT sum(p.captured - p.refunded) FROM orders_payment p WHERE p.order_id = o.id), 0))
                               * coalesce(o.book_rate, 1))::text
                    FROM orders_order o WHERE o.customer_id = c.id AND ask -> 'credit_methods' ? o.payment_method AND NOT o.is_history
                      -- Nobody uses up a stranger's credit by stating their contact: what nobody let go on owes nothing.
                      AND (o.customer_proof <> '' OR o.status <> 'pending')
                      AND o.status IN ('pending', 'confirmed', 'completed') AND o.payment_status NOT IN ('paid', 'refunded')) END,
                'exempt', (SELECT json_agg(json_build_array(x.id, x.country)) FROM orders_taxexemption x
                    WHERE x.customer_id = c.id AND x.country = ANY (countries)
                      AND (x.valid_from IS NULL OR x.valid_from <= at::date) AND (x.valid_until IS NULL OR x.valid_until > at::date))))
        INTO customers
        FROM (SELECT x.kind, x.value, x.customer_id, x.proven_by FROM orders_customeridentity x WHERE x.value = ANY (identities)
              UNION ALL SELECT 'chosen', x.id::text, x.id, '' FROM unnest(chosen) AS x(id)) i
        JOIN orders_customer c ON c.id = i.customer_id;
        -- What these customers ordered a little while ago, anywhere: it may be the same once more.
        SELECT json_agg(json_build_object('customer_id', o.customer_id, 'number', o.number,
                'external_id', o.external_id, 'items', o.items))
        INTO recent
        FROM unnest(whose) AS c(id)
        CROSS JOIN LATERAL (
            SELECT o.customer_id, o.number, o.external_id,
                   (SELECT json_object_agg(x.sku_code, x.n) FROM (SELECT l.sku_code, sum(l.quantity_ordered) AS n
                    FROM orders_orderline l WHERE l.order_id = o.id GROUP BY 1) x) AS items
            FROM orders_order o WHERE o.customer_id = c.id AND NOT o.is_history
              AND o.placed_at > at - make_interval(mins => policy.duplicate_minutes) AND o.placed_at <= at
              AND o.status NOT IN ('cancelled', 'rejected', 'expired')
            ORDER BY o.placed_at DESC LIMIT 20) o;
    END IF;
    SELECT json_build_object(
        'policy', CASE WHEN policy.price_list_id IS NOT NULL THEN json_build_object(
            'accepts_backorders', policy.accepts_backorders, 'review', policy.review,
            'currency', policy.currency, 'includes_tax', policy.includes_tax,
            'price_tolerance', policy.price_tolerance::text, 'order_type', policy.order_type, 'min_margin', policy.min_margin::text, 'short_stock', policy.short_stock, 'choice_days', policy.choice_days, 'route_by', policy.route_by,
            'most_parcels', policy.most_parcels, 'least_units', policy.least_units,
            'cooling_off_minutes', policy.cooling_off_minutes, 'risk_source', policy.risk_source,
            'risk_hours', policy.risk_hours) END,
        'types', (SELECT json_agg(json_build_object('code', t.code, 'review', t.review,
                'cooling_off_minutes', t.cooling_off_minutes, 'is_free', t.is_free, 'is_active', t.is_active))
            FROM orders_ordertype t),
        'book_currency', (SELECT c.currency FROM erp_company c WHERE c.id = 1),
        -- The newest rate of each currency that was known by then.
        'rates', (SELECT json_agg(json_build_array(c.code, (SELECT x.rate::text FROM orders_exchangerate x
                WHERE x.currency = c.code AND x."on" <= at::date ORDER BY x."on" DESC LIMIT 1)))
            FROM (SELECT jsonb_array_elements_text(ask -> 'currencies') AS code) c),
        'customer_ids', (SELECT json_agg(nextval('orders_customer_id_seq')) FROM generate_series(1, (ask ->> 'customers')::int)),
        'order_ids', (SELECT json_agg(nextval('orders_order_id_seq')) FROM generate_series(1, (ask ->> 'orders')::int)),
        'line_ids', (SELECT json_agg(nextval('orders_orderline_id_seq')) FROM generate_series(1, (ask ->> 'lines')::int + gifts * (ask ->> 'orders')::int)),
        'promotions', promotions,
        'book', book.id, 'book_at', book.at,
        'placed_before', CASE WHEN book.id IS NOT NULL THEN (SELECT json_agg(json_build_array(c.id,
                (SELECT count(*) FROM orders_order o WHERE o.customer_id = c.id)))
            FROM unnest(whose) AS c(id)) END,
        'coupons', CASE WHEN cardinality(coupons) > 0 THEN (SELECT json_agg(json_build_object('code', c.code, 'id', c.id, 'promotion', c.promotion_id,
                'is_active', c.is_active, 'starts_at', c.starts_at, 'ends_at', c.ends_at, 'left', c.max_uses - c.used,
                'most', c.max_uses_per_customer,
                'uses', (SELECT json_agg(json_build_array(u.customer_id, u.n)) FROM (
                    SELECT u.customer_id, count(*) AS n FROM orders_promotionuse u
                    WHERE u.coupon_id = c.id AND u.nth IS NOT NULL AND u.customer_id = ANY (whose)
                    GROUP BY 1) u)))
            FROM orders_coupon c WHERE c.code = ANY (coupons)) END,
        'payment_ids', (SELECT json_agg(nextval('orders_payment_id_seq')) FROM generate_series(1, (ask ->> 'orders')::int)),
        'skus', (SELECT coalesce(json_agg(json_build_object(
                'id', s.id, 'code', s.code, 'name', s.name, 'translations', s.translations, 'weight_g', s.weight_g,
                'tax_class', s.tax_class, 'is_service', s.is_service, 'is_active', s.is_active,
                'parts', (SELECT json_agg(json_build_array(b.part_id, b.quantity) ORDER BY b.part_id)
                          FROM inventory_bundlepart b WHERE b.bundle_id = s.id),
                'prices', (SELECT json_agg(json_build_array(p.min_quantity, p.amount::text) ORDER BY p.min_quantity)
                           FROM orders_price p WHERE p.price_list_id = policy.price_list_id AND p.sku_id = s.id
                             AND (p.valid_from IS NULL OR p.valid_from <= at)
                             AND (p.valid_until IS NULL OR p.valid_until > at)),
                -- Of the groups at hand: group, whether its list is for every channel, from quantity, amount.
                'group_prices', CASE WHEN groups IS NOT NULL THEN (
                    SELECT json_agg(json_build_array(g.group_id, g.channel_id IS NULL, p.min_quantity, p.amount::text) ORDER BY p.min_quantity)
                    FROM orders_grouppricelist g JOIN orders_pricelist l ON l.id = g.price_list_id
                    JOIN orders_price p ON p.price_list_id = l.id AND p.sku_id = s.id
                    WHERE g.group_id = ANY (groups) AND (g.channel_id IS NULL OR g.channel_id = (ask ->> 'channel')::bigint)
                      AND l.currency = policy.currency AND l.includes_tax = policy.includes_tax
                      AND (p.valid_from IS NULL OR p.valid_from <= at) AND (p.valid_until IS NULL OR p.valid_until > at)) END,
                'floor', (SELECT f.amount::text FROM orders_pricefloor f WHERE f.sku_id = s.id AND f.currency = policy.currency),
                'cost', CASE WHEN policy.min_margin IS NOT NULL THEN (
                    SELECT round(c.value / nullif(c.quantity, 0), 6)::text FROM inventory_skucost c WHERE c.sku_id = s.id) END)), '[]')
            FROM inventory_sku s WHERE s.id = ANY (skus)),
        -- SKU, warehouse, units free less the safety stock, and the highest part of the level.
        'levels', (SELECT coalesce(json_agg(json_build_array(l.sku_id, l.warehouse_id, l.free - coalesce(k.safety, 0), l.part)), '[]')
            FROM (SELECT sku_id, warehouse_id, sum(on_hand - reserved) AS free, max(part) AS part
                  FROM inventory_stocklevel WHERE sku_id = ANY (stocked) GROUP BY 1, 2) l
            LEFT JOIN inventory_stockpolicy k ON k.sku_id = l.sku_id AND k.warehouse_id = l.warehouse_id
            WHERE l.free > 0),
        'allotted', (SELECT json_agg(json_build_array(r.sku_id, r.warehouse_id, r.quantity))
            FROM inventory_reservation r JOIN inventory_allotment a ON a.id = r.holder_id
            WHERE r.holder_kind = 'allotment' AND r.status = 'held' AND r.sku_id = ANY (stocked)
              AND a.channel_id = (ask ->> 'channel')::bigint),
        'limits', (SELECT json_agg(json_build_array(coalesce(a.sku_id, 0), a.kind, a.value))
            FROM inventory_allotment a WHERE a.channel_id = (ask ->> 'channel')::bigint AND a.is_active
              AND a.kind <> 'fixed' AND (a.sku_id IS NULL OR a.sku_id = ANY (stocked))),
        'warehouses', (SELECT json_agg(json_build_object(
                'id', w.id, 'code', w.code, 'country', w.country, 'region', w.region, 'priority', w.priority,
                'cut_off', w.cut_off, 'time_zone', w.time_zone, 'capacity', k.orders_a_day,
                'has_lanes', EXISTS (SELECT 1 FROM orders_lane l WHERE l.warehouse_id = w.id),
                'load', CASE WHEN k.orders_a_day IS NOT NULL THEN (SELECT count(*) FROM orders_routedorder r
                    WHERE r.warehouse_id = w.id AND r."on" = erp_day_in(w.time_zone, at)) END) ORDER BY w.priority, w.id)
            FROM inventory_warehouse w LEFT JOIN orders_capacity k ON k.warehouse_id = w.id WHERE w.is_active),
        'days', (SELECT json_agg(json_build_array(d.warehouse_id, d."on", d.is_working)) FROM orders_warehouseday d
            WHERE d."on" BETWEEN at::date - 1 AND at::date + 60),
        -- Of warehouses that have any: one without a lane to the destination does not ship there.
        'lanes', (SELECT json_agg(json_build_array(l.warehouse_id, l.country, l.region, l.distance_km, l.cost::text, l.is_open))
            FROM orders_lane l WHERE l.country = ANY (countries) AND (l.region = '' OR l.region = ANY (regions))),
        'homes', (SELECT json_agg(json_build_array(h.sku_id, h.warehouse_id)) FROM orders_skuhome h WHERE h.sku_id = ANY (skus)),
        'taxes', (SELECT coalesce(json_agg(json_build_object(
                'country', t.country, 'region', t.region, 'tax_class', t.tax_class, 'rate', t.rate::text)), '[]')
            FROM orders_taxrate t WHERE t.country = ANY (countries)
              AND (t.valid_from IS NULL OR t.valid_from <= at::date)
              AND (t.valid_until IS NULL OR t.valid_until > at::date)),
        'has_taxes', EXISTS (SELECT 1 FROM orders_taxrate),
        'services', (SELECT coalesce(json_agg(json_build_object(
                'code', s.code, 'name', s.name, 'carrier', s.carrier, 'fee', s.fee::text, 'free_from', s.free_from::text,
                'transit_p50', s.transit_p50, 'transit_p90', s.transit_p90)), '[]')
            FROM orders_shippingservice s WHERE s.is_active AND s.currency = policy.currency),
        'customers', coalesce(customers, '[]'),
        'recent', recent,
        'blocked', (SELECT json_agg(b.value) FROM orders_blockedcontact b
            WHERE b.value = ANY (identities || ARRAY(SELECT jsonb_array_elements_text(ask -> 'addresses')))),
        'used_references', (SELECT coalesce(json_agg(e.reference), '[]') FROM orders_paymentevent e
            WHERE e.channel_id = (ask ->> 'channel')::bigint AND e.kind = 'capture' AND e.reference = ANY (refs)),
        'existing', (SELECT coalesce(json_agg(json_build_object(
                'external_id', o.external_id, 'number', o.number, 'request_hash', o.request_hash)), '[]')
            FROM orders_order o WHERE o.channel_id = (ask ->> 'channel')::bigint
              AND o.external_id = ANY (external_ids))
    ) INTO answer;
    RETURN answer;
END $$;

-- Where orders wait for goods: what is on its way, soonest first, and what others wait for already. Asked only once
-- routing has found a shortage: of a pre-sale all that waits is read.
-- Of what orders wait for already no more is counted than is on its way: behind that, nobody knows a day. Every line
-- waits for a unit at least, so that no more lines are read than units come, however many wait.
CREATE OR REPLACE FUNCTION orders_expected(stocked bigint[]) RETURNS json LANGUAGE sql STABLE AS $$
    WITH coming AS (
        SELECT l.sku_id, l.expected_on AS expected, l.quantity_incoming AS units FROM inventory_purchaseline l
        WHERE l.sku_id = ANY (stocked) AND l.quantity_incoming > 0
        UNION ALL SELECT l.sku_id, t.expected_on, l.quantity_incoming FROM inventory_transferline l
        JOIN inventory_transfer t ON t.id = l.transfer_id
        WHERE l.sku_id = ANY (stocked) AND l.quantity_incoming > 0)
    SELECT json_build_object(
        'coming', (SELECT json_agg(json_build_array(c.sku_id, c.expected, c.units) ORDER BY c.expected) FROM coming c),
        'owed', (SELECT json_agg(json_build_array(c.sku_id, w.units))
            FROM (SELECT sku_id, sum(units) AS units FROM coming GROUP BY 1) c,
            LATERAL (SELECT sum(x.units) AS units FROM (
                SELECT l.quantity_backordered AS units FROM orders_orderline l
                WHERE l.quantity_backordered > 0 AND l.sku_id = c.sku_id
                  AND (SELECT o.status FROM orders_order o WHERE o.id = l.order_id) IN ('pending', 'confirmed')
                UNION ALL SELECT l.quantity_backordered * p.quantity
                FROM orders_orderlinepart p JOIN orders_orderline l ON l.id = p.order_line_id
                WHERE l.quantity_backordered > 0 AND p.sku_id = c.sku_id
                  AND (SELECT o.status FROM orders_order o WHERE o.id = l.order_id) IN ('pending', 'confirmed')
                LIMIT c.units) x) w WHERE w.units IS NOT NULL))
$$;

-- A row of nothing but the defaults of a table's columns, made anew by each `migrate`.
DO $lay$
DECLARE
    name text;
    defaults text;
BEGIN
    FOREACH name IN ARRAY ARRAY['order', 'orderline'] LOOP
        SELECT coalesce(string_agg(format('%L, %s', a.attname, pg_get_expr(d.adbin, d.adrelid)), ', '), '') INTO defaults
        FROM pg_attrdef d JOIN pg_attribute a ON a.attrelid = d.adrelid AND a.attnum = d.adnum
        WHERE d.adrelid = format('orders_%s', name)::regclass AND a.attgenerated = '' AND NOT a.attisdropped;
        EXECUTE format(
            'CREATE OR REPLACE FUNCTION orders_blank_%1$s() RETURNS orders_%1$s LANGUAGE sql STABLE AS '
            '$f$ SELECT jsonb_populate_record(NULL::orders_%1$s, jsonb_build_object(%2$s)) $f$', name, defaults);
    END LOOP;
END $lay$;

-- Insert everything of a batch of decided orders. Raises a unique or check violation when a rival
-- was faster (the caller decides again), writes all or nothing, takes stock locks last and in order.
CREATE OR REPLACE FUNCTION orders_place(batch jsonb) RETURNS void LANGUAGE plpgsql
SET plan_cache_mode = force_generic_plan AS $$
BEGIN
    -- Customers that we know: merging them waits for us from here on; merged already, the caller decides again.
    IF jsonb_array_length(batch -> 'known') > 0 THEN
        PERFORM 1 FROM orders_customer c WHERE c.id IN (SELECT k.id FROM jsonb_to_recordset(batch -> 'known') AS k(id bigint))
            ORDER BY c.id FOR KEY SHARE;
        IF EXISTS (SELECT 1 FROM orders_customer c JOIN jsonb_to_recordset(batch -> 'known') AS k(id bigint) ON k.id = c.id
                   WHERE c.merged_into_id IS NOT NULL) THEN
            RAISE EXCEPTION 'a customer was merged meanwhile'
                USING ERRCODE = 'unique_violation', CONSTRAINT = 'customer_identity_once';
        END IF;
    END IF;
    INSERT INTO orders_customer (id, name, language, note, is_blocked, words)
    SELECT c.id, c.name, c.language, '', false, array_to_tsvector(c.words)
    FROM jsonb_to_recordset(batch -> 'customers') AS c(id bigint, name text, language text, words text[]);
    INSERT INTO orders_customeridentity (customer_id, kind, value, proven_at, proven_by, is_founding)
    SELECT i.customer_id, i.kind, i.value, i.proven_at, coalesce(i.proven_by, ''), coalesce(i.is_founding, false)
    FROM jsonb_to_recordset(batch -> 'identities') AS i(customer_id bigint, kind text, value text, proven_at timestamptz,
        proven_by text, is_founding boolean)
    ORDER BY i.kind, i.value;

    -- Uses are claimed before the order is written: the CHECKs refuse what a rival took.
    IF jsonb_array_length(batch -> 'promotion_uses') > 0 THEN
        PERFORM orders_claim_coupon_uses(batch -> 'promotion_uses');
    END IF;

    -- Whole rows, by the names of the table's own columns (see orders/order/blank_rows.py). What a row does not
    -- say is what the database would have put there: a program of before a migration knows nothing of its columns.
    -- In order, as of all that is unique: of two batches with the same orders one waits, none deadlocks.
    INSERT INTO orders_order
    SELECT o.* FROM jsonb_populate_recordset(orders_blank_order(), batch -> 'orders') AS o ORDER BY o.external_id;

    INSERT INTO orders_orderaddress (order_id, kind, name, line1, line2, city, region, postal_code, country, phone, email)
    SELECT a.* FROM jsonb_to_recordset(batch -> 'addresses') AS a(order_id bigint, kind text, name text, line1 text,
        line2 text, city text, region text, postal_code text, country text, phone text, email text);

    INSERT INTO orders_ordersearch (order_id, placed_at, words)
    SELECT s.order_id, s.placed_at, array_to_tsvector(s.words)
    FROM jsonb_to_recordset(batch -> 'searches') AS s(order_id bigint, placed_at timestamptz, words text[]);

    INSERT INTO orders_orderline
    SELECT l.* FROM jsonb_populate_recordset(orders_blank_orderline(), batch -> 'lines') AS l;

    IF jsonb_array_length(batch -> 'promotion_uses') > 0 THEN
        PERFORM orders_record_coupon_uses(batch -> 'promotion_uses', batch -> 'adjustments');
    END IF;

    INSERT INTO orders_hold (id, order_id, kind, reason, params, by_id, opened_at, until, proposed_for_id, needs_second_person)
    SELECT h.id, h.order_id, h.kind, h.reason, h.params, h.by_id, h.opened_at, h.until, h.proposed_for_id, coalesce(h.needs_second_person, false)
    FROM jsonb_to_recordset(batch -> 'holds') AS h(
        id bigint, order_id bigint, kind text, reason text, params jsonb, by_id bigint, opened_at timestamptz, until timestamptz,
        proposed_for_id bigint, needs_second_person boolean);

    IF jsonb_array_length(batch -> 'routed') > 0 THEN
        INSERT INTO orders_routedorder (warehouse_id, "on", order_id)
        SELECT r.warehouse_id, r."on", r.order_id FROM jsonb_to_recordset(batch -> 'routed') AS r(warehouse_id bigint, "on" date, order_id bigint);
    END IF;
    IF jsonb_array_length(batch -> 'invoices') > 0 THEN
        INSERT INTO orders_invoicerequest (order_id, kind, title, tax_id, email, registered_address, registered_phone, bank,
            bank_account, status, invoice_number, requested_at)
        SELECT i.order_id, i.kind, i.title, i.tax_id, i.email, i.registered_address, i.registered_phone, i.bank, i.bank_account,
            'requested', '', i.requested_at
        FROM jsonb_to_recordset(batch -> 'invoices') AS i(order_id bigint, kind text, title text, tax_id text, email text,
            registered_address text, registered_phone text, bank text, bank_account text, requested_at timestamptz);
    END IF;
    IF jsonb_array_length(batch -> 'choices') > 0 THEN
        INSERT INTO orders_choiceoffer (order_id, status, offered_at, until, answer)
        SELECT c.order_id, 'open', c.offered_at, c.until, '{}'
        FROM jsonb_to_recordset(batch -> 'choices') AS c(order_id bigint, offered_at timestamptz, until timestamptz);
    END IF;

    IF jsonb_array_length(batch -> 'risk_checks') > 0 THEN
        INSERT INTO orders_riskcheck (order_id, source, status)
        SELECT r.order_id, r.source, 'pending'
        FROM jsonb_to_recordset(batch -> 'risk_checks') AS r(order_id bigint, source text);
    END IF;

    INSERT INTO orders_payment (id, order_id, method, reference, currency, authorised, captured, refunded, created_at)
    SELECT id, order_id, method, reference, currency, amount, amount, 0, created_at
    FROM jsonb_to_recordset(batch -> 'payments') AS p(id bigint, order_id bigint, method text, reference text,
        currency text, amount numeric, created_at timestamptz);
    INSERT INTO orders_paymentevent (payment_id, channel_id, kind, reference, amount, by_id, at)
    SELECT p.id, p.channel_id, k.kind, p.reference, p.amount, p.by_id, p.created_at
    FROM jsonb_to_recordset(batch -> 'payments') AS p(id bigint, channel_id bigint, reference text, amount numeric,
        by_id bigint, created_at timestamptz), unnest(ARRAY['authorise', 'capture']) AS k(kind)
    WHERE p.amount > 0 ORDER BY p.reference;

    INSERT INTO orders_decision (order_id, kind, engine, inputs, candidates, outcome, reasons, counterfactual, at)
    SELECT d.* FROM jsonb_to_recordset(batch -> 'decisions') AS d(order_id bigint, kind text, engine text,
        inputs jsonb, candidates jsonb, outcome jsonb, reasons jsonb, counterfactual jsonb, at timestamptz);
    INSERT INTO orders_orderevent (order_id, kind, data, by_id, at)
    SELECT e.* FROM jsonb_to_recordset(batch -> 'order_events') AS e(
        order_id bigint, kind text, data jsonb, by_id bigint, at timestamptz);
    PERFORM erp_record_events(batch -> 'events');

    -- Last, because it waits for rivals: the levels are locked in order, then the trigger adds to
    -- them, and the CHECK on the level refuses what a rival took meanwhile.
    IF jsonb_array_length(batch -> 'line_parts') > 0 THEN
        INSERT INTO orders_orderlinepart (order_line_id, sku_id, quantity)
        SELECT p.order_line_id, p.sku_id, p.quantity
        FROM jsonb_to_recordset(batch -> 'line_parts') AS p(order_line_id bigint, sku_id bigint, quantity int);
    END IF;
    IF jsonb_array_length(batch -> 'draws') > 0 THEN
        -- What is set aside for the channel is taken first; all levels are locked for that, in order.
        PERFORM inventory_lock_levels(batch -> 'reservations');
        PERFORM inventory_draw_allotment((batch -> 'draws' -> 0 ->> 'channel_id')::bigint, batch -> 'draws');
    END IF;
    IF jsonb_array_length(batch -> 'reservations') > 0 THEN
        IF (batch -> 'reservations') @> '[{"in_parts": true}]' THEN
            PERFORM inventory_reserve_in_parts(batch -> 'reservations', 'order_line', 'committed', NULL);
        ELSE
            INSERT INTO inventory_reservation (holder_kind, holder_id, sku_id, warehouse_id, part, quantity, status)
            SELECT 'order_line', r.holder_id, r.sku_id, r.warehouse_id, 0, r.quantity, 'committed'
            FROM jsonb_to_recordset(batch -> 'reservations') AS r(
                holder_id bigint, sku_id bigint, warehouse_id bigint, quantity int);
        END IF;
    END IF;
END $$;
