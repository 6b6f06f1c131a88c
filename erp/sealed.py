"""Seals secrets in the database: who reads the tables, or a backup, reads neither a shop's nor a second factor's."""

import base64
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, cast

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.apps import apps
from django.conf import settings
from django.db import connection, models, transaction

MARK = "sealed:"  # before what is sealed; without it a text is in clear, as it was once


class Unreadable(str):
    """A secret that no key of ours opens: empty for whoever would use it, and stored again as it was."""

    def __new__(cls, _stored: str) -> "Unreadable":
        return super().__new__(cls, "")

    def __init__(self, stored: str) -> None:
        self.stored = stored


@lru_cache(maxsize=4)
def _seals(keys: tuple[str, ...]) -> MultiFernet:
    """Seal with the first of these keys, open with any (RFC 5869 derives what Fernet takes)."""
    derived = [
        HKDF(algorithm=SHA256(), length=32, salt=None, info=b"throughline sealed text").derive(
            key.encode()
        )
        for key in keys
    ]
    return MultiFernet([Fernet(base64.urlsafe_b64encode(key)) for key in derived])


def _ours() -> MultiFernet:
    return _seals((settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS))


def seal(text: str) -> str:
    """What is stored of a secret; nothing stays nothing."""
    if isinstance(text, Unreadable):
        return text.stored
    return MARK + _ours().encrypt(text.encode()).decode() if text else ""


def unseal(stored: str) -> str:
    """The secret of what is stored; Unreadable where SECRET_KEY and its fallbacks do not open it."""
    if not stored.startswith(MARK):
        return stored
    try:
        return _ours().decrypt(stored.removeprefix(MARK).encode()).decode()
    except InvalidToken:
        return Unreadable(stored)


class SealedText(models.TextField):  # type: ignore[type-arg]  # it has none when it runs
    """A secret that has to be used as it is, stored sealed. It cannot be searched for."""

    def get_prep_value(self, value: Any) -> Any:
        return seal(value) if isinstance(value, str) else value

    def from_db_value(self, value: str | None, *_: object) -> str | None:
        return value if value is None else unseal(value)


@dataclass(frozen=True)
class Place:
    """Where sealed secrets are: a column of text, or a name in a column of JSON."""

    table: str
    column: str
    name: str = ""

    @property
    def value(self) -> str:
        return f"\"{self.column}\"->>'{self.name}'" if self.name else f'"{self.column}"'

    @property
    def changed(self) -> str:
        """The column with a text in that place."""
        if not self.name:
            return "%s"
        return f"jsonb_set(\"{self.column}\", '{{{self.name}}}', to_jsonb(%s::text))"


# What second factors are checked with, which allauth keeps as JSON (erp/access/second_factors.py).
IN_JSON = (
    Place("mfa_authenticator", "data", "secret"),
    Place("mfa_authenticator", "data", "seed"),
)


def sealed_columns() -> list[Place]:
    """Every column of sealed secrets."""
    return [
        Place(model._meta.db_table, cast(str, field.column))
        for model in apps.get_models()
        for field in model._meta.concrete_fields
        if isinstance(field, SealedText)
    ]


def stored_secrets() -> Iterator[tuple[Place, int, str]]:
    """Every secret as it is stored: its place, row and text."""
    for place in (*sealed_columns(), *IN_JSON):
        with connection.cursor() as cursor:
            cursor.execute(
                f"SELECT id, {place.value} FROM \"{place.table}\" WHERE {place.value} <> ''"
            )
            rows = cursor.fetchall()
        yield from ((place, row, stored) for row, stored in rows)


def count_unreadable() -> int:
    """How many secrets SECRET_KEY and its fallbacks do not open."""
    return sum(isinstance(unseal(stored), Unreadable) for *_, stored in stored_secrets())


def reseal() -> tuple[int, int]:
    """Seal every secret anew with SECRET_KEY itself; return how many were, and how many cannot be read.

    One that somebody changed meanwhile is sealed with it already, and left alone.
    """
    done = lost = 0
    for place, row, stored in stored_secrets():
        text = unseal(stored)
        if isinstance(text, Unreadable):
            lost += 1
            continue
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(
                f'UPDATE "{place.table}" SET "{place.column}" = {place.changed}'
                f" WHERE id = %s AND {place.value} = %s",
                [seal(text), row, stored],
            )
            done += cursor.rowcount
    return done, lost
