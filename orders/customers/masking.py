"""Masks names, phones and e-mail addresses; `orders.customers.readers` decides for whom."""

STAR = "*"


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


def masked_number(number: str) -> str:
    """The last four of a tax id or an account: "GB123456789" is "*******6789"."""
    text = number.strip()
    return STAR * max(0, len(text) - 4) + text[-4:] if len(text) > 4 else STAR * len(text)
