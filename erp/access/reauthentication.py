"""Knows when somebody last proved who they are: by a password, a second factor, or at their identity provider."""

import time
from collections.abc import Mapping
from typing import TypedDict

from allauth.account import app_settings
from allauth.account.internal.flows.login import (
    AUTHENTICATION_METHODS_SESSION_KEY,
    get_authentication_records,
)
from django.http import HttpRequest

CLOCKS_APART_S = 60.0  # as far as a provider's clock may be from ours
Stated = Mapping[str, Mapping[str, object]]


class Record(TypedDict, total=False):
    """How and when somebody authenticated in this session, as allauth notes it; `proved_at` is ours."""

    method: str
    at: float
    proved_at: float


def records_of(request: HttpRequest) -> list[Record]:
    """How whoever is signed in authenticated in this session, the latest last."""
    records: list[Record] = get_authentication_records(request, request.user)
    return records


def must_reauthenticate(request: HttpRequest, *, to_fill_in: bool = False) -> bool:
    """Whether somebody must prove again who they are: it is longer ago than `REAUTHENTICATE_AFTER_S`.

    to_fill_in   they open a form: half of that time is theirs to fill it in

    It asks nothing about how they could: whoever had neither password nor second factor here (single sign-on alone)
    was once let through for that reason, and an owner's open session made keys for anybody who sat down at it.
    """
    latest = max((_proved_at(record) for record in records_of(request)), default=0.0)
    holds_for: float = app_settings.REAUTHENTICATION_TIMEOUT / (2 if to_fill_in else 1)
    return time.time() - latest >= holds_for


def _proved_at(record: Record) -> float:
    """When this proved who somebody is; 0 where it is not known that they were asked.

    A provider lets whoever sits at a browser in again by its own cookie, asking nothing: one click more, and an
    open session was a fresh one.
    """
    if record["method"] == "socialaccount":
        return record.get("proved_at", 0.0)
    return record["at"]


def proved_at_provider(stated: Stated, *, asked_at: float | None = None) -> float | None:
    """When a provider says that it authenticated somebody, in seconds since the epoch; None where that is not shown.

    stated     what allauth keeps of it: {"id_token": claims, "userinfo": claims}, either may be missing
    asked_at   when they were sent there to sign in anew, with `prompt=login` and `max_age=0`; None where they were not

    OpenID Connect Core 1.0, 2: with `max_age` a token has to say `auth_time`. Some providers never do (Google, or
    Entra ID unless it is told to): they are believed where they were asked for a new sign-in, and there alone.
    """
    claims, now = stated.get("id_token") or {}, time.time()
    subjects = {said["sub"] for said in (claims, stated.get("userinfo") or {}) if "sub" in said}
    if len(subjects) > 1:
        return None  # 5.3.2: what is said of another subject than the token's is not used
    given = claims.get("auth_time")
    if given is None:
        return now if asked_at is not None else None
    if isinstance(given, bool) or not isinstance(given, int | float) or not given >= 0:
        return None
    if asked_at is not None and given < asked_at - CLOCKS_APART_S:
        return None  # it let them in by its cookie all the same
    return float(min(given, now))


def note_proof(request: HttpRequest, proved_at: float) -> None:
    """Write into the session's newest record when a provider authenticated somebody."""
    records = records_of(request)
    if records and records[-1]["method"] == "socialaccount":
        records[-1]["proved_at"] = proved_at
        request.session[AUTHENTICATION_METHODS_SESSION_KEY] = records
