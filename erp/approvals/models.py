"""Stores above which amount a second person has to approve, and what every row that may need one keeps."""

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from erp.money import AMOUNT


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
