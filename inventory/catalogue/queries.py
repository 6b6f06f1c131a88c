"""Reads SKUs for other rooms and stages."""

from collections.abc import Sequence

from inventory.catalogue.models import Sku


def skus_named(ids: Sequence[int]) -> dict[int, str]:
    """SKU codes as events name them, by primary key."""
    return dict(Sku.objects.filter(pk__in=ids).values_list("pk", "code"))
