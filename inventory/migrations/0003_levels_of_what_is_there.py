"""Places, bin levels and cost entries for the stock of an installation that is older than they are."""

from django.db import migrations

FORWARD = """
INSERT INTO inventory_place (kind, use, warehouse_id, code, pick_sequence, is_active)
SELECT k.kind, 'pick', w.id, k.code, 0, true FROM inventory_warehouse w,
    (VALUES ('in_transit', 'TRANSIT'), ('returns', 'RETURNS')) AS k(kind, code)
ON CONFLICT DO NOTHING;

INSERT INTO inventory_binlevel (sku_id, place_id, lot_id, on_hand)
SELECT sku_id, place_id, 0, sum(delta) FROM (
    SELECT sku_id, to_place_id AS place_id, quantity AS delta FROM inventory_stockmovement
    UNION ALL SELECT sku_id, from_place_id, -quantity FROM inventory_stockmovement) ends
JOIN inventory_place p ON p.id = place_id WHERE p.warehouse_id IS NOT NULL
GROUP BY 1, 2 HAVING sum(delta) <> 0;

-- What it cost was not recorded then: it came and went for nothing, and is reported as such.
INSERT INTO inventory_costentry (sku_id, movement_id, kind, quantity, value, document, at)
SELECT m.sku_id, m.id, CASE WHEN f.warehouse_id IS NULL THEN 'receipt' ELSE 'issue' END,
       CASE WHEN f.warehouse_id IS NULL THEN m.quantity ELSE -m.quantity END, 0, '', m.at
FROM inventory_stockmovement m JOIN inventory_place f ON f.id = m.from_place_id
JOIN inventory_place t ON t.id = m.to_place_id
WHERE (f.warehouse_id IS NULL) <> (t.warehouse_id IS NULL);

INSERT INTO inventory_skucost (sku_id, quantity, value)
SELECT sku_id, sum(quantity), 0 FROM inventory_costentry GROUP BY 1;
"""


class Migration(migrations.Migration):
    dependencies = [("inventory", "0002_places_purchasing_costs")]
    operations = [migrations.RunSQL(FORWARD, migrations.RunSQL.noop)]
