-- Stock levels: kept by triggers on movements and reservations, written by nothing else.
-- Every function here takes the level rows it changes in (sku, warehouse) order, so that two
-- transactions wait for each other and never each for the other.

DO $$ BEGIN
    IF to_regtype('inventory_change') IS NULL THEN
        CREATE TYPE inventory_change AS (sku_id bigint, warehouse_id bigint, delta bigint);
    END IF;
END $$;

CREATE OR REPLACE FUNCTION inventory_lock_levels(pairs jsonb) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public SET plan_cache_mode = force_generic_plan AS $$
BEGIN
    PERFORM 1 FROM inventory_stocklevel l
    JOIN (SELECT DISTINCT sku_id, warehouse_id
          FROM jsonb_to_recordset(pairs) AS p(sku_id bigint, warehouse_id bigint)) p USING (sku_id, warehouse_id)
    ORDER BY l.sku_id, l.warehouse_id FOR NO KEY UPDATE OF l;
END $$;

-- Lock every warehouse's level of these SKUs: for deciding anew when a rival took the first choice.
CREATE OR REPLACE FUNCTION inventory_lock_skus(skus bigint[]) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public SET plan_cache_mode = force_generic_plan AS $$
BEGIN
    PERFORM 1 FROM inventory_stocklevel WHERE sku_id = ANY(skus)
    ORDER BY sku_id, warehouse_id FOR NO KEY UPDATE;
END $$;

-- Add to levels, one row at a time in (sku, warehouse) order: `column` is on_hand or reserved.
-- A loop, because updating by a join takes the rows in whatever order the plan has.
CREATE OR REPLACE FUNCTION inventory_add(target text, changes inventory_change[]) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public AS $$
DECLARE
    c inventory_change;
BEGIN
    FOREACH c IN ARRAY changes LOOP
        IF target = 'on_hand' THEN
            UPDATE inventory_stocklevel SET on_hand = on_hand + c.delta
            WHERE sku_id = c.sku_id AND warehouse_id = c.warehouse_id;
        ELSE
            UPDATE inventory_stocklevel SET reserved = reserved + c.delta
            WHERE sku_id = c.sku_id AND warehouse_id = c.warehouse_id;
        END IF;
        IF NOT FOUND THEN
            INSERT INTO inventory_stocklevel (sku_id, warehouse_id, on_hand, reserved, incoming)
            VALUES (c.sku_id, c.warehouse_id, 0, 0, 0) ON CONFLICT DO NOTHING;
            PERFORM inventory_add(target, ARRAY[c]);
        END IF;
    END LOOP;
END $$;
REVOKE EXECUTE ON FUNCTION inventory_add(text, inventory_change[]) FROM PUBLIC;

CREATE OR REPLACE FUNCTION inventory_on_movements() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public AS $$
DECLARE
    changes inventory_change[];
BEGIN
    SELECT array_agg(ROW(sku_id, warehouse_id, delta)::inventory_change ORDER BY sku_id, warehouse_id) INTO changes
    FROM (
        SELECT sku_id, warehouse_id, sum(delta) AS delta FROM (
            SELECT m.sku_id, p.warehouse_id, -m.quantity::bigint AS delta
            FROM new_rows m JOIN inventory_place p ON p.id = m.from_place_id WHERE p.kind = 'bin'
            UNION ALL
            SELECT m.sku_id, p.warehouse_id, m.quantity
            FROM new_rows m JOIN inventory_place p ON p.id = m.to_place_id WHERE p.kind = 'bin') ends
        GROUP BY 1, 2 HAVING sum(delta) <> 0) sums;
    IF changes IS NOT NULL THEN PERFORM inventory_add('on_hand', changes); END IF;
    RETURN NULL;
END $$;

DROP TRIGGER IF EXISTS levels_follow_movements ON inventory_stockmovement;
CREATE TRIGGER levels_follow_movements AFTER INSERT ON inventory_stockmovement
REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION inventory_on_movements();

CREATE OR REPLACE FUNCTION inventory_on_reserved() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public AS $$
DECLARE
    changes inventory_change[];
BEGIN
    SELECT array_agg(ROW(sku_id, warehouse_id, delta)::inventory_change ORDER BY sku_id, warehouse_id) INTO changes
    FROM (SELECT sku_id, warehouse_id, sum(quantity) AS delta FROM new_rows
          WHERE status IN ('held', 'committed') GROUP BY 1, 2) sums;
    IF changes IS NOT NULL THEN PERFORM inventory_add('reserved', changes); END IF;
    RETURN NULL;
END $$;

CREATE OR REPLACE FUNCTION inventory_on_reservation_change() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public AS $$
DECLARE
    changes inventory_change[];
BEGIN
    SELECT array_agg(ROW(sku_id, warehouse_id, delta)::inventory_change ORDER BY sku_id, warehouse_id) INTO changes
    FROM (
        SELECT sku_id, warehouse_id, sum(delta) AS delta FROM (
            SELECT sku_id, warehouse_id, quantity::bigint AS delta FROM new_rows WHERE status IN ('held', 'committed')
            UNION ALL
            SELECT sku_id, warehouse_id, -quantity FROM old_rows WHERE status IN ('held', 'committed')) both_sides
        GROUP BY 1, 2 HAVING sum(delta) <> 0) sums;
    IF changes IS NOT NULL THEN PERFORM inventory_add('reserved', changes); END IF;
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
