"""Reads comments and mentions."""

from django.db.models import QuerySet

from erp.access.models import Actor
from erp.comments.models import Comment, Mention


def comments_on(subject_ref: str) -> QuerySet[Comment]:
    """Return the comments on a record, oldest first."""
    return Comment.objects.filter(subject_ref=subject_ref).select_related("by").order_by("pk")


def unseen_mentions(actor: Actor) -> list[Mention]:
    """Return a person's newest twenty unread mentions."""
    unseen = Mention.objects.filter(actor=actor, seen_at=None)
    return list(unseen.select_related("comment__by").order_by("-pk")[:20])


def colleagues() -> list[tuple[str, str]]:
    """Return everybody who can be mentioned: (user name, name)."""
    people = Actor.objects.filter(kind="person", is_active=True).select_related("user")
    return [(p.user.username, p.name) for p in people.order_by("name") if p.user]
