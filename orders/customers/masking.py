"""Masks names, phones and addresses for people who need not see them whole."""

from erp.access.models import Actor

CLEAR = "customers.contact"  # who has this right sees everything at once


REVEAL = "customers.reveal"  # who has this one asks, and is written down


STAR = "*"


def sees_contacts(actor: Actor) -> bool:
    """Tell whether somebody sees contacts unmasked without asking."""
    return CLEAR in actor.verbs


def masked_name(name: str) -> str:
    """The first letter of each word: "李娜" is "李*", "Sophie Martin" is "S* M*"."""
    return " ".join(word[0] + STAR for word in name.split())


def masked_phone(phone: str) -> str:
    """The last four digits, and the first three of a long one: "13800001234" is "138****1234"."""
    text = phone.strip()
    if len(text) <= 4:
        return STAR * len(text)
    head = 3 if len(text) > 9 else 0
    return text[:head] + STAR * (len(text) - head - 4) + text[-4:]


def masked_email(email: str) -> str:
    """The first letter and the domain: "sophie@example.com" is "s*@example.com"."""
    name, at, domain = email.partition("@")
    return f"{name[:1]}{STAR}{at}{domain}" if at else masked_name(email)


def masked_identity(kind: str, value: str) -> str:
    """What a customer is recognised by, masked as its kind is."""
    if kind == "email":
        return masked_email(value)
    return masked_phone(value) if kind == "phone" else value
