"""Saves a person's views and chosen columns of a list."""

from collections.abc import Sequence
from datetime import datetime

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from erp.access.models import Actor
from erp.errors import Conflict, Invalid, NotAllowed, NotFound
from erp.lists.models import ListLayout, SavedView
from erp.visible import is_blank


@transaction.atomic(savepoint=False)
def save_view(
    *, list_name: str, name: str, query: str, is_team: bool, by: Actor, now: datetime
) -> SavedView:
    """Keep a list's query under a name, for oneself or for the team.

    Raises Invalid without a name, Conflict when the name is taken.
    """
    if is_blank(name) or len(name.strip()) > 60:
        raise Invalid(_("A view has a name of at most 60 characters."))
    try:
        return SavedView.objects.create(
            list=list_name,
            name=name.strip(),
            query=query,
            is_team=is_team,
            by=by,
            created_at=now,
        )
    except IntegrityError as error:
        raise Conflict(_("There is a view of this name already.")) from error


@transaction.atomic(savepoint=False)
def delete_view(*, list_name: str, view_id: int, by: Actor, now: datetime) -> SavedView:
    """Forget a saved view of a list: one's own, or anybody's with the right to change settings."""
    views = SavedView.objects.visible_to(by).select_for_update(of=("self",))
    view = views.filter(pk=view_id, list=list_name).first()
    if view is None:
        raise NotFound
    if view.by_id != by.pk and "settings.edit" not in by.verbs:
        raise NotAllowed(_("This view belongs to someone else."))
    view.delete()
    return view


@transaction.atomic(savepoint=False)
def choose_columns(*, list_name: str, columns: Sequence[str], by: Actor, now: datetime) -> None:
    """Remember the columns somebody wants to see; none means the list's own choice."""
    ListLayout.objects.filter(list=list_name, by=by).delete()
    if columns:
        ListLayout.objects.create(list=list_name, by=by, columns=list(columns))
