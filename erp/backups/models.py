"""Stores what became of each backup and each drill."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class BackupRun(models.Model):
    """One backup or one drill, good or not; `ended_at` is empty while it runs, or where it was killed.

    name   of the backup's folder
    said   what was found, or what is wrong, in one line
    """

    class Kind(models.TextChoices):
        BACKUP = "backup", _("Backup")
        DRILL = "drill", _("Restore drill")

    kind = models.CharField(max_length=10, choices=Kind)
    name = models.CharField(max_length=120)
    began_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    is_good = models.BooleanField(default=False)
    size = models.BigIntegerField(null=True)  # bytes, of a backup
    said = models.CharField(max_length=1000, default="")

    class Meta:
        indexes = [models.Index(fields=["kind", "-began_at"], name="backup_run_newest")]
