"""Every task of fulfillment, gathered for Celery; each lives in its room."""

from fulfillment.tracking.tasks import (
    learn_transit,
)

__all__ = ["learn_transit"]
