"""Creates people, API keys, channels and their actors."""

import secrets
from collections.abc import Sequence
from datetime import datetime, timedelta
from ipaddress import ip_network
from typing import TypeVar

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Model
from django.utils.translation import gettext as _

from erp.access.account_mails import queue_account_mail, tell_owners, tell_secret
from erp.access.key_purposes import DEFAULT_PURPOSE, OF_SCOPES, PURPOSES
from erp.access.models import AccountMail, Actor, ApiKey, Channel, Company, SignInPolicy, User
from erp.access.queries import hash_of, require, sign_history
from erp.access.roles import STAFF, unknown_scopes
from erp.access.sign_in_policy import is_allowed_from
from erp.errors import Conflict, FieldError, Invalid, NotFound
from erp.queries import find_one
from erp.security.actions import record_security_event
from erp.visible import is_blank
from erp.zone_names import is_zone

M = TypeVar("M", bound=Model)
LONGEST = timedelta(days=3653)  # that an API key may live
CHANGE_OVER = timedelta(days=1)  # both secrets of incoming webhooks hold that long
JOBS = ("relay", "importer", "intake", "scheduler", "demo", "storefront")


@transaction.atomic(savepoint=False)
def create_api_key(
    *,
    channel_id: int,
    name: str,
    purpose: str = "",
    scopes: Sequence[str] = (),
    rate_per_minute: int | None = None,
    expires_at: datetime | None = None,
    by: Actor,
    now: datetime,
) -> str:
    """Make an API key for a channel and return its secret: the only time it can be read.

    purpose           what it is for, of `PURPOSES`; "" is a storefront, or with scopes just those
    scopes            rights ("orders.view"), or nouns ("orders", "orders:read"), that narrow the purpose
    rate_per_minute   calls a minute, and `expires_at` when it ends: None for what is usual of the purpose

    Owners are mailed. Raises Invalid when a scope names nothing, the purpose does not exist, or the end is past.
    """
    require(by, "settings.edit")
    sign_history(by)
    if unknown := unknown_scopes(tuple(scopes)):
        raise Invalid(f"Unknown scopes: {', '.join(unknown)}.")
    only_scopes = bool(scopes) and not purpose
    usual = OF_SCOPES if only_scopes else PURPOSES.get(purpose or DEFAULT_PURPOSE)
    if usual is None:
        raise Invalid(errors=[FieldError("/purpose", "unknown", ", ".join(PURPOSES))])
    if expires_at is not None and not now < expires_at <= now + LONGEST:
        why = _("It has to be in the future, within ten years.")
        raise Invalid(errors=[FieldError("/expires_at", "out-of-range", why)])
    secret = f"sk_{secrets.token_urlsafe(24)}"
    actor = Actor.objects.create(
        kind=Actor.Kind.API_KEY, name=_visible(name), role=usual.role, channel_id=channel_id
    )
    ApiKey.objects.create(
        actor=actor,
        prefix=secret[:10],
        secret_hash=hash_of(secret),
        scopes=list(scopes),
        rate_per_minute=rate_per_minute or usual.rate_per_minute,
        made_by=by if by.kind == Actor.Kind.PERSON else None,
        created_at=now,
        expires_at=expires_at or now + timedelta(days=usual.days),
    )
    tell_owners(
        kind=AccountMail.Kind.KEY_MADE, detail=f"{actor.name} ({usual.name}), {secret[:10]}…"
    )
    facts = {"key": actor.pk, "channel": channel_id, "role": usual.role, "scopes": list(scopes)}
    record_security_event(kind="key_made", actor=by.pk, facts=facts)
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
    if role not in STAFF:
        raise Invalid(f"Unknown role: {role}.")
    name = _visible(name)
    user = User(username=username, email=email, first_name=name, is_staff=role == "owner")
    user.is_superuser = role == "owner"
    user.set_password(password)
    user.save()
    person = Actor.objects.create(kind=Actor.Kind.PERSON, name=name, role=role, user=user)
    facts = {"person": person.pk, "role": role}
    record_security_event(kind="person_added", actor=by.pk, facts=facts)
    told = f"{name} ({username}), {person.role_name}"
    tell_owners(kind=AccountMail.Kind.PERSON_ADDED, detail=told)
    return person


