"""What channels send, as it came; what they say of their orders; how they call our SKUs."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from erp.access.models import LASTING


class IncomingMessage(models.Model):
    """One foreign message as it was received. Kept, committed, before it is acknowledged.

    delivery     what makes it this delivery and no other: the sender's id, or a hash of what it says
    origin       the shop it says it is from; recorded, never a reason to refuse
    external_id  the channel's id of the order it is about, once it was read
    cause        why it is held or failed: a code with `params`, in words by `orders.explaining`
    Holds personal data: the body may be erased.
    """

    class Status(models.TextChoices):
        RECEIVED = "received", _("Unread")
        PROCESSED = "processed", _("Processed")
        HELD = "held", _("Held back")  # no order can be made of it yet
        FAILED = "failed", _("Failed")  # tried five times; a person must look

    channel = models.ForeignKey("erp.Channel", models.PROTECT, **LASTING)
    source = models.CharField(_("source"), max_length=20)  # shopify, woocommerce
    topic = models.CharField(_("topic"), max_length=80)
    delivery = models.CharField(max_length=200)
    origin = models.CharField(_("origin"), max_length=200, default="")
    body = models.BinaryField()
    received_at = models.DateTimeField(db_default=Now())
    status = models.CharField(_("state"), max_length=10, choices=Status, db_default=Status.RECEIVED)
    cause = models.CharField(max_length=60, db_default="")
    params = models.JSONField(db_default={})
    attempts = models.PositiveSmallIntegerField(db_default=0)
    due_at = models.DateTimeField(db_default=Now())
    processed_at = models.DateTimeField(null=True)
    external_id = models.CharField(max_length=100, db_default="")
    order = models.ForeignKey("orders.Order", models.SET_NULL, null=True, related_name="messages")
    also = models.ManyToManyField("orders.Order", related_name="+")  # where it holds several

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["channel", "source", "delivery"], name="message_received_once"
            ),
            models.CheckConstraint(
                condition=Q(status__in=["received", "processed", "held", "failed"]),
                name="message_status_known",
            ),
        ]
        indexes = [
            models.Index(
                fields=["due_at", "id"], condition=Q(status="received"), name="message_to_read"
            ),
            models.Index(
                fields=["-id"],
                condition=Q(status__in=["held", "failed"]),
                name="message_to_look_at",
            ),
            models.Index(fields=["channel", "-id"], name="message_of_channel"),
            models.Index(
                fields=["channel", "external_id"],
                condition=~Q(external_id=""),
                name="message_about",
            ),
        ]


class ChannelOrder(models.Model):
    """An order as its channel tells it: the sum of all that was said, whatever order it came in.

    said         the newest whole of it, as `ForeignOrder` in JSON; null before any message held one
    said_at      when the channel says that was so; `progress` and `said_hash` break a tie
    captures     money the channel captured, by its ids of transactions; `paid` what its order says
    refunds      what it gave back: {id: {"amount": "1.00", "units": {line: n}}}
    passed_on    ids of refunds that returns was told of
    flagged      what was already raised for a person to decide
    Holds personal data: `said` may be erased.
    """

    channel = models.ForeignKey("erp.Channel", models.PROTECT)
    external_id = models.CharField(max_length=100)
    aliases = ArrayField(models.CharField(max_length=100), default=list)
    number = models.CharField(max_length=60, default="")
    order = models.OneToOneField(
        "orders.Order", models.PROTECT, null=True, related_name="channel_order"
    )
    said = models.JSONField(null=True)
    said_at = models.DateTimeField(null=True)
    said_hash = models.CharField(max_length=64, default="")
    progress = models.PositiveSmallIntegerField(default=0)
    paid = models.DecimalField(max_digits=19, decimal_places=4, default=0)
    captures = models.JSONField(default=dict)
    refunds = models.JSONField(default=dict)
    passed_on = ArrayField(models.CharField(max_length=60), default=list)
    cancelled = models.CharField(max_length=60, null=True)
    shipped = models.BooleanField(default=False)
    deleted = models.BooleanField(default=False)
    edited = models.BooleanField(default=False)
    flagged = ArrayField(models.CharField(max_length=40), default=list)
    first_heard_at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["channel", "external_id"], name="channel_order_once")
        ]


class SkuMapping(models.Model):
    """That a channel's code, or its id of a listing, means one of our SKUs."""

    channel = models.ForeignKey("erp.Channel", models.PROTECT)
    code = models.CharField(_("the channel's code"), max_length=100)
    sku = models.ForeignKey("inventory.Sku", models.PROTECT, related_name="mappings")
    created_at = models.DateTimeField(db_default=Now())

    class Meta:
        verbose_name = _("SKU mapping")
        verbose_name_plural = _("SKU mappings")
        constraints = [models.UniqueConstraint(fields=["channel", "code"], name="sku_mapping_once")]

    def __str__(self) -> str:
        return self.code


class ImportedRow(models.Model):
    """That a row of a file has been taken in: what makes importing it again change nothing."""

    pk = models.CompositePrimaryKey("channel_id", "key")
    channel = models.ForeignKey("erp.Channel", models.PROTECT, **LASTING)
    key = models.BinaryField(max_length=16)  # hash of document, content, and which repeat it is


