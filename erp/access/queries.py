"""Loads actors in one statement each, with everything `may()` needs."""

import hashlib
from datetime import datetime
from typing import TypeVar

from allauth.mfa.models import Authenticator
from django.db import connection
from django.db.models import Exists, Model, QuerySet, Subquery
from django.utils.translation import gettext as _

from erp.access.models import Actor, Channel, Company, SignInPolicy, User
from erp.access.roles import rights_of
from erp.effects.models import EffectsPause
from erp.errors import NotAllowed, NotFound
from erp.remembered import remembered

M = TypeVar("M", bound=Model)

FACTORS = (Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN)  # recovery codes alone are none


@remembered
def own_company() -> Company:
    """The merchant's company; one without a name where nobody has described it yet."""
    return Company.objects.filter(pk=1).first() or Company()


def own_currency() -> str:
    """The currency that the company keeps its books in, ISO 4217."""
    return Company.objects.filter(pk=1).values_list("currency", flat=True).first() or "CNY"


def hash_of(secret: str) -> str:
    """Hash an API key with SHA-256. Keys carry 192 random bits, so no slow hash is needed."""
    return hashlib.sha256(secret.encode()).hexdigest()


def actor_of_key(secret: str, *, now: datetime) -> Actor | None:
    """Return the actor of an API key with its channel; None if unknown, revoked or expired.

    A database function: every API call comes through here, and planning the join anew each
    time took five times as long as running it.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT * FROM erp_actor_of_key(%s, %s)", [hash_of(secret), now])
        row = cursor.fetchone()
    if row is None:
        return None
    channel = Channel(
        id=row[4],
        code=row[5],
        name=row[6],
        kind=row[7],
        currency=row[8],
        language=row[9],
        time_zone=row[10],
        is_active=row[11],
    )
    actor = Actor(id=row[0], kind=row[1], name=row[2], role=row[3], channel=channel)
    actor.verbs = rights_of(actor.role, tuple(row[12]))
    actor.rate_per_minute = row[13]
    return actor


def actor_of_user(user_id: int) -> Actor | None:
    """Return the actor of a signed-in person; None when deactivated."""
    policy = SignInPolicy.objects.filter(pk=1)
    actor = (
        Actor.objects.select_related("user", "channel")
        .filter(user_id=user_id, is_active=True, user__is_active=True)
        .annotate(
            masks_for_all=Exists(Company.objects.filter(masks_contacts=True)),
            effects_paused=Exists(EffectsPause.objects.filter(resumed_at=None)),
            has_second_factor=Exists(
                Authenticator.objects.filter(user_id=user_id, type__in=FACTORS)
            ),
            second_factor_roles=Subquery(policy.values("second_factor_roles")),
            allowed_networks=Subquery(policy.values("allowed_networks")),
        )
        .first()
    )
    if actor is not None:
        actor.verbs = rights_of(actor.role)
        actor.masks = getattr(actor, "masks_for_all", False)
        if actor.masks:  # even from those who may see contacts at once
            actor.verbs -= {"customers.contact"}
    return actor


@remembered
def job_actor(name: str) -> Actor:
    """Return the actor that background work of this name runs as (made by `manage.py prepare`)."""
    actor = Actor.objects.get(kind=Actor.Kind.JOB, name=name)
    actor.verbs = rights_of(actor.role)
    return actor


def may(actor: Actor, right: str) -> bool:
    """Tell whether an actor has a right such as "orders.hold". Never queries."""
    return right in actor.verbs


def require(actor: Actor, right: str) -> None:
    """Raise NotAllowed unless the actor has the right."""
    if right not in actor.verbs:
        raise NotAllowed(f"{actor.name} has no right to {right.replace('.', ': ')}.")


def require_channel(actor: Actor, channel_id: int | None) -> None:
    """Raise NotAllowed for a channel that is not the actor's own. Who has none, as staff, acts on every channel.

    Every verb on a channel asks it (tests/architecture/test_channels.py): the stock feed of a channel could be
    pointed elsewhere by any other channel's key as long as only the edges knew whose it was.
    """
    if actor.channel_id is not None and actor.channel_id != channel_id:
        raise NotAllowed(_("This key belongs to another channel."))


def of_own_channel(rows: QuerySet[M], actor: Actor, field: str = "channel_id") -> QuerySet[M]:
    """What of some rows an actor may know of: those of their channel, and all for who has none.

    field   where a row says of which channel it is
    """
    return rows if actor.channel_id is None else rows.filter(**{field: actor.channel_id})


def own_channel(actor: Actor, code: str) -> Channel:
    """The channel of this code. Raises NotFound where there is none, and for a key on any but its own alike."""
    found = of_own_channel(Channel.objects.filter(code=code), actor, "pk").first()
    if found is None:
        raise NotFound
    return found


def sign_history(actor: Actor) -> None:
    """Name who changes master data in this transaction: the history's triggers write it down."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('throughline.actor', %s, true)", [str(actor.pk)])


def channel_by_code(code: str) -> Channel:
    """Return the channel with this code; raises Channel.DoesNotExist."""
    return Channel.objects.get(code=code)


def anybody_signs_in() -> bool:
    """Whether an owner is there who has chosen a password."""
    owners = User.objects.filter(is_active=True, actor__role="owner", actor__is_active=True)
    return any(owner.has_usable_password() for owner in owners)


def owner_named(username: str) -> User | None:
    """The owner who signs in by this name; None where there is none, or where they may not."""
    owners = User.objects.filter(is_active=True, actor__role="owner", actor__is_active=True)
    return owners.filter(username=username).first()
