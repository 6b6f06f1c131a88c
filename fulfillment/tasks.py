"""Gathers fulfillment's tasks for Celery; each is defined in its room."""

from fulfillment.tracking.tasks import (
    learn_transit,
)

__all__ = ["learn_transit"]
