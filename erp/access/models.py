"""Stores people, API keys and background jobs as actors with channel and role."""

from typing import TypedDict

from django.contrib.auth.models import AbstractUser
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext_lazy as _

from erp.currencies import CurrencyField
from erp.names import NameField
from erp.zone_names import ZoneField

ROLE_NAMES = {
    "owner": _("Owner"),
    "service": _("Customer service"),
    "finance": _("Finance"),
    "picker": _("Picker"),
    "warehouse": _("Warehouse"),
    "buyer": _("Buyer"),
    "analyst": _("Analyst"),
    "auditor": _("Auditor"),
    "api_client": _("API key: everything"),
    "storefront_key": _("API key: storefront"),
    "connector_key": _("API key: connector"),
    "warehouse_key": _("API key: warehouse system"),
    "carrier_key": _("API key: carrier"),
    "finance_key": _("API key: accounting"),
    "read_key": _("API key: read only"),
    "system": _("System"),
}


class Lasting(TypedDict):
    """A foreign key without a database constraint, to rows that are never deleted."""

    db_constraint: bool
    db_index: bool


# How hot tables refer to rows that last for ever (channels, actors, SKUs, warehouses, places):
# without a foreign key, whose check would lock the one row that every writer shares. Those rows
# cannot be deleted (erp/sql/guards.sql), and the law `references_exist` proves the rest.
LASTING: Lasting = {"db_constraint": False, "db_index": False}


class User(AbstractUser):
    """A person who signs in to the dashboard, with how they like to see it."""

    language = models.CharField(_("language"), max_length=10, default="", blank=True)
    theme = models.CharField(_("theme"), max_length=10, default="", blank=True)
    time_zone = ZoneField(_("time zone"), default="", blank=True)
    density = models.CharField(_("density"), max_length=12, default="", blank=True)
    shortcuts = models.BooleanField(_("single-key shortcuts"), default=True)  # WCAG 2.1.4
    # Part of what every session of this person is checked against: a new one ends them all.
    session_salt = models.CharField(max_length=24, default="", db_default="", editable=False)

    class Meta:
        verbose_name = _("person")
        verbose_name_plural = _("people")

    def _get_session_auth_hash(self, secret: str | None = None) -> str:
        """Sign the password and the salt: sessions end with either. Without a salt it is Django's own hash."""
        key_salt = "django.contrib.auth.models.AbstractBaseUser.get_session_auth_hash"
        return salted_hmac(
            key_salt, self.password + self.session_salt, secret=secret, algorithm="sha256"
        ).hexdigest()


class Channel(models.Model):
    """A place where orders come from: a web shop, the phone desk, a marketplace, a file."""

    class Kind(models.TextChoices):
        STOREFRONT = "storefront", _("Storefront (API)")
        DESK = "desk", _("Phone desk")
        MAIL = "mail", _("E-mail")
        SHOPIFY = "shopify", "Shopify"
        WOOCOMMERCE = "woocommerce", "WooCommerce"
        FILE = "file", _("Files")

    code = models.SlugField(_("code"), unique=True)
    name = NameField(_("name"), max_length=100)
    kind = models.CharField(_("kind"), max_length=20, choices=Kind)
    currency = CurrencyField(_("currency"), default="CNY")  # ISO 4217
    language = models.CharField(_("customers' language"), max_length=10, default="en")
    time_zone = ZoneField(_("time zone"), default="UTC")
    is_active = models.BooleanField(_("active"), default=True)
    tells_customers = models.BooleanField(  # off where the shop sends its own
        _("we notify this channel's customers"), default=True, db_default=True
    )
    webhook_secret = models.CharField(max_length=200, default="", blank=True, editable=False)
    # While a sender changes over, its messages may bear either.
    previous_secret = models.CharField(max_length=200, default="", blank=True, editable=False)
    previous_until = models.DateTimeField(null=True, editable=False)

    class Meta:
        verbose_name = _("channel")
        verbose_name_plural = _("channels")

    def __str__(self) -> str:
        return self.name


class Actor(models.Model):
    """One row per person, API key and background job: the `by` of every verb.

    `verbs` is filled when the actor is loaded, so that `may()` never queries.
    """

    class Kind(models.TextChoices):
        PERSON = "person", _("Person")
        API_KEY = "api_key", _("API key")
        JOB = "job", _("Background job")

    kind = models.CharField(max_length=10, choices=Kind)
    name = NameField(max_length=150)
    role = models.CharField(max_length=30)
    user = models.OneToOneField(User, models.PROTECT, null=True, blank=True, related_name="actor")
    channel = models.ForeignKey(Channel, models.PROTECT, null=True, blank=True)
    is_active = models.BooleanField(default=True)

    verbs: frozenset[str] = frozenset()
    rate_per_minute: int | None = None  # of its API key
    masks: bool = False  # the company masks contacts for everybody who signs in

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=(Q(kind="person") & Q(user__isnull=False))
                | (~Q(kind="person") & Q(user__isnull=True)),
                name="actor_person_has_user",
            ),
            models.CheckConstraint(
                condition=~Q(kind="api_key") | Q(channel__isnull=False),
                name="actor_api_key_has_channel",
            ),
            models.UniqueConstraint(
                fields=["name"], condition=Q(kind="job"), name="actor_one_job_per_name"
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def role_name(self) -> str:
        """Return the role's name."""
        return str(ROLE_NAMES.get(self.role, self.role))


class ApiKey(models.Model):
    """A secret a program signs in with. Only its hash is kept; the secret is shown once."""

    actor = models.OneToOneField(Actor, models.PROTECT, related_name="api_key")
    prefix = models.CharField(max_length=12)  # the part people may see
    secret_hash = models.CharField(max_length=64, unique=True)  # SHA-256, hexadecimal
    scopes = ArrayField(models.CharField(max_length=40), default=list, blank=True)  # empty: all
    rate_per_minute = models.PositiveIntegerField(null=True, blank=True)
    made_by = models.ForeignKey(  # the person who answers for what it does; null: nobody knows
        Actor, models.PROTECT, null=True, related_name="+"
    )
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField(null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return f"{self.prefix}…"

    @property
    def purpose_name(self) -> str:
        """Return what it is for."""
        return self.actor.role_name.rpartition(": ")[2]


class SignInPolicy(models.Model):
    """What this company asks of people who sign in, beyond a password: one row; without it nothing."""

    id = models.PositiveSmallIntegerField(primary_key=True, default=1)
    # Roles whose people must have a second factor, or sign in by the company's identity provider.
    second_factor_roles = ArrayField(models.CharField(max_length=30), default=list, blank=True)
    # Where they may sign in from, as networks ("203.0.113.0/24"); empty: from anywhere.
    allowed_networks = ArrayField(models.CharField(max_length=49), default=list, blank=True)

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(id=1), name="sign_in_policy_is_one_row")]


