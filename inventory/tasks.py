"""Gathers inventory's tasks for Celery; each is defined in its room."""

from inventory.channels.tasks import (
    publish_stock,
)
from inventory.desk.tasks import (
    block_expired,
    nightly,
)
from inventory.stock.tasks import (
    expire_reservations,
)

__all__ = ["block_expired", "expire_reservations", "nightly", "publish_stock"]
