"""Stores staff alerts, the roles subscribed to them and each person's read position."""

from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from erp.notices.kinds import words_of


class Notice(models.Model):
    """A staff alert, worded on reading from `kind` and `params`.

    key    what it is about: the same key of a kind is not told twice
    role   the role that is told; "" for those that are subscribed to its kind
    """

    kind = models.CharField(max_length=30)
    key = models.CharField(max_length=120)
    role = models.CharField(max_length=30, default="")
    params = models.JSONField(default=dict)
    url = models.CharField(max_length=200, default="")
    at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = [models.UniqueConstraint(fields=["kind", "key", "role"], name="notice_once")]
        indexes = [models.Index(fields=["-at", "-id"], name="notice_newest")]

    @property
    def said(self) -> str:
        """What it says, in the reader's language."""
        return words_of(self.kind, self.params)


class NoticeSubscription(models.Model):
    """Whether a role is told of a kind of thing. Where no row says, `kinds.AT_FIRST` does."""

    role = models.CharField(_("role"), max_length=30)
    kind = models.CharField(_("kind"), max_length=30)
    is_told = models.BooleanField(_("on the home page"), default=True)
    by_mail = models.BooleanField(_("also by e-mail"), default=False)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["role", "kind"], name="subscription_once")]


class NoticeMark(models.Model):
    """How far a person has read their notices."""

    actor = models.OneToOneField("erp.Actor", models.CASCADE)
    seen_id = models.BigIntegerField(default=0)
