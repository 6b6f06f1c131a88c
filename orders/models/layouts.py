"""How the files of one kind are read: saved, so that the next one needs no thought."""

from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _


class OrderLayout(models.Model):
    """A saved mapping of a file's columns.

    columns   {field: heading}, fields as `orders/intake/columns.py` has them
    options   payment and country where the file does not say
    headings  of the file it was made with, as they are compared: a file with the same ones is read by it
    """

    name = models.CharField(_("name"), max_length=60, unique=True)
    columns = models.JSONField()
    options = models.JSONField(default=dict)
    headings = models.TextField(default="")
    created_at = models.DateTimeField(db_default=Now())
    by = models.ForeignKey("erp.Actor", models.PROTECT, related_name="+")

    class Meta:
        verbose_name = _("layout of order files")
        verbose_name_plural = _("layouts of order files")

    def __str__(self) -> str:
        return self.name
