"""Adds comments and marks mentions as read."""

import re
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from erp.access.models import Actor
from erp.access.queries import require
from erp.comments.models import Comment, Mention
from erp.errors import Invalid

MENTION = re.compile(r"@([\w.+-]+)")
LONGEST = 4000


@transaction.atomic(savepoint=False)
def add_comment(
    *, subject_ref: str, text: str, url: str, right: str, by: Actor, now: datetime
) -> Comment:
    """Write a comment; colleagues named as @user are told on their home page.

    right   the right that writing here needs
    url     the page the comment is read on
    Raises Invalid for an empty or overlong text, and for a name that nobody has.
    """
    require(by, right)
    text = text.strip()
    if not text:
        raise Invalid(_("Write a comment first."))
    if len(text) > LONGEST:
        raise Invalid(_("A comment has at most 4,000 characters."))
    names = {name.rstrip(".") for name in MENTION.findall(re.sub(r"\S+@\S+", "", text))}
    known = {
        a.user.username: a
        for a in Actor.objects.filter(user__username__in=names, is_active=True).select_related(
            "user"
        )
        if a.user
    }
    if unknown := sorted(names - known.keys()):
        raise Invalid(
            _("No colleague with the user name %(names)s.") % {"names": ", ".join(unknown)}
        )
    comment = Comment.objects.create(subject_ref=subject_ref, by=by, text=text, at=now)
    Mention.objects.bulk_create(
        [Mention(comment=comment, actor=a, url=url) for a in known.values() if a.pk != by.pk]
    )
    return comment


@transaction.atomic(savepoint=False)
def see_mentions(*, subject_ref: str, by: Actor, now: datetime) -> int:
    """Note that somebody has looked at what they were named in; return how many."""
    unseen = Mention.objects.filter(actor=by, seen_at=None, comment__subject_ref=subject_ref)
    return unseen.update(seen_at=now)
