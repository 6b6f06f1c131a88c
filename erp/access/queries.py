"""Loading actors, each in one statement, with everything `may()` needs."""

import hashlib
from datetime import datetime

from django.db.models import Q

from erp.access.models import Actor, ApiKey, Channel
from erp.access.roles import rights_of
from erp.errors import NotAllowed


def hash_of(secret: str) -> str:
    """SHA-256 of an API key. Keys carry 192 random bits, so no slow hash is needed."""
    return hashlib.sha256(secret.encode()).hexdigest()


def actor_of_key(secret: str, *, now: datetime) -> Actor | None:
    """The actor behind an API key, its channel loaded; None if unknown, revoked or expired."""
    key = (
        ApiKey.objects.select_related("actor__channel")
        .filter(secret_hash=hash_of(secret), revoked_at=None, actor__is_active=True)
        .filter(Q(expires_at=None) | Q(expires_at__gt=now))
        .first()
    )
    if key is None:
        return None
    key.actor.verbs = rights_of(key.actor.role, tuple(key.scopes))
    key.actor.api_key = key
    return key.actor


def actor_of_user(user_id: int) -> Actor | None:
    """The actor of a signed-in person; None when they were switched off."""
    actor = (
        Actor.objects.select_related("user", "channel")
        .filter(user_id=user_id, is_active=True, user__is_active=True)
        .first()
    )
    if actor is not None:
        actor.verbs = rights_of(actor.role)
    return actor


def job_actor(name: str) -> Actor:
    """The actor that background work of this name runs as (made by `manage.py prepare`)."""
    actor = Actor.objects.get(kind=Actor.Kind.JOB, name=name)
    actor.verbs = rights_of(actor.role)
    return actor


def may(actor: Actor, right: str) -> bool:
    """Whether an actor has a right such as "orders.hold". Never queries."""
    return right in actor.verbs


def require(actor: Actor, right: str) -> None:
    """Raise NotAllowed unless the actor has the right."""
    if right not in actor.verbs:
        raise NotAllowed(f"{actor.name} has no right to {right.replace('.', ': ')}.")


def channel_by_code(code: str) -> Channel:
    """The channel with this code; raises Channel.DoesNotExist."""
    return Channel.objects.get(code=code)
