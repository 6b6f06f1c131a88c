"""The person, in five places that know of them; and what of them stands in what the product answers."""

import io
import re
import zipfile
from typing import Any, NamedTuple

from pypdf import PdfReader


class Person(NamedTuple):
    """Who an order is for, as one source says it: each of its words is like nothing else in the world."""

    name: str
    mail: str
    phone: str
    street: str
    city: str
    postcode: str

    @property
    def address(self) -> dict[str, str]:
        return {
            "name": self.name,
            "line1": self.street,
            "line2": "",
            "city": self.city,
            "region": "",
            "postal_code": self.postcode,
            "country": "CN",
            "phone": self.phone,
        }

    @property
    def buyer(self) -> dict[str, str]:
        return {"name": self.name, "email": self.mail, "phone": self.phone}


WEB = Person(
    "Quintessa Vanterpool",
    "zq.ladder@canary-web.example",
    "+8613912340987",
    "77 Kestrelhof",
    "Brindlemouth",
    "518907",
)
BILLED = Person("Oswaldine Fennimarch", "", "", "5 Thornwickel", "Dunhollowby", "710643")
# The same phone, told by another channel. Staff found that they are one customer: what else each channel was told
# is its own.
SHOP = Person(
    "Quintessa Marrowgate",
    "vx.anchor@canary-shop.example",
    "+8613912340987",
    "12 Pelloway",
    "Cragendale",
    "430971",
)
LETTER = Person("Isembard Trelawney", "kw.candle@canary-mail.example", "", "9 Ospreyquay", "", "")
FILE = Person(
    "Wilhemina Dragontree",
    "jh.saddle@canary-file.example",
    "+8613756780123",
    "31 Lintelbrook",
    "Oakminster",
    "250617",
)
WORDS = {
    "note": "heronnote leave it with the porter",
    "gift": "heronmetadata",
    "company": "Larkspurian Trading",
    "wish_mail": "bookkeeping@canary-wish.example",
    "wish_address": "88 Ledgerhof",
    "wish_phone": "02166778899",
    "bank": "Bank of Wrenfield",
    "account": "6222998877665544",
    "tax_id": "GB-HERON-4471-0093",
    "customer_note": "heroncustomernote",
    "return_note": "heronreturnnote",
    "comment": "heroncomment",
    "subject": "heronsubject",
    "blocked": "blocked@canary-blocked.example",
    "exempt_id": "DE136695976",
    "asked_id": "FR40303265045",
    # Of the customer whom the channel of files alone knows.
    "file_note": "heronfilenote",
    "file_id": "IT00743110157",
}
SAID = {"web": WEB, "billed": BILLED, "shop": SHOP, "letter": LETTER, "file": FILE}
SHARED = {("shop", "phone")}  # the same as web's: counted there


def _plain(text: str) -> str:
    """A text without what only lays it out: papers break words, people space out numbers."""
    return re.sub(r"[\s\u200b\u200e\u200f\u2066-\u2069\-]+", "", text).lower()


def _canaries() -> dict[str, str]:
    found = {name: _plain(text) for name, text in WORDS.items()}
    for source, person in SAID.items():
        for field, value in person._asdict().items():
            if value and (source, field) not in SHARED:
                found[f"{source}.{field}"] = _plain(value).removeprefix("+86")
    # A first name alone tells them as well.
    found["web.name"], found["shop.name"] = "vanterpool", "marrowgate"
    return found


CANARIES = _canaries()


def text_of(answer: Any) -> str:
    """All that an answer says, whatever it is written in."""
    body = b"".join(answer.streaming_content) if answer.streaming else bytes(answer.content)
    return str(answer.headers) + text_in(body)


def text_in(body: bytes) -> str:
    if body.startswith(b"%PDF"):
        return "\n".join(page.extract_text() for page in PdfReader(io.BytesIO(body)).pages)
    if body.startswith(b"PK\x03\x04"):
        with zipfile.ZipFile(io.BytesIO(body)) as book:
            return "\n".join(book.read(name).decode("utf-8", "replace") for name in book.namelist())
    return body.decode("utf-8", "replace")


def seen_in(text: str) -> set[str]:
    """Which of the person's words stand in a text."""
    plain = _plain(text)
    return {name for name, word in CANARIES.items() if word in plain}
