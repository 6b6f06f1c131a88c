"""Fields of the merchant's own on orders: kept in an order's metadata under their codes."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _


class CustomField(models.Model):
    """One field of the merchant's own, or a status of their own: a choice among names.

    code      its key in the metadata of orders, as shops send it
    choices   of a field of kind "choice"
    """

    class Kind(models.TextChoices):
        TEXT = "text", _("Text")
        NUMBER = "number", _("Number")
        YES_NO = "yes_no", _("Yes or no")
        DATE = "date", _("Date")
        CHOICE = "choice", _("One of several")

    code = models.SlugField(_("code"), max_length=40, unique=True)
    name = models.CharField(_("name"), max_length=60)
    name_zh = models.CharField(_("Chinese name"), max_length=60, default="", blank=True)
    kind = models.CharField(_("kind"), max_length=10, choices=Kind)
    choices = ArrayField(
        models.CharField(max_length=60), verbose_name=_("choices"), default=list, blank=True
    )
    position = models.PositiveSmallIntegerField(_("position"), default=0)
    is_active = models.BooleanField(_("active"), default=True)

    class Meta:
        verbose_name = _("custom field")
        verbose_name_plural = _("custom fields")
        constraints = [
            models.CheckConstraint(
                condition=~Q(kind="choice") | Q(choices__len__gt=0), name="custom_choices_given"
            )
        ]

    def __str__(self) -> str:
        return self.code

    @property
    def label(self) -> str:
        """Its name in the reader's language."""
        return ((get_language() or "").startswith("zh") and self.name_zh) or self.name