class AccountMail(models.Model):
    """A mail to a person about their own account. It holds no link: that is made when it is sent."""

    class Kind(models.TextChoices):
        PASSWORD_RESET = "password_reset", _("Link to choose a password")
        PASSWORD_CHANGED = "password_changed", _("Password changed")
        EMAIL_CHANGED = "email_changed", _("E-mail address changed")
        SECOND_FACTOR_ADDED = "second_factor_added", _("Second factor added")
        SECOND_FACTOR_REMOVED = "second_factor_removed", _("Second factor removed")
        RECOVERY_CODES_MADE = "recovery_codes_made", _("Recovery codes made")
        ACCOUNT_CHANGED = "account_changed", _("Role or access changed")
        KEY_MADE = "key_made", _("API key made")
        KEY_REVOKED = "key_revoked", _("API key revoked")
        SECRET_CHANGED = "secret_changed", _("Secret changed")
        PERSON_ADDED = "person_added", _("Person added")
        SIGN_IN_POLICY_CHANGED = "sign_in_policy_changed", _("Rules of sign-in changed")
        SIGN_IN_CONNECTED = "sign_in_connected", _("Account for signing in connected")
        SIGN_IN_DISCONNECTED = "sign_in_disconnected", _("Account for signing in disconnected")
        LIMIT_PROPOSED = "limit_proposed", _("Higher approval limit proposed")
        LIMIT_CHANGED = "limit_changed", _("Approval limit changed")
        LIMIT_REJECTED = "limit_rejected", _("Higher approval limit rejected")

    class Status(models.TextChoices):
        WAITING = "waiting", _("Waiting")
        SENT = "sent", _("Sent")
        FAILED = "failed", _("Failed")

    user = models.ForeignKey(User, models.CASCADE)
    kind = models.CharField(max_length=30, choices=Kind)
    recipient = models.CharField(max_length=254)
    detail = models.CharField(max_length=200, default="")  # what was changed
    address = models.CharField(max_length=45, default="")  # where a change came from
    device = models.CharField(max_length=200, default="")  # and with which program
    status = models.CharField(max_length=10, choices=Status, default=Status.WAITING)
    attempts = models.PositiveSmallIntegerField(default=0)  # that failed, or killed their worker
    is_leased = models.BooleanField(default=False)
    created_at = models.DateTimeField(db_default=Now())
    due_at = models.DateTimeField(db_default=Now())
    sent_at = models.DateTimeField(null=True)
    error = models.CharField(max_length=200, default="")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["user", "kind", "recipient", "detail"],
                condition=Q(status="waiting"),
                name="account_mail_waits_once",
            )
        ]
        indexes = [
            models.Index(fields=["due_at"], condition=Q(status="waiting"), name="account_mail_due"),
            models.Index(fields=["id"], condition=Q(status="failed"), name="account_mail_failed"),
        ]


class Company(models.Model):
    """The merchant this installation serves: one row, printed on every document."""

    id = models.PositiveSmallIntegerField(primary_key=True, default=1)
    name = NameField(_("name"), max_length=200, default="", blank=True)
    tax_id = models.CharField(_("tax id"), max_length=40, default="", blank=True)
    address = models.TextField(_("address"), default="", blank=True)
    phone = models.CharField(_("phone"), max_length=40, default="", blank=True)
    email = models.EmailField(_("e-mail"), default="", blank=True)
    currency = CurrencyField(_("currency"), default="CNY")
    time_zone = ZoneField(_("time zone"), default="Asia/Shanghai")
    logo = models.ImageField(_("logo"), upload_to="company", blank=True)
    masks_contacts = models.BooleanField(  # even from those who may see them at once
        _("contacts are masked until revealed"),
        default=False,
        db_default=False,
    )
    approval_hours = models.PositiveSmallIntegerField(  # then somebody else is told that it waits
        _("approval time limit (hours)"), default=24, db_default=24
    )

    class Meta:
        verbose_name = _("company profile")
        verbose_name_plural = _("company profile")
        constraints = [models.CheckConstraint(condition=Q(id=1), name="company_is_one_row")]

    def __str__(self) -> str:
        return self.name or "Throughline"
