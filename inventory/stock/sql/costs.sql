-- The moving average cost: an entry for every movement that enters or leaves the company, and the
-- running totals by SKU. Written here and nowhere else; entries are append-only.

-- Value movements by their ids. Arrivals first, at what they cost (or at the average, where that is
-- not known); then issues, at the average of their moment. The last unit takes the rest with it.
CREATE OR REPLACE FUNCTION inventory_value(movement_ids bigint[]) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public AS $$
DECLARE
    skus bigint[];
BEGIN
    SELECT array_agg(DISTINCT m.sku_id ORDER BY m.sku_id) INTO skus FROM inventory_stockmovement m
    JOIN inventory_place f ON f.id = m.from_place_id JOIN inventory_place t ON t.id = m.to_place_id
    WHERE m.id = ANY (movement_ids) AND (f.warehouse_id IS NULL) <> (t.warehouse_id IS NULL);
    INSERT INTO inventory_skucost (sku_id, quantity, value) SELECT s, 0, 0 FROM unnest(skus) s ORDER BY s ON CONFLICT DO NOTHING;
    PERFORM 1 FROM inventory_skucost WHERE sku_id = ANY (skus) ORDER BY sku_id FOR NO KEY UPDATE;
    WITH crossing AS MATERIALIZED (
        SELECT m.id, m.sku_id, m.quantity, m.unit_cost, m.at, f.warehouse_id IS NULL AS comes
        FROM inventory_stockmovement m JOIN inventory_place f ON f.id = m.from_place_id
        JOIN inventory_place t ON t.id = m.to_place_id
        WHERE m.id = ANY (movement_ids) AND (f.warehouse_id IS NULL) <> (t.warehouse_id IS NULL)
    ), had AS MATERIALIZED (
        SELECT sku_id, quantity, value, CASE WHEN quantity > 0 THEN value / quantity ELSE 0 END AS average
        FROM inventory_skucost WHERE sku_id = ANY (skus)
    ), came AS (
        INSERT INTO inventory_costentry (sku_id, movement_id, kind, quantity, value, document, at)
        SELECT c.sku_id, c.id, 'receipt', c.quantity, round(c.quantity * coalesce(c.unit_cost, h.average), 4), '', c.at
        FROM crossing c JOIN had h USING (sku_id) WHERE c.comes ORDER BY c.id RETURNING sku_id, quantity, value
    ), has AS MATERIALIZED (
        SELECT h.sku_id, h.quantity + coalesce(a.quantity, 0) AS quantity, h.value + coalesce(a.value, 0) AS value
        FROM had h LEFT JOIN (SELECT sku_id, sum(quantity) AS quantity, sum(value) AS value FROM came GROUP BY 1) a USING (sku_id)
    ), went AS (
        INSERT INTO inventory_costentry (sku_id, movement_id, kind, quantity, value, document, at)
        SELECT c.sku_id, c.id, 'issue', -c.quantity,
               -round(c.quantity * CASE WHEN h.quantity > 0 THEN h.value / h.quantity ELSE 0 END, 4), '', c.at
        FROM crossing c JOIN has h USING (sku_id) WHERE NOT c.comes ORDER BY c.id RETURNING sku_id, quantity, value
    ), rest AS MATERIALIZED (
        SELECT h.sku_id, h.quantity + coalesce(a.quantity, 0) AS quantity, h.value + coalesce(a.value, 0) AS value
        FROM has h LEFT JOIN (SELECT sku_id, sum(quantity) AS quantity, sum(value) AS value FROM went GROUP BY 1) a USING (sku_id)
    ), rounded AS (
        INSERT INTO inventory_costentry (sku_id, kind, quantity, value, document, at)
        SELECT r.sku_id, 'rounding', 0, -r.value, '', (SELECT max(at) FROM crossing) FROM rest r
        WHERE r.quantity = 0 AND r.value <> 0)
    UPDATE inventory_skucost k SET quantity = r.quantity, value = CASE WHEN r.quantity = 0 THEN 0 ELSE r.value END
    FROM rest r WHERE r.sku_id = k.sku_id;
END $$;
REVOKE EXECUTE ON FUNCTION inventory_value(bigint[]) FROM PUBLIC;

-- Add landed cost (freight, duty) to what is still there of goods that came in; what was sold
-- meanwhile keeps its snapshot, and the part of the cost that belongs to it is returned, not spread.
CREATE OR REPLACE FUNCTION inventory_land_cost(shares jsonb, of_document text, landed_at timestamptz)
RETURNS numeric LANGUAGE plpgsql SECURITY DEFINER SET search_path = public AS $$
DECLARE
    s record;
    has record;
    kept numeric;
    unspread numeric := 0;
BEGIN
    FOR s IN SELECT sku_id, sum(units) AS units, sum(amount) AS amount
        FROM jsonb_to_recordset(shares) AS x(sku_id bigint, units bigint, amount numeric) GROUP BY 1 ORDER BY 1
    LOOP
        SELECT quantity, value INTO has FROM inventory_skucost WHERE sku_id = s.sku_id FOR NO KEY UPDATE;
        kept := CASE WHEN has.quantity IS NULL OR s.units <= 0 THEN 0
                     ELSE round(s.amount * least(has.quantity, s.units) / s.units, 4) END;
        unspread := unspread + s.amount - kept;
        IF kept <> 0 THEN
            INSERT INTO inventory_costentry (sku_id, kind, quantity, value, document, at)
            VALUES (s.sku_id, 'landed', 0, kept, of_document, landed_at);
            UPDATE inventory_skucost SET value = value + kept WHERE sku_id = s.sku_id;
        END IF;
    END LOOP;
    RETURN unspread;
END $$;
