"""Stores saved views and chosen columns of lists."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from erp.access.models import Actor
from erp.names import NameField


class SavedViews(models.QuerySet["SavedView"]):
    def visible_to(self, actor: Actor) -> "SavedViews":
        """Somebody's own views and the team's, in the order they were made."""
        return self.filter(Q(by=actor) | Q(is_team=True)).order_by("pk")


class SavedView(models.Model):
    """A query of a list under a name: somebody's own, or the team's."""

    list = models.CharField(max_length=30)
    name = NameField(max_length=60)
    query = models.TextField()  # as in the address, without "?"
    is_team = models.BooleanField(default=False)
    by = models.ForeignKey("erp.Actor", models.PROTECT)
    created_at = models.DateTimeField()

    objects = SavedViews.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["list", "by", "name"], name="saved_view_name_once_each"
            ),
            models.UniqueConstraint(
                fields=["list", "name"],
                condition=Q(is_team=True),
                name="saved_view_name_once_team",
            ),
        ]


class ListLayout(models.Model):
    """The columns that somebody chose for a list."""

    list = models.CharField(max_length=30)
    by = models.ForeignKey("erp.Actor", models.PROTECT)
    columns = ArrayField(models.CharField(max_length=30))

    class Meta:
        constraints = [models.UniqueConstraint(fields=["list", "by"], name="list_layout_once")]
