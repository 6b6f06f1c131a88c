-- Stock levels: kept by triggers on movements, reservations and lines under way; written by nothing else.
-- Every function here takes the rows it changes in (sku, warehouse, part) order, bins after levels,
-- so that two transactions wait for each other and never each for the other.

DO $$ BEGIN
    IF to_regtype('inventory_part_change') IS NULL THEN
        CREATE TYPE inventory_part_change AS (sku_id bigint, warehouse_id bigint, part int, delta bigint);
    END IF;
    IF to_regtype('inventory_bin_change') IS NULL THEN
        CREATE TYPE inventory_bin_change AS (sku_id bigint, place_id bigint, lot_id bigint, delta bigint);
    END IF;
END $$;

CREATE OR REPLACE FUNCTION inventory_lock_levels(pairs jsonb) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public SET plan_cache_mode = force_generic_plan AS $$
BEGIN
    PERFORM 1 FROM inventory_stocklevel l
    JOIN (SELECT DISTINCT sku_id, warehouse_id
          FROM jsonb_to_recordset(pairs) AS p(sku_id bigint, warehouse_id bigint)) p USING (sku_id, warehouse_id)
    ORDER BY l.sku_id, l.warehouse_id, l.part FOR NO KEY UPDATE OF l;
END $$;

-- Lock every warehouse's level of these SKUs: for deciding anew when a rival took the first choice.
CREATE OR REPLACE FUNCTION inventory_lock_skus(skus bigint[]) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public SET plan_cache_mode = force_generic_plan AS $$
BEGIN
    PERFORM 1 FROM inventory_stocklevel WHERE sku_id = ANY(skus)
    ORDER BY sku_id, warehouse_id, part FOR NO KEY UPDATE;
END $$;

-- Add to `reserved` of levels, one row at a time in (sku, warehouse, part) order.
-- A loop, because updating by a join takes the rows in whatever order the plan has.
CREATE OR REPLACE FUNCTION inventory_add_reserved(changes inventory_part_change[]) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public AS $$
DECLARE
    c inventory_part_change;
BEGIN
    FOREACH c IN ARRAY changes LOOP
        UPDATE inventory_stocklevel SET reserved = reserved + c.delta
        WHERE sku_id = c.sku_id AND warehouse_id = c.warehouse_id AND part = c.part;
        IF NOT FOUND THEN
            INSERT INTO inventory_stocklevel (sku_id, warehouse_id, part, on_hand, reserved, incoming)
            VALUES (c.sku_id, c.warehouse_id, c.part, 0, 0, 0) ON CONFLICT DO NOTHING;
            PERFORM inventory_add_reserved(ARRAY[c]);
        END IF;
    END LOOP;
END $$;
REVOKE EXECUTE ON FUNCTION inventory_add_reserved(inventory_part_change[]) FROM PUBLIC;

-- Add to `on_hand` of levels. What comes goes to part 0; what leaves is taken where it is free.
CREATE OR REPLACE FUNCTION inventory_add_on_hand(changes inventory_part_change[]) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public AS $$
DECLARE
    c inventory_part_change;
    level record;
    rest bigint;
BEGIN
    FOREACH c IN ARRAY changes LOOP
        UPDATE inventory_stocklevel SET on_hand = on_hand + c.delta
        WHERE sku_id = c.sku_id AND warehouse_id = c.warehouse_id AND part = 0
          AND (c.delta > 0 OR on_hand + c.delta >= reserved);
        CONTINUE WHEN FOUND;
        INSERT INTO inventory_stocklevel (sku_id, warehouse_id, part, on_hand, reserved, incoming)
        VALUES (c.sku_id, c.warehouse_id, 0, 0, 0, 0) ON CONFLICT DO NOTHING;
        rest := c.delta;
        IF rest < 0 THEN
            FOR level IN SELECT part, on_hand - reserved AS free FROM inventory_stocklevel
                WHERE sku_id = c.sku_id AND warehouse_id = c.warehouse_id ORDER BY part FOR NO KEY UPDATE
            LOOP
                CONTINUE WHEN level.free <= 0;
                EXIT WHEN rest = 0;
                UPDATE inventory_stocklevel SET on_hand = on_hand - least(level.free, -rest)
                WHERE sku_id = c.sku_id AND warehouse_id = c.warehouse_id AND part = level.part;
                rest := rest + least(level.free, -rest);
            END LOOP;
        END IF;
        IF rest <> 0 THEN  -- more than is free: the CHECK refuses it
            UPDATE inventory_stocklevel SET on_hand = on_hand + rest
            WHERE sku_id = c.sku_id AND warehouse_id = c.warehouse_id AND part = 0;
        END IF;
    END LOOP;
END $$;
REVOKE EXECUTE ON FUNCTION inventory_add_on_hand(inventory_part_change[]) FROM PUBLIC;

CREATE OR REPLACE FUNCTION inventory_add_to_bins(changes inventory_bin_change[]) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public AS $$
DECLARE
    c inventory_bin_change;
