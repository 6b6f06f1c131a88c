"""Identities that are proven, and orders that say how they are.

What is known of the rows that were there:

- An order that was placed before keeps what its customer's terms gave it, when its lines change too: "before".
  The new column is added with that as its default, and the default is taken away after: no row is rewritten.
- An identity counts as not proven: whether its owner or a stranger stated it, nobody wrote down.
- But where a person had granted a customer terms, the shop's own ids of that customer go on getting them: "before".
  Their e-mail addresses and phones do not: anybody can state those, and an order that did was how terms were taken.
- A customer without a credit limit could owe anything. Where a person had agreed something (a limit, a group, another
  payment term) that stays so; of everybody else nothing was agreed.
"""

import django.db.models.deletion
from django.db import migrations, models
from django.db.models import Q

PROOFS = [
    ("shop", "The shop's own customer id"),
    ("person", "A member of staff"),
    ("link", "A signed link in a message"),
    ("import", "The merchant's own file"),
    ("before", "Known before identities were proven"),
]

KNOWN = """
UPDATE orders_customer SET has_account = true
WHERE credit_limit IS NULL AND (group_id IS NOT NULL OR payment_days <> 30);
UPDATE orders_customeridentity i SET proven_at = now(), proven_by = 'before'
FROM orders_customer c
WHERE c.id = i.customer_id AND i.kind = 'external' AND (
    c.group_id IS NOT NULL OR c.credit_limit IS NOT NULL OR c.payment_days <> 30
    OR EXISTS (SELECT 1 FROM orders_taxexemption x WHERE x.customer_id = c.id));
"""


class Migration(migrations.Migration):
    dependencies = [("orders", "0014_parked_work")]

    operations = [
        migrations.AddField(
            "customer",
            "has_account",
            models.BooleanField("buys on account without a limit", db_default=False, default=False),
        ),
        migrations.AddField(
            "customeridentity", "proven_at", models.DateTimeField("verified", null=True)
        ),
        migrations.AddField(
            "customeridentity",
            "proven_by",
            models.CharField(choices=PROOFS, db_default="", default="", max_length=10),
        ),
        migrations.AddField(
            "order",
            "customer_proof",
            models.CharField(
                "Customer verified by",
                choices=PROOFS,
                db_default="before",
                default="",
                max_length=10,
            ),
        ),
        migrations.AlterField(
            "order",
            "customer_proof",
            models.CharField(
                "Customer verified by",
                choices=PROOFS,
                db_default="",
                default="",
                max_length=10,
            ),
        ),
        migrations.AddConstraint(
            "customeridentity",
            models.CheckConstraint(
                condition=Q(proven_by__in=["", *(code for code, _name in PROOFS)])
                & (
                    Q(proven_at=None, proven_by="")
                    | (Q(proven_at__isnull=False) & ~Q(proven_by=""))
                ),
                name="customer_identity_proven_somehow",
            ),
        ),
        migrations.CreateModel(
            "IdentityProof",
            [
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("how", models.CharField(choices=PROOFS, max_length=10)),
                (
                    "why",
                    models.CharField(blank=True, default="", max_length=200, verbose_name="reason"),
                ),
                ("order_id", models.BigIntegerField(null=True)),
                ("at", models.DateTimeField()),
                ("undone_at", models.DateTimeField(null=True)),
                (
                    "by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="erp.actor",
                    ),
                ),
                (
                    "identity",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="proofs",
                        to="orders.customeridentity",
                    ),
                ),
                (
                    "undone_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="erp.actor",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        condition=Q(undone_at=None),
                        fields=("identity",),
                        name="identity_proven_once",
                    )
                ]
            },
        ),
        migrations.RunSQL(KNOWN, migrations.RunSQL.noop, elidable=False),
    ]
