"""What channels send: rows of files."""

from django.db import models

from erp.access.models import LASTING


class ImportedRow(models.Model):
    """That a row of a file has been taken in: what makes importing it again change nothing."""

    pk = models.CompositePrimaryKey("channel_id", "key")
    channel = models.ForeignKey("erp.Channel", models.PROTECT, **LASTING)
    key = models.BinaryField(max_length=16)  # hash of document, content, and which repeat it is
