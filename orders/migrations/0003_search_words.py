"""What orders and customers are found by, for those that were there before the search."""

import json

from django.db import migrations

from erp.search import normal, phone_words, words

CHUNK = 5000
ORDERS = """
    SELECT o.id, o.number, o.external_id, o.placed_at, c.name,
        coalesce((SELECT json_agg(json_build_array(a.name, a.email, a.phone)) FROM orders_orderaddress a
                  WHERE a.order_id = o.id AND a.kind = 'shipping'), '[]'),
        coalesce((SELECT json_agg(DISTINCT l.sku_code) FROM orders_orderline l WHERE l.order_id = o.id), '[]')
    FROM orders_order o JOIN orders_customer c ON c.id = o.customer_id
    WHERE o.id > %s ORDER BY o.id LIMIT %s
"""
CUSTOMERS = """
    SELECT c.id, c.name, coalesce((SELECT json_agg(json_build_array(i.kind, i.value))
                                   FROM orders_customeridentity i WHERE i.customer_id = c.id), '[]')
    FROM orders_customer c WHERE c.id > %s ORDER BY c.id LIMIT %s
"""


def make_findable(apps, schema_editor):
    with schema_editor.connection.cursor() as cursor:
        last = 0
        while True:
            cursor.execute(ORDERS, [last, CHUNK])
            if not (rows := cursor.fetchall()):
                break
            last = rows[-1][0]
            found = []
            for pk, number, external, at, name, addresses, skus in rows:
                known = words(number, external, name, *[a[0] for a in addresses], *skus)
                for _name, email, phone in addresses:
                    known += [*words(email.partition("@")[0]), normal(email)[:100], *phone_words(phone)]
                known = [word for word in known if word]
                found.append({"order_id": pk, "placed_at": at.isoformat(), "words": known})
            cursor.execute(
                "INSERT INTO orders_ordersearch (order_id, placed_at, words)"
                " SELECT order_id, placed_at, array_to_tsvector(words) FROM jsonb_to_recordset(%s::jsonb)"
                " AS s(order_id bigint, placed_at timestamptz, words text[])",
                [json.dumps(found)],
            )
        last = 0
        while True:
            cursor.execute(CUSTOMERS, [last, CHUNK])
            if not (rows := cursor.fetchall()):
                break
            last = rows[-1][0]
            found = []
            for pk, name, identities in rows:
                known = words(name)
                for kind, value in identities:
                    known += phone_words(value) if kind == "phone" else words(value)
                found.append({"id": pk, "words": known})
            cursor.execute(
                "UPDATE orders_customer c SET words = array_to_tsvector(s.words)"
                " FROM jsonb_to_recordset(%s::jsonb) AS s(id bigint, words text[]) WHERE s.id = c.id",
                [json.dumps(found)],
            )


class Migration(migrations.Migration):
    dependencies = [("orders", "0002_search")]
    operations = [migrations.RunPython(make_findable, migrations.RunPython.noop)]
