-- Levels in parts: a SKU sold faster than one row can be updated is spread over several rows.

-- Spread what is free of a level over `parts` rows, or join them again (1). Totals stay as they are.
CREATE OR REPLACE FUNCTION inventory_split_level(of_sku bigint, of_warehouse bigint, parts int) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public AS $$
DECLARE
    level record;
    free bigint;
    share bigint;
BEGIN
    IF parts NOT BETWEEN 1 AND 64 THEN
        RAISE EXCEPTION 'between 1 and 64 parts' USING ERRCODE = 'invalid_parameter_value';
    END IF;
    INSERT INTO inventory_stocklevel (sku_id, warehouse_id, part, on_hand, reserved, incoming)
    VALUES (of_sku, of_warehouse, 0, 0, 0, 0) ON CONFLICT DO NOTHING;
    PERFORM 1 FROM inventory_stocklevel WHERE sku_id = of_sku AND warehouse_id = of_warehouse
    ORDER BY part FOR NO KEY UPDATE;
    -- Parts that go: their reservations move to part 0 with the units that cover them.
    FOR level IN SELECT part, on_hand, reserved FROM inventory_stocklevel
        WHERE sku_id = of_sku AND warehouse_id = of_warehouse AND part >= parts ORDER BY part
    LOOP
        UPDATE inventory_stocklevel SET on_hand = on_hand + level.on_hand
        WHERE sku_id = of_sku AND warehouse_id = of_warehouse AND part = 0;
        UPDATE inventory_reservation SET part = 0 WHERE sku_id = of_sku AND warehouse_id = of_warehouse
          AND part = level.part AND status IN ('held', 'committed');
        DELETE FROM inventory_stocklevel WHERE sku_id = of_sku AND warehouse_id = of_warehouse AND part = level.part;
    END LOOP;
    INSERT INTO inventory_stocklevel (sku_id, warehouse_id, part, on_hand, reserved, incoming)
    SELECT of_sku, of_warehouse, n, 0, 0, 0 FROM generate_series(0, parts - 1) n ON CONFLICT DO NOTHING;
    SELECT sum(on_hand - reserved) INTO free FROM inventory_stocklevel
    WHERE sku_id = of_sku AND warehouse_id = of_warehouse;
    share := free / parts;
    UPDATE inventory_stocklevel SET on_hand = reserved + share + CASE WHEN part = 0 THEN free - share * parts ELSE 0 END
    WHERE sku_id = of_sku AND warehouse_id = of_warehouse;
END $$;

-- Reserve units of one SKU in one warehouse whose level is in parts: from a part with enough that
-- nobody is at, else from several in order. Raises the level's own CHECK when they have too few.
CREATE OR REPLACE FUNCTION inventory_choose_parts(of_sku bigint, of_warehouse bigint, wanted bigint)
RETURNS TABLE (chosen int, units bigint) LANGUAGE plpgsql SECURITY DEFINER SET search_path = public AS $$
DECLARE
    level record;
    rest bigint := wanted;
BEGIN
    SELECT l.part INTO level FROM inventory_stocklevel l
    WHERE l.sku_id = of_sku AND l.warehouse_id = of_warehouse AND l.on_hand - l.reserved >= wanted
    ORDER BY (l.part + pg_backend_pid()) % 64 LIMIT 1 FOR NO KEY UPDATE SKIP LOCKED;
    IF FOUND THEN
        RETURN QUERY SELECT level.part::int, wanted;
        RETURN;
    END IF;
    FOR level IN SELECT l.part, l.on_hand - l.reserved AS free FROM inventory_stocklevel l
        WHERE l.sku_id = of_sku AND l.warehouse_id = of_warehouse ORDER BY l.part FOR NO KEY UPDATE
    LOOP
        EXIT WHEN rest = 0;
        CONTINUE WHEN level.free <= 0;
        RETURN QUERY SELECT level.part::int, least(level.free::bigint, rest);
        rest := rest - least(level.free::bigint, rest);
    END LOOP;
    IF rest > 0 THEN
        RAISE EXCEPTION 'not enough free in any part' USING ERRCODE = 'check_violation',
            CONSTRAINT = 'stock_level_reserved_within_on_hand';
    END IF;
