"""Reading comments and mentions."""

from django.db.models import QuerySet

from erp.access.models import Actor
from erp.comments.models import Comment, Mention


def comments_on(subject_ref: str) -> QuerySet[Comment]:
    """What was written on something, oldest first."""
    return Comment.objects.filter(subject_ref=subject_ref).select_related("by").order_by("pk")


def unseen_mentions(actor: Actor) -> list[Mention]:
    """Where somebody was named and has not looked yet: the newest twenty."""
    unseen = Mention.objects.filter(actor=actor, seen_at=None)
    return list(unseen.select_related("comment__by").order_by("-pk")[:20])


def colleagues() -> list[tuple[str, str]]:
    """Everybody who can be named: (user name, name)."""
    people = Actor.objects.filter(kind="person", is_active=True).select_related("user")
    return [(p.user.username, p.name) for p in people.order_by("name") if p.user]
