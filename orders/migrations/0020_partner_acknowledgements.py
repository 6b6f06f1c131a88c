"""Counts the tries of an acknowledgement, and parks one that cannot be written."""

from django.db import migrations, models
from django.db.models import Q
from django.db.models.functions import Now


class Migration(migrations.Migration):
    dependencies = [("orders", "0019_founding_contacts")]

    operations = [
        migrations.RemoveIndex("outgoingdocument", "outgoing_document_owed"),
        migrations.AddField(
            "outgoingdocument", "attempts", models.PositiveSmallIntegerField(db_default=0, default=0)
        ),
        migrations.AddField("outgoingdocument", "due_at", models.DateTimeField(db_default=Now())),
        migrations.AddField("outgoingdocument", "parked_at", models.DateTimeField(null=True)),
        migrations.AddField(
            "outgoingdocument",
            "error",
            models.CharField(blank=True, db_default="", default="", max_length=300),
        ),
        migrations.AddConstraint(
            "outgoingdocument",
            models.CheckConstraint(
                condition=Q(parked_at=None) | Q(made_at=None),
                name="outgoing_document_parked_unmade",
            ),
        ),
        migrations.AddIndex(
            "outgoingdocument",
            models.Index(
                condition=Q(made_at=None, parked_at=None),
                fields=["due_at", "id"],
                name="outgoing_document_due",
            ),
        ),
        migrations.AddIndex(
            "outgoingdocument",
            models.Index(
                condition=Q(parked_at__isnull=False),
                fields=["id"],
                name="outgoing_document_parked",
            ),
        ),
    ]
