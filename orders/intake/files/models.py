"""Stores layouts of order files and the rows imported."""

from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from erp.access.models import LASTING
from erp.names import NameField


class OrderLayout(models.Model):
    """A saved mapping of a file's columns.

    columns   {field: heading}, fields as `orders/intake/files/columns.py` has them
    options   payment and country where the file does not say
    headings  of the file it was made with, as they are compared: a file with the same ones is read by it
    """

    name = NameField(_("name"), max_length=60, unique=True)
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


class ImportedRow(models.Model):
    """That a row of a file has been taken in: what makes importing it again change nothing."""

    pk = models.CompositePrimaryKey("channel_id", "key")
    channel = models.ForeignKey("erp.Channel", models.PROTECT, **LASTING)
    key = models.BinaryField(max_length=16)  # hash of document, content, and which repeat it is
