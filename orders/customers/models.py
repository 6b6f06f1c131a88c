"""Stores customers, their groups and terms, and their account entries."""

from datetime import datetime

from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchVectorField
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from erp.approvals.models import Proposal, approved_before, four_eyes
from erp.countries import CountryField
from erp.currencies import CurrencyField
from erp.money import AMOUNT
from erp.names import NameField
from orders.customers.states import ProposalStatus


class Proof(models.TextChoices):
    """How somebody was proven to be the customer: an e-mail address or a phone that is stated proves nothing."""

    SHOP = "shop", _("The shop's own customer id")  # stated by its connection or its key
    PERSON = "person", _("A member of staff")
    LINK = "link", _("A signed link in a message")
    IMPORT = "import", _("The merchant's own file")
    BEFORE = "before", _("Known before identities were proven")


class Customer(models.Model):
    """Somebody who buys. Their names, numbers and addresses can be erased; the row stays."""

    name = models.CharField(_("name"), max_length=200, default="")
    language = models.CharField(_("language"), max_length=10, default="")
    note = models.TextField(_("note"), default="", blank=True)
    is_blocked = models.BooleanField(_("blocked"), default=False)
    min_shelf_life_days = models.PositiveIntegerField(  # of perishable goods sent to them
        _("minimum shelf life (days)"), default=0, db_default=0
    )
    group = models.ForeignKey(
        "orders.CustomerGroup", models.PROTECT, null=True, blank=True, db_index=False
    )
    # What may be owed on account at once, in the company's currency; 0: nothing, null: nothing was agreed, or
    # anything, where `has_account` says so
    credit_limit = models.DecimalField(_("credit limit"), null=True, blank=True, **AMOUNT)
    has_account = models.BooleanField(
        _("buys on account without a limit"), default=False, db_default=False
    )
    payment_days = models.PositiveSmallIntegerField(  # after shipping, of what is on account
        _("payment term (days)"), default=30, db_default=30
    )
    merged_into = models.ForeignKey("self", models.PROTECT, null=True, blank=True)
    created_at = models.DateTimeField(db_default=Now())
    erased_at = models.DateTimeField(null=True)  # nothing is known of them any more (erp/privacy)
    words = SearchVectorField(null=True)  # what they are found by; see erp/search.py

    # What lists add to a row before they show it.
    shown_orders: int
    shown_last: datetime | None
    # What a change says of the row it returns: its terms wait for a second person.
    terms_wait: bool = False

    class Meta:
        indexes = [
            GinIndex(fields=["name"], opclasses=["gin_trgm_ops"], name="customer_by_name"),
            GinIndex(fields=["words"], name="customer_search_words"),
        ]

    def __str__(self) -> str:
        return self.name


class CustomerIdentity(models.Model):
    """One thing a customer is recognised by. It points at one customer only.

    It groups orders under their customer. That somebody who states it is the customer, it tells where it is proven and
    the way it was stated is proof too: a shop's own id is, an e-mail address that an order states is not.
    An address that an order added to somebody known says as little of whose it is: whoever named a stranger's phone
    proved by the mail to their own address to be the stranger. Only a person proves those (`is_founding`).
    """

    class Kind(models.TextChoices):
        EMAIL = "email", _("E-mail")  # lower case
        PHONE = "phone", _("Phone")  # E.164
        EXTERNAL = "external", _("External id")  # "<channel>:<id>"

    customer = models.ForeignKey(Customer, models.CASCADE, related_name="identities")
    kind = models.CharField(max_length=10, choices=Kind)
    value = models.CharField(max_length=254)
    proven_at = models.DateTimeField(_("verified"), null=True)
    proven_by = models.CharField(max_length=10, choices=Proof, default="", db_default="")
    is_founding = models.BooleanField(  # their customer was made of it: a link may prove it
        default=False, db_default=False
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["value", "kind"], name="customer_identity_once"),
            models.CheckConstraint(
                condition=Q(proven_by__in=["", *Proof.values])
                & (
                    Q(proven_at=None, proven_by="")
                    | (Q(proven_at__isnull=False) & ~Q(proven_by=""))
                ),
                name="customer_identity_proven_somehow",
            ),
        ]