BEGIN
    FOREACH c IN ARRAY changes LOOP
        UPDATE inventory_binlevel SET on_hand = on_hand + c.delta
        WHERE sku_id = c.sku_id AND place_id = c.place_id AND lot_id = c.lot_id;
        IF NOT FOUND THEN
            INSERT INTO inventory_binlevel (sku_id, place_id, lot_id, on_hand)
            VALUES (c.sku_id, c.place_id, c.lot_id, 0) ON CONFLICT DO NOTHING;
            PERFORM inventory_add_to_bins(ARRAY[c]);
        END IF;
    END LOOP;
END $$;
REVOKE EXECUTE ON FUNCTION inventory_add_to_bins(inventory_bin_change[]) FROM PUBLIC;

CREATE OR REPLACE FUNCTION inventory_on_movements() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public AS $$
DECLARE
    changes inventory_part_change[];
    bins inventory_bin_change[];
    frozen text;
    crosses boolean;
BEGIN
    SELECT string_agg(DISTINCT p.code, ', ') INTO frozen FROM new_rows m
    JOIN inventory_place p ON p.id IN (m.from_place_id, m.to_place_id)
    WHERE p.frozen_by_id IS NOT NULL AND NOT (m.cause_type = 'count' AND m.cause_id = p.frozen_by_id::text);
    IF frozen IS NOT NULL THEN
        RAISE EXCEPTION 'frozen for a count: %', frozen
            USING ERRCODE = 'check_violation', CONSTRAINT = 'place_not_frozen', HINT = frozen;
    END IF;
    SELECT array_agg(ROW(sku_id, warehouse_id, 0, delta)::inventory_part_change ORDER BY sku_id, warehouse_id) INTO changes
    FROM (
        SELECT sku_id, warehouse_id, sum(delta) AS delta FROM (
            SELECT m.sku_id, p.warehouse_id, -m.quantity::bigint AS delta
            FROM new_rows m JOIN inventory_place p ON p.id = m.from_place_id WHERE p.kind = 'bin'
            UNION ALL
            SELECT m.sku_id, p.warehouse_id, m.quantity
            FROM new_rows m JOIN inventory_place p ON p.id = m.to_place_id WHERE p.kind = 'bin') ends
        GROUP BY 1, 2 HAVING sum(delta) <> 0) sums;
    IF changes IS NOT NULL THEN PERFORM inventory_add_on_hand(changes); END IF;
    SELECT array_agg(ROW(sku_id, place_id, lot_id, delta)::inventory_bin_change ORDER BY sku_id, place_id, lot_id) INTO bins
    FROM (
        SELECT sku_id, place_id, lot_id, sum(delta) AS delta FROM (
            SELECT m.sku_id, p.id AS place_id, coalesce(m.lot_id, 0) AS lot_id, -m.quantity::bigint AS delta
            FROM new_rows m JOIN inventory_place p ON p.id = m.from_place_id WHERE p.warehouse_id IS NOT NULL
            UNION ALL
            SELECT m.sku_id, p.id, coalesce(m.lot_id, 0), m.quantity
            FROM new_rows m JOIN inventory_place p ON p.id = m.to_place_id WHERE p.warehouse_id IS NOT NULL) ends
        GROUP BY 1, 2, 3 HAVING sum(delta) <> 0) sums;
    IF bins IS NOT NULL THEN PERFORM inventory_add_to_bins(bins); END IF;
    SELECT EXISTS (SELECT FROM new_rows m JOIN inventory_place f ON f.id = m.from_place_id
        JOIN inventory_place t ON t.id = m.to_place_id
        WHERE (f.warehouse_id IS NULL) <> (t.warehouse_id IS NULL)) INTO crosses;
    IF crosses THEN
        PERFORM inventory_value(ARRAY(SELECT id FROM new_rows));
    END IF;
    RETURN NULL;
END $$;

SELECT erp_put_trigger('inventory_stockmovement', 'levels_follow_movements', 'AFTER INSERT',
    'REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION inventory_on_movements()');

CREATE OR REPLACE FUNCTION inventory_on_reserved() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public AS $$
DECLARE
    changes inventory_part_change[];
BEGIN
    SELECT array_agg(ROW(sku_id, warehouse_id, part, delta)::inventory_part_change ORDER BY sku_id, warehouse_id, part) INTO changes
    FROM (SELECT sku_id, warehouse_id, part, sum(quantity) AS delta FROM new_rows
          WHERE status IN ('held', 'committed') GROUP BY 1, 2, 3) sums;
    IF changes IS NOT NULL THEN PERFORM inventory_add_reserved(changes); END IF;
    RETURN NULL;
END $$;

CREATE OR REPLACE FUNCTION inventory_on_reservation_change() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public AS $$
DECLARE
    changes inventory_part_change[];
