"""Creates people, API keys, channels and their actors."""

import secrets
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import TypeVar

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Model
from django.utils.translation import gettext as _

from erp.access.models import Actor, ApiKey, Channel, Company, User
from erp.access.queries import hash_of, require, sign_history
from erp.access.roles import ROLES, unknown_scopes
from erp.errors import Conflict, FieldError, Invalid, NotFound
from erp.queries import find_one
from erp.visible import is_blank
from erp.zone_names import is_zone

M = TypeVar("M", bound=Model)
CHANGE_OVER = timedelta(days=1)  # both secrets of incoming webhooks hold that long
JOBS = ("relay", "importer", "intake", "scheduler", "demo", "storefront")


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
    sign_history(by)
    if unknown := unknown_scopes(tuple(scopes)):
        raise Invalid(f"Unknown scopes: {', '.join(unknown)}.")
    secret = f"sk_{secrets.token_urlsafe(24)}"
    actor = Actor.objects.create(
        kind=Actor.Kind.API_KEY, name=_visible(name), role="api_client", channel_id=channel_id
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


def _visible(name: str) -> str:
    """A name without its outer blanks. Raises Invalid for one of which nothing can be seen."""
    if is_blank(name):
        raise Invalid(errors=[FieldError("/name", "blank", _("Nothing of it can be seen."))])
    return name.strip()


@transaction.atomic(savepoint=False)
def add_person(
    *, username: str, name: str, email: str, role: str, password: str | None, by: Actor
) -> Actor:
    """Add somebody who signs in. Without a password they must set one by a one-time link."""
    require(by, "settings.edit")
    sign_history(by)
    if role not in ROLES or role in {"system", "api_client"}:
        raise Invalid(f"Unknown role: {role}.")
    name = _visible(name)
    user = User(username=username, email=email, first_name=name, is_staff=role == "owner")
    user.is_superuser = role == "owner"
    user.set_password(password)
    user.save()
    return Actor.objects.create(kind=Actor.Kind.PERSON, name=name, role=role, user=user)


@transaction.atomic(savepoint=False)
def first_owner(
    *, username: str = "owner", name: str = "Owner", email: str = "", by: Actor
) -> User | None:
    """Return the owner of a new installation without a password; create one when nobody exists."""
    if not User.objects.exists():
        add_person(username=username, name=name, email=email, role="owner", password=None, by=by)
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
def set_webhook_secret(*, channel_id: int, secret: str, by: Actor, now: datetime) -> Channel:
    """Set the secret that a channel's incoming webhooks are signed with.

    The one before is taken for a day longer, so that a sender can change over without a loss.
    """
    require(by, "settings.edit")
    channel = Channel.objects.select_for_update().get(pk=channel_id)
    if channel.webhook_secret and channel.webhook_secret != secret:
        channel.previous_secret, channel.previous_until = (
            channel.webhook_secret,
            now + CHANGE_OVER,
        )
    channel.webhook_secret = secret
    channel.save(update_fields=["webhook_secret", "previous_secret", "previous_until"])
    return channel


@transaction.atomic(savepoint=False)
def ensure_ground() -> None:
    """Make the rows every installation needs: one actor per background job, the company."""
    for name in JOBS:
        Actor.objects.get_or_create(kind=Actor.Kind.JOB, name=name, defaults={"role": "system"})
    Company.objects.get_or_create(pk=1)


EDITABLE = {
    Channel: ("name", "currency", "language", "time_zone", "is_active", "tells_customers"),
    Company: (
        "name",
        "tax_id",
        "address",
        "phone",
        "email",
        "currency",
        "time_zone",
        "masks_contacts",
    ),
}


@transaction.atomic(savepoint=False)
def open_channel(
    *, code: str = "", kind: str = "", by: Actor, now: datetime, **fields: object
) -> Channel:
    """Add a channel that orders can come from. Raises Invalid naming the fields that are wrong."""
    require(by, "settings.edit")
    sign_history(by)
    return save_checked(Channel(code=code, kind=kind, **fields))


@transaction.atomic(savepoint=False)
def change_channel(*, channel_id: int, by: Actor, now: datetime, **fields: object) -> Channel:
    """Change a channel's name, currency, language or zone, or switch it off. Its code stays."""
    require(by, "settings.edit")
    sign_history(by)
    channel = find_one(Channel.objects.select_for_update().filter(pk=channel_id))
    for name in EDITABLE[Channel]:
        if name in fields:
            setattr(channel, name, fields[name])
    return save_checked(channel)


@transaction.atomic(savepoint=False)
def change_company(*, by: Actor, now: datetime, **fields: object) -> Company:
    """Change the merchant's own profile, which every document prints."""
    require(by, "settings.edit")
    sign_history(by)
    company = Company.objects.select_for_update().get(pk=1)
    for name in EDITABLE[Company]:
        if name in fields:
            setattr(company, name, fields[name])
    return save_checked(company)


@transaction.atomic(savepoint=False)
def change_person(*, actor_id: int, role: str, is_active: bool, by: Actor, now: datetime) -> Actor:
    """Give a person another role, or switch them off: their sign-ins end at once.

    Raises Conflict for oneself, so that an installation keeps somebody who may change settings.
    """
    require(by, "settings.edit")
    sign_history(by)
    person = (
        Actor.objects.select_for_update(of=("self",))
        .select_related("user")
        .filter(pk=actor_id, kind="person")
        .first()
    )
    if person is None or person.user is None:
        raise NotFound
    if person.pk == by.pk:
        raise Conflict(_("Somebody else must change your own role."))
    if role not in ROLES or role in {"system", "api_client"}:
        raise Invalid(f"Unknown role: {role}.")
    person.role, person.is_active = role, is_active
    person.save(update_fields=["role", "is_active"])
    user = person.user
    user.is_active = is_active
    user.is_staff = user.is_superuser = role == "owner"
    user.save(update_fields=["is_active", "is_staff", "is_superuser"])
    return person


@transaction.atomic(savepoint=False)
def revoke_api_key(*, key_id: int, by: Actor, now: datetime) -> ApiKey:
    """End an API key: its next call is refused."""
    require(by, "settings.edit")
    sign_history(by)
    key = find_one(ApiKey.objects.select_for_update().filter(pk=key_id))
    if key.revoked_at is None:
        key.revoked_at = now
        key.save(update_fields=["revoked_at"])
    return key


def save_checked(row: M) -> M:
    """Save a row of master data that its own field rules allow; raises Invalid naming the fields."""
    try:
        row.full_clean()
    except ValidationError as error:
        raise Invalid(
            _("Some fields are not right."),
            errors=[
                FieldError(f"/{name}", "invalid", " ".join(texts))
                for name, texts in error.message_dict.items()
            ],
        ) from error
    row.save()
    return row


THEMES = {"system": "", "light": "light", "dark": "dark"}
DENSITIES = {"normal": "", "comfortable": "comfortable"}


@transaction.atomic(savepoint=False)
def prefer(
    *,
    by: Actor,
    language: str = "",
    theme: str = "",
    density: str = "",
    shortcuts: str = "",
    time_zone: str = "",
) -> None:
    """Save a person's dashboard preferences; "" leaves one unchanged.

    Raises Invalid for a time zone that does not exist.
    """
    changes: dict[str, object] = {}
    if language:
        changes["language"] = language
    if theme in THEMES:
        changes["theme"] = THEMES[theme]
    if density in DENSITIES:
        changes["density"] = DENSITIES[density]
    if shortcuts in {"on", "off"}:
        changes["shortcuts"] = shortcuts == "on"
    if time_zone:
        if not is_zone(time_zone):
            raise Invalid(_("There is no time zone called %(name)s.") % {"name": time_zone[:40]})
        changes["time_zone"] = time_zone
    if changes and by.user_id:
        User.objects.filter(pk=by.user_id).update(**changes)
