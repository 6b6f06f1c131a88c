"""Shards a stock level for flash sales, so that one row is not the bottleneck."""

from datetime import datetime

from django.db import connection, transaction
from django.utils.translation import gettext as _

from erp.access.models import Actor
from erp.access.queries import require
from erp.errors import Invalid

MOST_PARTS = 64


@transaction.atomic(savepoint=False)
def split_level(*, sku_id: int, warehouse_id: int, parts: int, by: Actor, now: datetime) -> int:
    """Spread a SKU's level over `parts` rows while it is being sold, or join them again (1).

    What is on hand and what is promised stay the same; only how many can be sold at once changes.
    Raises Invalid unless 1 to 64.
    """
    require(by, "inventory.allot")
    if not 1 <= parts <= MOST_PARTS:
        raise Invalid(_("Between 1 and 64 parts."))
    with connection.cursor() as cursor:
        cursor.execute("SELECT inventory_split_level(%s, %s, %s)", [sku_id, warehouse_id, parts])
    return parts