BEGIN
    SELECT array_agg(ROW(sku_id, warehouse_id, part, delta)::inventory_part_change ORDER BY sku_id, warehouse_id, part) INTO changes
    FROM (
        SELECT sku_id, warehouse_id, part, sum(delta) AS delta FROM (
            SELECT sku_id, warehouse_id, part, quantity::bigint AS delta FROM new_rows WHERE status IN ('held', 'committed')
            UNION ALL
            SELECT sku_id, warehouse_id, part, -quantity FROM old_rows WHERE status IN ('held', 'committed')) both_sides
        GROUP BY 1, 2, 3 HAVING sum(delta) <> 0) sums;
    IF changes IS NOT NULL THEN PERFORM inventory_add_reserved(changes); END IF;
    RETURN NULL;
END $$;

SELECT erp_put_trigger('inventory_reservation', 'levels_follow_new_reservations', 'AFTER INSERT',
    'REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION inventory_on_reserved()');
SELECT erp_put_trigger('inventory_reservation', 'levels_follow_reservations', 'AFTER UPDATE',
    'REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION inventory_on_reservation_change()');

-- A reservation is never deleted: it ends in a status.
CREATE OR REPLACE FUNCTION inventory_refuse_delete() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% rows are never deleted', TG_TABLE_NAME USING ERRCODE = 'restrict_violation';
END $$;
SELECT erp_put_trigger('inventory_reservation', 'reservations_stay', 'BEFORE DELETE',
    'FOR EACH STATEMENT EXECUTE FUNCTION inventory_refuse_delete()');

-- What is on its way: open purchase and transfer lines add to `incoming`.
CREATE OR REPLACE FUNCTION inventory_add_incoming(changes inventory_part_change[]) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public AS $$
DECLARE
    c inventory_part_change;
BEGIN
    FOREACH c IN ARRAY changes LOOP
        UPDATE inventory_stocklevel SET incoming = incoming + c.delta
        WHERE sku_id = c.sku_id AND warehouse_id = c.warehouse_id AND part = 0;
        IF NOT FOUND THEN
            INSERT INTO inventory_stocklevel (sku_id, warehouse_id, part, on_hand, reserved, incoming)
            VALUES (c.sku_id, c.warehouse_id, 0, 0, 0, 0) ON CONFLICT DO NOTHING;
            PERFORM inventory_add_incoming(ARRAY[c]);
        END IF;
    END LOOP;
END $$;
REVOKE EXECUTE ON FUNCTION inventory_add_incoming(inventory_part_change[]) FROM PUBLIC;

CREATE OR REPLACE FUNCTION inventory_on_incoming() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public AS $$
DECLARE
    changes inventory_part_change[];
BEGIN
    IF TG_OP = 'INSERT' THEN
        SELECT array_agg(ROW(sku_id, warehouse_id, 0, n)::inventory_part_change ORDER BY sku_id, warehouse_id) INTO changes
        FROM (SELECT sku_id, warehouse_id, sum(quantity_incoming) AS n FROM new_rows GROUP BY 1, 2) s WHERE n <> 0;
    ELSIF TG_OP = 'DELETE' THEN
        SELECT array_agg(ROW(sku_id, warehouse_id, 0, -n)::inventory_part_change ORDER BY sku_id, warehouse_id) INTO changes
        FROM (SELECT sku_id, warehouse_id, sum(quantity_incoming) AS n FROM old_rows GROUP BY 1, 2) s WHERE n <> 0;
    ELSE
        SELECT array_agg(ROW(sku_id, warehouse_id, 0, n)::inventory_part_change ORDER BY sku_id, warehouse_id) INTO changes
        FROM (SELECT sku_id, warehouse_id, sum(n) AS n FROM (
                SELECT sku_id, warehouse_id, quantity_incoming AS n FROM new_rows
                UNION ALL SELECT sku_id, warehouse_id, -quantity_incoming FROM old_rows) ends GROUP BY 1, 2) s WHERE n <> 0;
    END IF;
    IF changes IS NOT NULL THEN PERFORM inventory_add_incoming(changes); END IF;
    RETURN NULL;
END $$;

CREATE OR REPLACE FUNCTION inventory_keep_incoming(target regclass) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    PERFORM erp_put_trigger(target, 'incoming_insert', 'AFTER INSERT',
        'REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION inventory_on_incoming()');
    PERFORM erp_put_trigger(target, 'incoming_update', 'AFTER UPDATE',
        'REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION inventory_on_incoming()');
    PERFORM erp_put_trigger(target, 'incoming_delete', 'AFTER DELETE',
        'REFERENCING OLD TABLE AS old_rows FOR EACH STATEMENT EXECUTE FUNCTION inventory_on_incoming()');
END $$;
SELECT inventory_keep_incoming(t::regclass) FROM unnest(ARRAY['inventory_purchaseline', 'inventory_transferline']) t;

-- The first shape of these functions, of before levels had parts.
DROP FUNCTION IF EXISTS inventory_add(text, inventory_change[]);
DROP TYPE IF EXISTS inventory_change;