@transaction.atomic(savepoint=False)
def first_owner(
    *, username: str = "owner", name: str = "Owner", email: str = "", by: Actor
) -> User | None:
    """Return the owner of a new installation without a password; create one when nobody exists."""
    if not User.objects.exists():
        add_person(username=username, name=name, email=email, role="owner", password=None, by=by)
    owner = User.objects.order_by("pk").first()
    if owner is None or owner.has_usable_password():
        return None
    if email and owner.email != email:  # asked again because the first link went nowhere
        owner.email = email
        owner.save(update_fields=["email"])
    return owner


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
    told = _("Incoming webhooks of %(channel)s") % {"channel": channel.name}
    tell_secret(what=told, facts={"channel": channel_id}, by=by)
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

    API keys that they made go on working, since a shop must not stop when somebody leaves; owners are told which.
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
    if role not in STAFF:
        raise Invalid(f"Unknown role: {role}.")
    _note_change(person, role, is_active, by, now)
    person.role, person.is_active = role, is_active
    person.save(update_fields=["role", "is_active"])
    user = person.user
    user.is_active = is_active
    user.is_staff = user.is_superuser = role == "owner"
    if not is_active:
        user.session_salt = secrets.token_urlsafe(12)  # switched on again, they sign in again
    user.save(update_fields=["is_active", "is_staff", "is_superuser", "session_salt"])
    queue_account_mail(user=user, kind=AccountMail.Kind.ACCOUNT_CHANGED, detail=_standing(person))
    return person


def _standing(person: Actor) -> str:
    return str(person.role_name) if person.is_active else _("Switched off")


@transaction.atomic(savepoint=False)
def end_sessions(*, actor_id: int, by: Actor, now: datetime) -> Actor:
    """Sign a person out everywhere: oneself, or anybody for who may change settings."""
    if actor_id != by.pk:
        require(by, "settings.edit")
    person = find_one(Actor.objects.select_related("user").filter(pk=actor_id, kind="person"))
    User.objects.filter(actor=person).update(session_salt=secrets.token_urlsafe(12))
    record_security_event(kind="sessions_ended", actor=by.pk, facts={"person": person.pk})
    return person


@transaction.atomic(savepoint=False)
def change_sign_in_policy(
    *,
    second_factor_roles: Sequence[str],
    allowed_networks: Sequence[str],
    by: Actor,
    now: datetime,
    from_address: str = "",
) -> SignInPolicy:
    """Say which roles need a second factor, and from which networks people may sign in (none: from anywhere).

    from_address   where this is asked from; a person cannot shut themselves out

    Raises Invalid naming a role or network that is none.
    """
    require(by, "settings.edit")
    sign_history(by)
    if unknown := set(second_factor_roles) - set(STAFF):
        raise Invalid(_("There is no role called %(name)s.") % {"name": ", ".join(sorted(unknown))})
    networks = [_network(text) for text in allowed_networks]
    if from_address and not is_allowed_from(from_address, networks):
        raise Invalid(
            _("Your own address, %(address)s, is in none of these networks: you would be shut out.")
            % {"address": from_address}
        )
    policy, _made = SignInPolicy.objects.update_or_create(
        pk=1,
        defaults={
            "second_factor_roles": sorted(second_factor_roles),
            "allowed_networks": networks,
        },
    )
    facts = {"roles": sorted(second_factor_roles), "networks": networks}
    record_security_event(kind="sign_in_policy_changed", actor=by.pk, facts=facts)
    told = ", ".join([*policy.second_factor_roles, *networks])
    tell_owners(kind=AccountMail.Kind.SIGN_IN_POLICY_CHANGED, detail=told)
    return policy


def _network(text: str) -> str:
    """A network as it is written once. Raises Invalid naming what is none."""
    try:
        return str(ip_network(text.strip(), strict=False))
    except ValueError:
        raise Invalid(
            errors=[
                FieldError(
                    "/allowed_networks",
                    "invalid",
                    _(
                        "%(text)s is no network: write an address such as 203.0.113.7, or 203.0.113.0/24."
                    )
                    % {"text": text.strip()[:50]},
                )
            ]
        ) from None


def _note_change(person: Actor, role: str, is_active: bool, by: Actor, now: datetime) -> None:
    """Record what is about to change of a person's rights, and which keys that they made go on working."""
    if person.role != role:
        facts = {"person": person.pk, "before": person.role, "after": role}
        record_security_event(kind="role_changed", actor=by.pk, facts=facts)
    if person.is_active != is_active:
        kind = "person_enabled" if is_active else "person_disabled"
        keys = ApiKey.objects.filter(made_by=person, revoked_at=None).exclude(expires_at__lte=now)
        facts = {"person": person.pk, "keys": list(keys.values_list("actor_id", flat=True))}
        record_security_event(kind=kind, actor=by.pk, facts=facts)


@transaction.atomic(savepoint=False)
def revoke_api_key(*, key_id: int, by: Actor, now: datetime) -> ApiKey:
    """End an API key: its next call is refused."""
    require(by, "settings.edit")
    sign_history(by)
    key = find_one(ApiKey.objects.select_for_update().filter(pk=key_id))
    if key.revoked_at is None:
        key.revoked_at = now
        key.save(update_fields=["revoked_at"])
        tell_owners(kind=AccountMail.Kind.KEY_REVOKED, detail=f"{key.actor.name}, {key}")
        record_security_event(kind="key_revoked", actor=by.pk, facts={"key": key.actor_id})
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
