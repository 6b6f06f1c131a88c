"""Seals what second factors are checked with, which was stored in clear."""

from collections.abc import Callable
from typing import Any

from django.db import migrations

from erp.sealed import seal, unseal

SECRETS = ("secret", "seed")  # of one-time codes, of recovery codes


def _write_again(apps: Any, editor: Any, written: Callable[[str], str]) -> None:
    alias = editor.connection.alias  # another connection would wait for this one's locks for ever
    for row in apps.get_model("mfa", "Authenticator").objects.using(alias).select_for_update():
        kept = {name: written(row.data[name]) for name in SECRETS if name in row.data}
        if kept:
            row.data |= kept
            row.save(using=alias, update_fields=["data"])


def seal_all(apps: Any, editor: Any) -> None:
    """Seal each; one that is sealed already is sealed anew."""
    _write_again(apps, editor, lambda stored: seal(unseal(stored)))


def unseal_all(apps: Any, editor: Any) -> None:
    """Store them in clear again; what no key opens stays as it is."""
    _write_again(apps, editor, lambda stored: unseal(stored) or stored)


class Migration(migrations.Migration):
    dependencies = [
        ("erp", "0012_fair_queues"),
        ("mfa", "0003_authenticator_type_uniq"),
    ]

    operations = [migrations.RunPython(seal_all, unseal_all)]
