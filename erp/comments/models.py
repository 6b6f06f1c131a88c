"""Stores the comments of staff on an order, a return or a customer."""

from django.db import models
from django.db.models import Q


class Comment(models.Model):
    """A person's words on something. May hold personal data, so it can be erased; never told outside."""

    subject_ref = models.CharField(max_length=60)  # "order:42"
    by = models.ForeignKey("erp.Actor", models.PROTECT)
    text = models.TextField()
    at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["subject_ref", "id"], name="comment_by_subject")]


class Mention(models.Model):
    """Somebody named in a comment with @, until they have looked."""

    comment = models.ForeignKey(Comment, models.CASCADE, related_name="mentions")
    actor = models.ForeignKey("erp.Actor", models.PROTECT)
    url = models.CharField(max_length=200)  # where the comment is read
    seen_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["comment", "actor"], name="mention_once")]
        indexes = [models.Index(fields=["actor"], condition=Q(seen_at=None), name="mention_unseen")]
