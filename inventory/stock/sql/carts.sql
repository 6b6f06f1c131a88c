-- Carts: what a hold is decided on, and giving back what holders have. Two round trips a hold, one a release.

-- Of these SKUs, bundles taken apart: [[bundle, part, units]], the units that can be promised by SKU and
-- warehouse net of safety stock, the preferred warehouse first, and the limits of a channel.
CREATE OR REPLACE FUNCTION inventory_cart_facts(skus bigint[], of_channel bigint, lock boolean) RETURNS json
LANGUAGE plpgsql SET plan_cache_mode = force_generic_plan SET enable_seqscan = off AS $$
DECLARE
    stocked bigint[];
BEGIN
    stocked := skus || ARRAY(SELECT b.part_id FROM inventory_bundlepart b WHERE b.bundle_id = ANY (skus));
    IF lock THEN
        PERFORM inventory_lock_skus(stocked);
    END IF;
    RETURN json_build_object(
        'parts', (SELECT coalesce(json_agg(json_build_array(b.bundle_id, b.part_id, b.quantity) ORDER BY b.part_id), '[]')
            FROM inventory_bundlepart b WHERE b.bundle_id = ANY (skus)),
        'free', (SELECT coalesce(json_agg(json_build_array(l.sku_id, l.warehouse_id, greatest(0, l.free - coalesce(k.safety, 0)))
                                          ORDER BY w.priority, w.id), '[]')
            FROM (SELECT sku_id, warehouse_id, sum(on_hand - reserved) AS free FROM inventory_stocklevel
                  WHERE sku_id = ANY (stocked) GROUP BY 1, 2) l
            JOIN inventory_warehouse w ON w.id = l.warehouse_id AND w.is_active
            LEFT JOIN inventory_stockpolicy k ON k.sku_id = l.sku_id AND k.warehouse_id = l.warehouse_id
            WHERE l.free > 0),
        'limits', (SELECT coalesce(json_agg(json_build_array(coalesce(a.sku_id, 0), a.kind, a.value)), '[]')
            FROM inventory_allotment a WHERE a.channel_id = of_channel AND a.is_active AND a.kind <> 'fixed'
              AND (a.sku_id IS NULL OR a.sku_id = ANY (stocked))));
END $$;

-- Lock the rows of levels that open reservations of these holders count in, in order.
CREATE OR REPLACE FUNCTION inventory_lock_parts_of(of_kind text, holders bigint[]) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public SET plan_cache_mode = force_generic_plan AS $$
BEGIN
    PERFORM 1 FROM inventory_stocklevel l
    JOIN (SELECT DISTINCT sku_id, warehouse_id, part FROM inventory_reservation
          WHERE holder_kind = of_kind AND holder_id = ANY (holders) AND status IN ('held', 'committed')) r
      USING (sku_id, warehouse_id, part)
    ORDER BY l.sku_id, l.warehouse_id, l.part FOR NO KEY UPDATE OF l;
END $$;

-- Give back everything of these holders that is still open; the units that can be promised again, by SKU.
CREATE OR REPLACE FUNCTION inventory_release(of_kind text, holders bigint[]) RETURNS json
LANGUAGE plpgsql SET plan_cache_mode = force_generic_plan AS $$
DECLARE
    answer json;
BEGIN
    PERFORM inventory_lock_parts_of(of_kind, holders);
    WITH open_ones AS MATERIALIZED (
        SELECT id, sku_id, quantity, status FROM inventory_reservation
        WHERE holder_kind = of_kind AND holder_id = ANY (holders) AND status IN ('held', 'committed', 'short')
        ORDER BY id FOR UPDATE
    ), released AS (
        UPDATE inventory_reservation r SET status = 'released' FROM open_ones o WHERE r.id = o.id
    )
    SELECT coalesce(json_object_agg(sku_id, units), '{}') INTO answer
    FROM (SELECT sku_id, sum(quantity) AS units FROM open_ones WHERE status <> 'short' GROUP BY 1) sums;
    RETURN answer;
END $$;
