"""Refunds of channels that had grown before growth was followed were taken for passed on: they are as far as recorded.

What they lack, the next message of the order passes on. Where nothing is left to give back, the invariant
`channel_refunds_are_recorded` goes on naming it: money may have gone twice, and a person looks.
"""

from django.db import migrations

from erp.money import DIGITS

LESS = "CASE {names} ELSE 0.005 END".format(
    names=" ".join(
        f"WHEN o.currency IN ({', '.join(repr(code) for code, n in DIGITS.items() if n == digits)})"
        f" THEN {0.5 / 10**digits}"
        for digits in sorted({*DIGITS.values()} - {2})
    )
)
AS_RECORDED = f"""
    WITH RECURSIVE told AS (
        SELECT c.id, o.id AS root, x.key, x.value::numeric AS stated, {LESS} AS half,
            CASE WHEN length(x.key) <= 56 THEN x.key ELSE left(x.key, 39) || '~'
                || left(encode(sha256(convert_to(x.key, 'UTF8')), 'hex'), 16) END AS kept
        FROM orders_channelorder c JOIN orders_order o ON o.id = c.order_id
        CROSS JOIN LATERAL jsonb_each_text(c.passed_on) x
        WHERE c.passed_on <> '{{}}' AND o.status <> 'merged' AND NOT o.is_history),
    parts AS (
        SELECT root, root AS id FROM told
        UNION SELECT p.root, m.target_id FROM orders_ordermove m JOIN parts p ON m.source_id = p.id
        WHERE m.kind = 'split'),
    known AS (
        SELECT t.root, t.key, sum(r.amount) AS amount
        FROM told t JOIN parts p ON p.root = t.root JOIN returns_refund r ON r.order_id = p.id
        WHERE r.status = 'completed' AND (r.channel_key = t.kept OR starts_with(r.channel_key, t.kept || '/'))
        GROUP BY 1, 2),
    lacking AS (
        SELECT t.id, t.root, t.key, k.amount AS recorded, t.stated - k.amount AS lack
        FROM told t JOIN known k ON k.root = t.root AND k.key = t.key WHERE t.stated - k.amount > t.half),
    room AS (
        SELECT p.root, sum(x.captured - x.refunded) AS amount
        FROM parts p JOIN orders_payment x ON x.order_id = p.id GROUP BY 1)
    UPDATE orders_channelorder c SET passed_on = c.passed_on || l.amounts
    FROM (SELECT id, root, jsonb_object_agg(key, recorded::text) AS amounts, sum(lack) AS lack
          FROM lacking GROUP BY 1, 2) l JOIN room r ON r.root = l.root
    WHERE c.id = l.id AND r.amount >= l.lack
"""


class Migration(migrations.Migration):
    dependencies = [
        ("returns", "0003_taken_off_by_channel"),
        ("orders", "0010_refunds_that_grow"),
    ]

    operations = [migrations.RunSQL(AS_RECORDED, migrations.RunSQL.noop)]
