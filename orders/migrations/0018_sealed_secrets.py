"""Seals the secrets of shops, mailboxes and providers, which were stored in clear."""

from typing import Any

from django.db import migrations

import erp.sealed

SECRETS = {
    "shopconnection": ("secret",),
    "mailconnection": ("password",),
    "paymentprovider": ("secret", "webhook_secret"),
    "riskprovider": ("secret",),
}


def seal_all(apps: Any, editor: Any) -> None:
    """Write each row's secrets again; as they are written they are sealed."""
    alias = editor.connection.alias  # another connection would wait for this one's locks for ever
    for name, fields in SECRETS.items():
        for row in apps.get_model("orders", name).objects.using(alias):
            row.save(using=alias, update_fields=fields)


def unseal_all(apps: Any, editor: Any) -> None:
    """Store them in clear again."""
    for name, fields in SECRETS.items():
        model = apps.get_model("orders", name)
        for row in model.objects.using(editor.connection.alias):
            for field in fields:
                editor.execute(
                    f'UPDATE "{model._meta.db_table}" SET "{field}" = %s WHERE id = %s',
                    [getattr(row, field), row.pk],
                )


class Migration(migrations.Migration):
    dependencies = [("orders", "0017_personal_data")]

    operations = [
        migrations.AlterField("shopconnection", "secret", erp.sealed.SealedText()),
        migrations.AlterField("mailconnection", "password", erp.sealed.SealedText()),
        migrations.AlterField(
            "paymentprovider",
            "secret",
            erp.sealed.SealedText(blank=True, default="", verbose_name="secret"),
        ),
        migrations.AlterField(
            "paymentprovider",
            "webhook_secret",
            erp.sealed.SealedText(blank=True, default="", verbose_name="webhook secret"),
        ),
        migrations.AlterField(
            "riskprovider",
            "secret",
            erp.sealed.SealedText(blank=True, default="", verbose_name="secret"),
        ),
        migrations.RunPython(seal_all, unseal_all),
    ]