class OrderDraft(models.Model):
    """An order that somebody wrote about, as it was understood: a person makes an order of it, or none.

    reading   lines, name, address, day, issues: each with the words that say so and how sure that is
    Holds personal data: the reading may be erased.
    """

    class Status(models.TextChoices):
        OPEN = "open", _("To read")
        PLACED = "placed", _("Placed")
        DISMISSED = "dismissed", _("Dismissed")

    channel = models.ForeignKey("erp.Channel", models.PROTECT)
    message = models.OneToOneField(IncomingMessage, models.PROTECT, related_name="draft")
    status = models.CharField(_("state"), max_length=10, choices=Status, default=Status.OPEN)
    sender = models.CharField(max_length=254, default="")
    subject = models.CharField(max_length=250, default="")
    text = models.TextField(default="")  # what is new in it
    reading = models.JSONField(default=dict)
    order = models.OneToOneField("orders.Order", models.PROTECT, null=True, related_name="draft")
    created_at = models.DateTimeField(db_default=Now())
    ended_at = models.DateTimeField(null=True)
    ended_by = models.ForeignKey("erp.Actor", models.PROTECT, null=True, related_name="+")

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=~Q(status="placed") | Q(order__isnull=False),
                name="draft_placed_as_an_order",
            )
        ]
        indexes = [models.Index(fields=["-id"], condition=Q(status="open"), name="draft_to_read")]


class Connection(models.Model):
    """A place that a channel's messages are fetched from: one worker at a time, and left alone while it fails.

    not_before   the circuit is open until then: nobody asks, nobody tells
    """

    is_active = models.BooleanField(_("active"), default=True)
    leased_until = models.DateTimeField(null=True)
    not_before = models.DateTimeField(null=True)
    asked_at = models.DateTimeField(null=True)
    failures = models.PositiveSmallIntegerField(default=0)
    error = models.CharField(max_length=300, default="")

    class Meta:
        abstract = True


class ShopConnection(Connection):
    """Where a channel's orders can be asked for, and how far they were.

    cursor_at   everything that the channel changed before this has been asked for
    """

    channel = models.OneToOneField("erp.Channel", models.PROTECT, related_name="connection")
    url = models.CharField(_("address"), max_length=300)  # https://tea.myshopify.com
    key = models.CharField(max_length=200, default="", blank=True)  # WooCommerce: consumer key
    secret = models.CharField(max_length=200)  # its secret; Shopify: access token
    cursor_at = models.DateTimeField()

    def __str__(self) -> str:
        return self.url


class MailConnection(Connection):
    """The mailbox that a channel's letters are fetched from, and the last one that was.

    validity, last_uid   IMAP's number of the numbering, and of the last mail fetched within it
    since                what came before this day is left alone
    """

    channel = models.OneToOneField("erp.Channel", models.PROTECT, related_name="mailbox")
    host = models.CharField(_("address"), max_length=200)
    port = models.PositiveIntegerField(default=993)
    user = models.CharField(max_length=200)
    password = models.CharField(max_length=200)
    folder = models.CharField(max_length=200, default="INBOX")
    since = models.DateField()
    validity = models.BigIntegerField(default=0)
    last_uid = models.BigIntegerField(default=0)

    def __str__(self) -> str:
        return f"{self.user}@{self.host}"


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
    """Something that a channel is owed to know of its order: told until it is heard.

    said   what `orders/intake/telling.py` tells: of a parcel, of a cancel
    """

    class Status(models.TextChoices):
        PENDING = "pending", _("To be told")
        DONE = "done", _("Told")
        PARKED = "parked", _("Could not be told")

    channel = models.ForeignKey("erp.Channel", models.PROTECT, **LASTING)
    order = models.ForeignKey("orders.Order", models.PROTECT, related_name="news")
    kind = models.CharField(_("what"), max_length=20)  # shipped, cancelled
    key = models.CharField(max_length=60)  # which parcel: it is told once
    said = models.JSONField(default=dict)
    status = models.CharField(_("state"), max_length=10, choices=Status, default=Status.PENDING)
    attempts = models.PositiveSmallIntegerField(default=0)
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


class OutgoingDocument(models.Model):
    """What a partner is owed an answer in its own notation: made once there is one, kept after it is fetched.

    key       which answer it is: "" to the order, "cancelled" when it was cancelled after all
    message   the order as the partner wrote it
    """

    channel = models.ForeignKey("erp.Channel", models.PROTECT, **LASTING)
    order = models.ForeignKey("orders.Order", models.PROTECT, related_name="documents")
    message = models.ForeignKey(IncomingMessage, models.PROTECT, related_name="+")
    kind = models.CharField(_("what"), max_length=20, default="acknowledgement")
    notation = models.CharField(_("notation"), max_length=20)  # x12, edifact, ubl
    key = models.CharField(max_length=20, default="", blank=True)
    body = models.BinaryField(null=True)
    created_at = models.DateTimeField(db_default=Now())
    made_at = models.DateTimeField(null=True)
    fetched_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["order", "kind", "key"], name="outgoing_document_once"),
            models.CheckConstraint(
                condition=Q(made_at=None, body=None, fetched_at=None)
                | Q(made_at__isnull=False, body__isnull=False),
                name="outgoing_document_made_whole",
            ),
        ]
        indexes = [
            models.Index(fields=["channel", "-id"], name="outgoing_document_newest"),
            models.Index(fields=["id"], condition=Q(made_at=None), name="outgoing_document_owed"),
            models.Index(
                fields=["channel", "id"],
                condition=Q(fetched_at=None, made_at__isnull=False),
                name="outgoing_document_to_fetch",
            ),
        ]
