"""Stores above which amount a second person has to approve, and what every row that may need one keeps."""

from datetime import timedelta

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from erp.approvals.states import LimitStatus
from erp.money import AMOUNT

ALONE_AFTER = timedelta(
    hours=24
)  # then who proposed to loosen a limit may, where nobody else could approve


class ApprovalKind(models.TextChoices):
    """What somebody proposes and somebody else approves."""

    REFUND = "refund", _("Refunds")
    WRITE_OFF = "write_off", _("Write-offs and other stock decreases")
    ADJUSTMENT = "adjustment", _("Stock increases without a purchase order")
    PURCHASE = "purchase", _("Purchase orders")
    TERMS = "terms", _("Customers' terms")
    GOODWILL = "goodwill", _("Goods given away free of charge")


class ApprovalLimit(models.Model):
    """Above which amount, in the company's currency, a second person approves; a kind without a row needs none."""

    kind = models.CharField(_("kind"), max_length=12, choices=ApprovalKind, unique=True)
    amount = models.DecimalField(_("limit"), **AMOUNT)  # 0: always

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(amount__gte=0), name="approval_limit_not_negative"),
            models.CheckConstraint(
                condition=Q(kind__in=ApprovalKind.values), name="approval_limit_kind_known"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind}: {self.amount}"


class Proposal(models.Model):
    """Columns of a row that one proposes and another approves, each as who answers for them.

    needs_second_person   decided when it was proposed; an approval may decide it, too, and never takes it back
    """

    needs_second_person = models.BooleanField(default=False, db_default=False, editable=False)
    proposed_for = models.ForeignKey(
        "erp.Actor", models.PROTECT, null=True, related_name="+", db_index=False, editable=False
    )
    approved_for = models.ForeignKey(
        "erp.Actor", models.PROTECT, null=True, related_name="+", db_index=False, editable=False
    )

    class Meta:
        abstract = True


def four_eyes(name: str) -> models.CheckConstraint:
    """Make the database's own guard: where a second person is needed, it is not who proposed."""
    return models.CheckConstraint(
        condition=Q(needs_second_person=False)
        | Q(approved_for=None)
        | Q(proposed_for=None)
        | ~Q(approved_for=F("proposed_for")),
        name=name,
    )


def approved_before(name: str, done: Q) -> models.CheckConstraint:
    """Make the database's guard against a way around: what needs a second person is not `done` without one."""
    return models.CheckConstraint(
        condition=Q(needs_second_person=False) | Q(approved_for__isnull=False) | ~done, name=name
    )


class LimitChange(Proposal):
    """A limit that somebody proposes to loosen: until another person approves it, the one there is holds.

    amount   the limit that is proposed; null: none
    """

    kind = models.CharField(_("kind"), max_length=12, choices=ApprovalKind)
    amount = models.DecimalField(_("limit"), null=True, **AMOUNT)
    status = models.CharField(max_length=10, choices=LimitStatus)
    by = models.ForeignKey("erp.Actor", models.PROTECT, related_name="+")
    proposed_at = models.DateTimeField()
    ended_by = models.ForeignKey("erp.Actor", models.PROTECT, null=True, related_name="+")
    ended_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["kind"], condition=Q(status="waiting"), name="limit_change_waits_once"
            ),
            models.CheckConstraint(
                condition=Q(status__in=LimitStatus.values), name="limit_change_status_known"
            ),
            models.CheckConstraint(
                condition=Q(amount=None) | Q(amount__gte=0), name="limit_change_not_negative"
            ),
            models.CheckConstraint(
                condition=Q(status="waiting", ended_at=None)
                | (~Q(status="waiting") & Q(ended_at__isnull=False)),
                name="limit_change_ended_at_some_time",
            ),
            four_eyes("limit_change_four_eyes"),
            approved_before("limit_change_approved_before", Q(status="approved")),
            models.CheckConstraint(
                condition=~Q(status="approved")
                | Q(needs_second_person=True)
                | Q(ended_at__gte=F("proposed_at") + ALONE_AFTER),
                name="limit_change_alone_after_a_day",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind}: {self.amount}"
