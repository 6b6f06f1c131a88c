"""Writes down what signing in, second factors and passwords tell by their signals."""

from allauth.account import signals as account
from allauth.mfa import signals as factors
from django.contrib.auth import get_user_model
from django.contrib.auth.models import AbstractBaseUser
from django.contrib.auth.signals import user_login_failed
from django.db import connection
from django.db.models import Q

from erp.once import perform
from erp.security.actions import record_security_event

SAID = {
    account.user_logged_out: "sign_out",
    account.password_set: "password_changed",
    account.password_changed: "password_changed",
    account.password_reset: "password_reset",
    factors.authenticator_added: "second_factor_added",
    factors.authenticator_removed: "second_factor_removed",
    factors.authenticator_reset: "second_factor_added",
    factors.authentication_failed: "second_factor_failed",
}


def record_sign_in(kind: str, user: AbstractBaseUser | None, /, **facts: object) -> None:
    """Record in a transaction of its own, or in the one that is open."""
    actor = getattr(getattr(user, "actor", None), "pk", None) if user and user.pk else None
    write = record_security_event if connection.in_atomic_block else _performed
    write(kind=kind, actor=actor, facts=facts)


def _performed(**given: object) -> None:
    perform(record_security_event, **given)


def _signed_in(user: AbstractBaseUser | None = None, **_rest: object) -> None:
    record_sign_in("sign_in", user)


def _failed(credentials: dict[str, object] | None = None, **_rest: object) -> None:
    """A sign-in that failed: of somebody there is, whose; never what was typed."""
    given = credentials or {}
    name = str(given.get("username") or given.get("email") or given.get("login") or "")
    found = name and get_user_model().objects.filter(Q(username=name) | Q(email=name)).first()
    record_sign_in("sign_in_failed", None, **({"user": found.pk} if found else {}))


def _connect() -> None:
    account.user_logged_in.connect(_signed_in, weak=False, dispatch_uid="security")
    user_login_failed.connect(_failed, weak=False, dispatch_uid="security")
    for signal, kind in SAID.items():

        def said(user: AbstractBaseUser | None = None, kind: str = kind, **_rest: object) -> None:
            record_sign_in(kind, user)

        signal.connect(said, weak=False, dispatch_uid="security")


_connect()
