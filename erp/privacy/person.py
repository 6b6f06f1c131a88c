"""Finds a person in the database: the ids of what is theirs, and the words that name them."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any, cast
from urllib.parse import quote

import phonenumbers
from django.db import connection

from erp.privacy.declarations import sets
from erp.search import normal, words

Found = Mapping[str, list[Any]]

SHORTEST = 3  # a shorter word names nobody, unless it is written in characters
SHORTEST_PHONE = 7


def find_person(customer_ids: Collection[int]) -> dict[str, list[Any]]:
    """What is known of the person that some customers are: sets of ids, texts and words, by name.

    contacts    e-mail addresses and phone numbers, as they are written here and there
    traces      by what they are found in files: contacts, whole names, numbers of their orders
    lowered     every word that names the person, in small letters: contacts, names, streets, notes
    like        those that are surely theirs, as patterns
    """
    found: dict[str, list[Any]] = {"asked": sorted(customer_ids)}
    with connection.cursor() as cursor:
        for name, sql in sets():
            cursor.execute(sql, found)
            values = [value for (value,) in cursor.fetchall() if value not in (None, "")]
            found[name] = [*found.get(name, []), *values]
    contacts = _contacts(found["emails"], found["phones"])
    names = [name for name in found["names"] if _tells(name, 5)]
    lines = [line.strip() for text in found["words"] for line in str(text).splitlines()]
    told = {*contacts, *found["names"], *lines}
    found["contacts"] = contacts
    found["traces"] = sorted({*contacts, *names, *found["numbers"]})
    found["lowered"] = sorted({word.lower() for word in told if _tells(word)})
    found["like"] = [f"%{_escaped(word.lower())}%" for word in sorted({*contacts, *names})]
    found["name_words"] = sorted({w for name in found["names"] for w in _name_words(name)})
    return found


def _contacts(emails: Sequence[str], phones: Sequence[str]) -> list[str]:
    spelled = {*emails, *(quote(email, safe="") for email in emails)}
    for phone in phones:
        spelled |= {phone, phone.lstrip("+"), *_national(phone)}
    return sorted(word for word in spelled if len(word) >= SHORTEST_PHONE)


def _national(phone: str) -> Sequence[str]:
    try:
        return [str(phonenumbers.parse(phone, None).national_number)]
    except phonenumbers.NumberParseException:
        return []


def _name_words(name: str) -> Sequence[str]:
    return cast(Sequence[str], [*normal(name).split(), *words(name)])


def _tells(word: str, least: int = SHORTEST) -> bool:
    return len(word.strip()) >= (2 if not word.isascii() else least)


def _escaped(word: str) -> str:
    return word.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
