"""Stores carriers' tracking events."""

from django.db import models
from django.db.models.functions import Now

from fulfillment.planning.models import Parcel
from fulfillment.tracking.states import TrackingState


class TrackingEvent(models.Model):
    """One thing a carrier said about a parcel. Append-only; late and unordered ones are fine."""

    parcel = models.ForeignKey(Parcel, models.PROTECT, related_name="tracking", db_index=False)
    external_id = models.CharField(max_length=120)
    state = models.CharField(max_length=18, choices=TrackingState)
    code = models.CharField(max_length=120, default="", db_default="")  # the carrier's own word
    leg = models.CharField(max_length=4, default="", db_default="")  # out or back, where it says so
    place = models.CharField(max_length=200, default="")
    description = models.CharField(max_length=2000, default="")  # the carrier's text, as it came
    at = models.DateTimeField()
    recorded_at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["parcel", "external_id"], name="tracking_event_once")
        ]
