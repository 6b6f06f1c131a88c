"""Making people, API keys and the actors behind them."""

import secrets
from collections.abc import Sequence
from datetime import datetime

from django.db import transaction

from erp.access.models import Actor, ApiKey, Channel, Company, User
from erp.access.queries import hash_of, require
from erp.access.roles import ROLES, unknown_scopes
from erp.errors import Invalid

JOBS = ("relay", "importer", "scheduler", "demo", "storefront")


@transaction.atomic(savepoint=False)
def create_api_key(
    *,
    channel_id: int,
    name: str,
    scopes: Sequence[str] = (),
    rate_per_minute: int | None = None,
    by: Actor,
    now: datetime,
) -> str:
    """Make an API key for a channel and return its secret: the only time it can be read.

    scopes   rights ("orders.view"), or nouns ("orders", "orders:read"); empty means all
             that an API client of the channel may do
    Raises Invalid when a scope names nothing.
    """
    require(by, "settings.edit")
    if unknown := unknown_scopes(tuple(scopes)):
        raise Invalid(f"Unknown scopes: {', '.join(unknown)}.")
    secret = f"sk_{secrets.token_urlsafe(24)}"
    actor = Actor.objects.create(
        kind=Actor.Kind.API_KEY, name=name, role="api_client", channel_id=channel_id
    )
    ApiKey.objects.create(
        actor=actor,
        prefix=secret[:10],
        secret_hash=hash_of(secret),
        scopes=list(scopes),
        rate_per_minute=rate_per_minute,
        created_at=now,
    )
    return secret


@transaction.atomic(savepoint=False)
def add_person(
    *, username: str, name: str, email: str, role: str, password: str | None, by: Actor
) -> Actor:
    """Add somebody who signs in. Without a password they must set one by a one-time link."""
    require(by, "settings.edit")
    if role not in ROLES or role in {"system", "api_client"}:
        raise Invalid(f"Unknown role: {role}.")
    user = User(username=username, email=email, first_name=name, is_staff=role == "owner")
    user.is_superuser = role == "owner"
    user.set_password(password)
    user.save()
    return Actor.objects.create(kind=Actor.Kind.PERSON, name=name, role=role, user=user)


@transaction.atomic(savepoint=False)
def first_owner(*, by: Actor) -> User | None:
    """The owner of a new installation while they have no password yet; made when there is nobody."""
    if not User.objects.exists():
        add_person(username="owner", name="Owner", email="", role="owner", password=None, by=by)
    owner = User.objects.order_by("pk").first()
    return owner if owner and not owner.has_usable_password() else None


@transaction.atomic(savepoint=False)
def change_passwords(*, usernames: Sequence[str], password: str) -> int:
    """Give these people one password: the demo's sign-ins share theirs."""
    people = list(User.objects.filter(username__in=usernames))
    for user in people:
        user.set_password(password)
        user.save(update_fields=["password"])
    return len(people)


@transaction.atomic(savepoint=False)
def set_webhook_secret(*, channel_id: int, secret: str, by: Actor) -> Channel:
    """Set the secret that a channel's incoming webhooks are signed with."""
    require(by, "settings.edit")
    channel = Channel.objects.select_for_update().get(pk=channel_id)
    channel.webhook_secret = secret
    channel.save(update_fields=["webhook_secret"])
    return channel


@transaction.atomic(savepoint=False)
def ensure_ground() -> None:
    """Make the rows every installation needs: one actor per background job, the company."""
    for name in JOBS:
        Actor.objects.get_or_create(kind=Actor.Kind.JOB, name=name, defaults={"role": "system"})
    Company.objects.get_or_create(pk=1)


@transaction.atomic(savepoint=False)
def prefer(*, by: Actor, language: str = "", theme: str = "") -> None:
    """Remember how a person likes the dashboard; "" leaves a preference as it is."""
    changes = {}
    if language:
        changes["language"] = language
    if theme in {"light", "dark"}:
        changes["theme"] = theme
    if changes and by.user_id:
        User.objects.filter(pk=by.user_id).update(**changes)