class IdentityProof(models.Model):
    """That one of a customer's identities was proven by a link or a person, or that this was taken back.

    What a shop's connection proves as it places orders is on the identity alone.
    """

    identity = models.ForeignKey(CustomerIdentity, models.CASCADE, related_name="proofs")
    how = models.CharField(max_length=10, choices=Proof)
    why = models.CharField(_("reason"), max_length=200, default="", blank=True)
    order_id = models.BigIntegerField(null=True)  # of the message whose link was followed
    at = models.DateTimeField()
    by = models.ForeignKey("erp.Actor", models.PROTECT, related_name="+")
    undone_at = models.DateTimeField(null=True)
    undone_by = models.ForeignKey("erp.Actor", models.PROTECT, null=True, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["identity"], condition=Q(undone_at=None), name="identity_proven_once"
            )
        ]


class CustomerMerge(models.Model):
    """That two customers were found to be one, and what was moved: so that it can be undone.

    moved   ids by what they are: {"orders", "identities", "entries"}, and what it took back of proofs ("unproven",
            "unfounded", "unproven_orders"); `was_blocked` of the one that stays
    """

    kept = models.ForeignKey(Customer, models.PROTECT, related_name="merges")
    gone = models.ForeignKey(Customer, models.PROTECT, related_name="+")
    moved = models.JSONField()
    was_blocked = models.BooleanField()
    at = models.DateTimeField()
    by = models.ForeignKey("erp.Actor", models.PROTECT, related_name="+")
    undone_at = models.DateTimeField(null=True)
    undone_by = models.ForeignKey("erp.Actor", models.PROTECT, null=True, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["gone"], condition=models.Q(undone_at=None), name="customer_merged_once"
            ),
            models.CheckConstraint(
                condition=~models.Q(kept=models.F("gone")), name="customer_merged_into_another"
            ),
        ]


class NameWord(models.Model):
    """A word of customers' names in Latin letters: what a mistyped one is corrected to.

    Learnt in the background (`orders.tasks.learn_names`). The row "" is the bookmark: the last
    customer that was read.
    """

    word = models.CharField(max_length=60, primary_key=True)
    customer_id = models.BigIntegerField(default=0)

    class Meta:
        indexes = [GinIndex(fields=["word"], opclasses=["gin_trgm_ops"], name="name_word_alike")]

    def __str__(self) -> str:
        return self.word


class BlockedContact(models.Model):
    """An e-mail address, phone number or postal address whose orders are held, whoever uses it."""

    class Kind(models.TextChoices):
        EMAIL = "email", _("E-mail")  # lower case
        PHONE = "phone", _("Phone")  # E.164
        ADDRESS = (
            "address",
            _("Address"),
        )  # country, postal code and street, as `address_key` has them

    kind = models.CharField(_("kind"), max_length=10, choices=Kind)
    value = models.CharField(_("value"), max_length=254)
    reason = models.CharField(_("reason"), max_length=200, default="", blank=True)
    created_at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        verbose_name = _("blocked contact")
        verbose_name_plural = _("blocked contacts")
        constraints = [
            models.UniqueConstraint(fields=["value", "kind"], name="contact_blocked_once")
        ]

    def __str__(self) -> str:
        return self.value


class PersonalDataLook(models.Model):
    """A log entry: masked personal data was revealed to somebody. Append-only.

    subject   "order:<id>" or "customer:<id>"
    """

    subject = models.CharField(max_length=40)
    by = models.ForeignKey("erp.Actor", models.PROTECT, related_name="+")
    why = models.CharField(_("why"), max_length=200, default="")
    at = models.DateTimeField()

    # What lists add to a row before they show it.
    shown: dict[int, str]

    class Meta:
        indexes = [
            models.Index(fields=["-id"], name="look_newest"),
            models.Index(fields=["subject", "-id"], name="look_at_subject"),
        ]


