"""Stores the times in which nothing goes out."""

from django.db import models


class EffectsPause(models.Model):
    """A time in which this installation sends nothing and asks nobody; it lasts while `resumed_at` is empty.

    restored_of       when the backup was made that this installation is restored from; empty: paused by hand
    erased_again_at   when everybody was erased again whom that backup still knew; a restored copy waits for it
    """

    at = models.DateTimeField()
    restored_of = models.DateTimeField(null=True)
    erased_again_at = models.DateTimeField(null=True)
    resumed_at = models.DateTimeField(null=True)
    resumed_by_id = models.BigIntegerField(null=True)  # an actor
