"""Adds unknown SKUs that imported history names."""

from collections.abc import Mapping, Sequence

from django.db import transaction

from erp.access.models import Actor
from erp.access.queries import require
from erp.visible import is_blank
from inventory.catalogue.models import Sku


@transaction.atomic(savepoint=False)
def ensure_skus(*, rows: Sequence[Mapping[str, object]], by: Actor) -> dict[str, int]:
    """Add those SKUs that do not exist yet, by code; return every code's id.

    rows   {"code", "name", "is_service"?}; an existing SKU is left as it is, one without a name goes by its code
    """
    require(by, "imports.run")
    named = [{**row, "name": _name_of(row)} for row in rows]
    Sku.objects.bulk_create((Sku(**row) for row in named), ignore_conflicts=True)
    codes = [str(row["code"]) for row in rows]
    return dict(Sku.objects.filter(code__in=codes).values_list("code", "pk"))


def _name_of(row: Mapping[str, object]) -> str:
    name = str(row.get("name") or "")
    return str(row["code"]) if is_blank(name) else name
