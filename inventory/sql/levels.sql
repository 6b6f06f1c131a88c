-- Stock levels: kept by triggers on movements and reservations, written by nothing else.
-- Every function here takes the level rows it changes in (sku, warehouse) order, so that two
-- transactions wait for each other and never each for the other.

CREATE OR REPLACE FUNCTION inventory_lock_levels(pairs jsonb) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public AS $$
BEGIN
    PERFORM 1 FROM inventory_stocklevel l
    JOIN (SELECT DISTINCT sku_id, warehouse_id
          FROM jsonb_to_recordset(pairs) AS p(sku_id bigint, warehouse_id bigint)) p USING (sku_id, warehouse_id)
    ORDER BY l.sku_id, l.warehouse_id FOR NO KEY UPDATE OF l;
END $$;

-- Lock every warehouse's level of these SKUs: for deciding anew when a rival took the first choice.
CREATE OR REPLACE FUNCTION inventory_lock_skus(skus bigint[]) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public AS $$
BEGIN
    PERFORM 1 FROM inventory_stocklevel WHERE sku_id = ANY(skus)
    ORDER BY sku_id, warehouse_id FOR NO KEY UPDATE;
END $$;

CREATE OR REPLACE FUNCTION inventory_on_movements() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public AS $$
DECLARE
    change jsonb;
BEGIN
    SELECT jsonb_agg(jsonb_build_object('s', sku_id, 'w', warehouse_id, 'd', delta) ORDER BY sku_id, warehouse_id)
    INTO change FROM (
        SELECT sku_id, warehouse_id, sum(delta) AS delta FROM (
            SELECT m.sku_id, p.warehouse_id, -m.quantity::bigint AS delta
            FROM new_rows m JOIN inventory_place p ON p.id = m.from_place_id WHERE p.kind = 'bin'
            UNION ALL
            SELECT m.sku_id, p.warehouse_id, m.quantity
            FROM new_rows m JOIN inventory_place p ON p.id = m.to_place_id WHERE p.kind = 'bin') ends
        GROUP BY 1, 2 HAVING sum(delta) <> 0) sums;
    IF change IS NULL THEN RETURN NULL; END IF;
    INSERT INTO inventory_stocklevel (sku_id, warehouse_id, on_hand, reserved, incoming)
    SELECT s, w, 0, 0, 0 FROM jsonb_to_recordset(change) AS c(s bigint, w bigint, d bigint)
    WHERE NOT EXISTS (SELECT 1 FROM inventory_stocklevel l WHERE l.sku_id = s AND l.warehouse_id = w)
    ORDER BY s, w ON CONFLICT DO NOTHING;
    PERFORM 1 FROM inventory_stocklevel l
    JOIN jsonb_to_recordset(change) AS c(s bigint, w bigint, d bigint) ON l.sku_id = s AND l.warehouse_id = w
    ORDER BY l.sku_id, l.warehouse_id FOR NO KEY UPDATE OF l;
    UPDATE inventory_stocklevel l SET on_hand = l.on_hand + c.d
    FROM jsonb_to_recordset(change) AS c(s bigint, w bigint, d bigint)
    WHERE l.sku_id = c.s AND l.warehouse_id = c.w;
    RETURN NULL;
END $$;

DROP TRIGGER IF EXISTS levels_follow_movements ON inventory_stockmovement;
CREATE TRIGGER levels_follow_movements AFTER INSERT ON inventory_stockmovement
REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION inventory_on_movements();

CREATE OR REPLACE FUNCTION inventory_add_reserved(change jsonb) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public AS $$
BEGIN
    IF change IS NULL THEN RETURN; END IF;
    INSERT INTO inventory_stocklevel (sku_id, warehouse_id, on_hand, reserved, incoming)
    SELECT s, w, 0, 0, 0 FROM jsonb_to_recordset(change) AS c(s bigint, w bigint, d bigint)
    WHERE NOT EXISTS (SELECT 1 FROM inventory_stocklevel l WHERE l.sku_id = s AND l.warehouse_id = w)
    ORDER BY s, w ON CONFLICT DO NOTHING;
    PERFORM 1 FROM inventory_stocklevel l
    JOIN jsonb_to_recordset(change) AS c(s bigint, w bigint, d bigint) ON l.sku_id = s AND l.warehouse_id = w
    ORDER BY l.sku_id, l.warehouse_id FOR NO KEY UPDATE OF l;
    UPDATE inventory_stocklevel l SET reserved = l.reserved + c.d
    FROM jsonb_to_recordset(change) AS c(s bigint, w bigint, d bigint)
    WHERE l.sku_id = c.s AND l.warehouse_id = c.w;
END $$;
REVOKE EXECUTE ON FUNCTION inventory_add_reserved(jsonb) FROM PUBLIC;

CREATE OR REPLACE FUNCTION inventory_on_reserved() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public AS $$
DECLARE
    change jsonb;
BEGIN
    SELECT jsonb_agg(jsonb_build_object('s', sku_id, 'w', warehouse_id, 'd', delta)) INTO change FROM (
        SELECT sku_id, warehouse_id, sum(quantity) AS delta FROM new_rows
        WHERE status IN ('held', 'committed') GROUP BY 1, 2) sums;
    PERFORM inventory_add_reserved(change);
    RETURN NULL;
END $$;

CREATE OR REPLACE FUNCTION inventory_on_reservation_change() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public AS $$
DECLARE
    change jsonb;
BEGIN
    SELECT jsonb_agg(jsonb_build_object('s', sku_id, 'w', warehouse_id, 'd', delta)) INTO change FROM (
        SELECT sku_id, warehouse_id, sum(delta) AS delta FROM (
            SELECT sku_id, warehouse_id, quantity::bigint AS delta FROM new_rows WHERE status IN ('held', 'committed')
            UNION ALL
            SELECT sku_id, warehouse_id, -quantity FROM old_rows WHERE status IN ('held', 'committed')) both_sides
        GROUP BY 1, 2 HAVING sum(delta) <> 0) sums;
    PERFORM inventory_add_reserved(change);
    RETURN NULL;
END $$;

DROP TRIGGER IF EXISTS levels_follow_new_reservations ON inventory_reservation;
CREATE TRIGGER levels_follow_new_reservations AFTER INSERT ON inventory_reservation
REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION inventory_on_reserved();
DROP TRIGGER IF EXISTS levels_follow_reservations ON inventory_reservation;
CREATE TRIGGER levels_follow_reservations AFTER UPDATE ON inventory_reservation
REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows
FOR EACH STATEMENT EXECUTE FUNCTION inventory_on_reservation_change();

-- A reservation is never deleted: it ends in a status.
CREATE OR REPLACE FUNCTION inventory_refuse_delete() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% rows are never deleted', TG_TABLE_NAME USING ERRCODE = 'restrict_violation';
END $$;
DROP TRIGGER IF EXISTS reservations_stay ON inventory_reservation;
CREATE TRIGGER reservations_stay BEFORE DELETE ON inventory_reservation
FOR EACH STATEMENT EXECUTE FUNCTION inventory_refuse_delete();