END $$;

-- Insert reservations of one holder kind whose levels may be in parts, in (sku, warehouse) order;
-- the lines of one SKU and warehouse are summed first, so that no part is locked twice.
CREATE OR REPLACE FUNCTION inventory_reserve_in_parts(rows jsonb, of_kind text, of_status text, until timestamptz)
RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    wanted record;
    holder record;
    p record;
    rest bigint;
    taken bigint;
    parts int[];
    room bigint[];
    i int;
BEGIN
    FOR wanted IN SELECT r.sku_id, r.warehouse_id, sum(r.quantity) AS units
        FROM jsonb_to_recordset(rows) AS r(sku_id bigint, warehouse_id bigint, quantity bigint)
        GROUP BY 1, 2 ORDER BY 1, 2
    LOOP
        parts := '{}'; room := '{}';
        FOR p IN SELECT * FROM inventory_choose_parts(wanted.sku_id, wanted.warehouse_id, wanted.units::bigint) LOOP
            parts := parts || p.chosen; room := room || p.units;
        END LOOP;
        i := 1;
        FOR holder IN SELECT r.holder_id, r.quantity
            FROM jsonb_to_recordset(rows) AS r(holder_id bigint, sku_id bigint, warehouse_id bigint, quantity bigint)
            WHERE r.sku_id = wanted.sku_id AND r.warehouse_id = wanted.warehouse_id
        LOOP
            rest := holder.quantity;
            WHILE rest > 0 LOOP
                IF room[i] = 0 THEN i := i + 1; CONTINUE; END IF;
                taken := least(rest, room[i]);
                INSERT INTO inventory_reservation (holder_kind, holder_id, sku_id, warehouse_id, part, quantity, status, expires_at)
                VALUES (of_kind, holder.holder_id, wanted.sku_id, wanted.warehouse_id, parts[i], taken, of_status, until);
                room[i] := room[i] - taken;
                rest := rest - taken;
            END LOOP;
        END LOOP;
    END LOOP;
END $$;

-- Take units from what is set aside for a channel, before its own orders reserve them anew.
-- The levels are locked by the caller. Raises the level's own CHECK when a rival was faster.
CREATE OR REPLACE FUNCTION inventory_draw_allotment(of_channel bigint, draws jsonb) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
    d record;
    r record;
    rest bigint;
BEGIN
    FOR d IN SELECT x.sku_id, x.warehouse_id, sum(x.quantity) AS units
        FROM jsonb_to_recordset(draws) AS x(sku_id bigint, warehouse_id bigint, quantity bigint)
        GROUP BY 1, 2 ORDER BY 1, 2
    LOOP
        rest := d.units;
        FOR r IN SELECT v.id, v.quantity FROM inventory_reservation v
            JOIN inventory_allotment a ON a.id = v.holder_id
            WHERE v.holder_kind = 'allotment' AND v.status = 'held' AND a.channel_id = of_channel
              AND v.sku_id = d.sku_id AND v.warehouse_id = d.warehouse_id ORDER BY v.id FOR NO KEY UPDATE OF v
        LOOP
            EXIT WHEN rest = 0;
            IF r.quantity <= rest THEN
                UPDATE inventory_reservation SET status = 'consumed' WHERE id = r.id;
                rest := rest - r.quantity;
            ELSE
                UPDATE inventory_reservation SET quantity = quantity - rest WHERE id = r.id;
                rest := 0;
            END IF;
        END LOOP;
        IF rest > 0 THEN
            RAISE EXCEPTION 'a rival drew on the same allotment' USING ERRCODE = 'check_violation',
                CONSTRAINT = 'stock_level_reserved_within_on_hand';
        END IF;
    END LOOP;
END $$;
