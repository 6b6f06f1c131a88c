"""Stores connected shops, their control totals and channel notifications."""

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from erp.access.models import LASTING
from erp.sealed import SealedText
from orders.intake.messages.models import Connection


class ShopConnection(Connection):
    """Where a channel's orders can be asked for, and how far they were.

    cursor_at   everything that the channel changed before this has been asked for
    """

    channel = models.OneToOneField("erp.Channel", models.PROTECT, related_name="connection")
    url = models.CharField(_("address"), max_length=300)  # https://tea.myshopify.com
    key = models.CharField(max_length=200, default="", blank=True)  # WooCommerce: consumer key
    secret = SealedText()  # its secret; Shopify: access token
    cursor_at = models.DateTimeField()

    def __str__(self) -> str:
        return self.url


class ControlTotal(models.Model):
    """A channel's orders of one hour, as it counts them and as we do: the proof that none is missing.

    missing      how many we lacked when they were first compared; they are asked for at once
    settled_at   when both sides agreed
    """

    channel = models.ForeignKey("erp.Channel", models.PROTECT)
    hour = models.DateTimeField()  # of placing, as the channel says
    theirs = models.PositiveIntegerField()
    theirs_amount = models.DecimalField(max_digits=19, decimal_places=4)
    ours = models.PositiveIntegerField()
    ours_amount = models.DecimalField(max_digits=19, decimal_places=4)
    missing = models.PositiveIntegerField(default=0)
    checked_at = models.DateTimeField()
    settled_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["channel", "hour"], name="control_total_once")
        ]
        indexes = [
            models.Index(
                fields=["hour"], condition=Q(settled_at__isnull=True), name="control_total_open"
            )
        ]


class ChannelNews(models.Model):
    """A channel notification about an order, retried until the shop accepts it.

    said   what `orders/intake/shops/notification_client.py` tells: of a parcel, of a cancel
    """

    class Status(models.TextChoices):
        PENDING = "pending", _("To notify")
        DONE = "done", _("Sent")
        PARKED = "parked", _("Failed to notify")

    channel = models.ForeignKey("erp.Channel", models.PROTECT, **LASTING)
    order = models.ForeignKey("orders.Order", models.PROTECT, related_name="news")
    kind = models.CharField(_("what"), max_length=20)  # shipped, cancelled
    key = models.CharField(max_length=60)  # which parcel: it is told once
    said = models.JSONField(default=dict)
    status = models.CharField(_("state"), max_length=10, choices=Status, default=Status.PENDING)
    attempts = models.PositiveSmallIntegerField(default=0)  # that failed, or killed their worker
    is_leased = models.BooleanField(
        default=False, db_default=False
    )  # a worker has it until `due_at`
    due_at = models.DateTimeField()
    done_at = models.DateTimeField(null=True)
    error = models.CharField(max_length=500, default="")
    created_at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["order", "kind", "key"], name="channel_news_once")
        ]
        indexes = [
            models.Index(
                fields=["due_at", "id"], condition=Q(status="pending"), name="channel_news_due"
            ),
            models.Index(fields=["-id"], condition=Q(status="parked"), name="channel_news_parked"),
        ]