class CustomerGroup(models.Model):
    """Customers that are treated alike: retailers, staff, members of a level."""

    code = models.SlugField(_("code"), max_length=40, unique=True)
    name = NameField(_("name"), max_length=100)
    priority = models.SmallIntegerField(  # of their orders, when goods are short: 9 first
        _("priority in shortages"), default=0, db_default=0
    )

    class Meta:
        verbose_name = _("customer group")
        verbose_name_plural = _("customer groups")

    def __str__(self) -> str:
        return self.code


class TaxExemption(models.Model):
    """That a customer's orders to a country bear no tax, for a while, because of a tax id that was checked."""

    customer = models.ForeignKey("orders.Customer", models.CASCADE, related_name="exemptions")
    country = CountryField(_("country"))  # shipped to
    tax_id = models.CharField(_("tax id"), max_length=40)  # as `orders.customers.tax_ids` writes it
    valid_from = models.DateField(_("valid from"), null=True, blank=True)
    valid_until = models.DateField(_("valid until"), null=True, blank=True)
    by = models.ForeignKey("erp.Actor", models.PROTECT, related_name="+")
    agreed_at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["customer", "country"], name="tax_exemption_once_per_country"
            ),
            models.CheckConstraint(
                condition=Q(valid_from=None)
                | Q(valid_until=None)
                | Q(valid_from__lt=F("valid_until")),
                name="tax_exemption_starts_before_it_ends",
            ),
        ]


class TermsProposal(Proposal):
    """Terms of a customer that one person proposed and another has to approve; until then what holds is unchanged.

    kind   "terms": group, credit limit and payment days as they are to be; "exemption": from tax in a country
    """

    class Kind(models.TextChoices):
        TERMS = "terms", _("Credit terms")
        EXEMPTION = "exemption", _("Tax exemption")

    customer = models.ForeignKey(Customer, models.CASCADE, related_name="proposals")
    kind = models.CharField(max_length=10, choices=Kind)
    status = models.CharField(_("state"), max_length=10, choices=ProposalStatus)
    group = models.ForeignKey(CustomerGroup, models.PROTECT, null=True, db_index=False)
    credit_limit = models.DecimalField(null=True, **AMOUNT)
    has_account = models.BooleanField(default=False, db_default=False)
    payment_days = models.PositiveSmallIntegerField(default=30)
    country = CountryField(default="", blank=True)
    tax_id = models.CharField(max_length=40, default="")
    valid_from = models.DateField(null=True)
    valid_until = models.DateField(null=True)
    by = models.ForeignKey("erp.Actor", models.PROTECT, related_name="+")
    proposed_at = models.DateTimeField()
    ended_by = models.ForeignKey("erp.Actor", models.PROTECT, null=True, related_name="+")
    ended_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(status__in=ProposalStatus.values), name="terms_proposal_status_known"
            ),
            models.UniqueConstraint(
                fields=["customer", "kind", "country"],
                condition=Q(status="waiting"),
                name="terms_proposal_waits_once",
            ),
            four_eyes("terms_four_eyes"),
            approved_before("terms_approved_before_they_hold", Q(status="approved")),
        ]
        indexes = [
            models.Index(fields=["-id"], condition=Q(status="waiting"), name="terms_waiting")
        ]


class AccountEntry(models.Model):
    """An amount posted to a customer's account outside any order: a bad debt, a bank charge."""

    channel = models.ForeignKey("erp.Channel", models.PROTECT)
    external_id = models.CharField(max_length=100)
    line = models.PositiveIntegerField(default=1)
    customer = models.ForeignKey(Customer, models.PROTECT, null=True)
    sku_code = models.CharField(max_length=60)
    description = models.CharField(max_length=250, default="")
    quantity = models.IntegerField()
    unit_amount = models.DecimalField(**AMOUNT)  # signed
    currency = CurrencyField()
    country = models.CharField(max_length=60, default="")
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["channel", "external_id", "line"], name="account_entry_once"
            )
        ]
