"""Parses e-mails: sender, new text, attachments, and whether a person wrote it."""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from email import policy
from email.message import EmailMessage
from email.parser import BytesParser
from email.utils import parseaddr
from html import unescape
from typing import IO, cast

import msgspec

from erp.encodings import guess, seven_bit, utf_16
from erp.sandbox.call import read_in_sandbox
from erp.sandbox.limits import IN_TURN, ReaderStopped
from orders.intake.mail.hidden import visible
from orders.intake.messages.foreign_json import Unreadable, number, text

MOST_PARTS, MOST_DEPTH = 200, 30
MOST_BOUNDS = 5_000  # lines that may begin a part: parsing takes time for each, read or not
MOST_TEXT = 200_000
LOST = "\ufffd"  # stands for a character that was lost: 1, NUL, 0 is no ten
MOST_HEADER = 20_000  # characters of one header: parsing takes time as its square


# What begins the mail that is being answered, below which nothing is new.
QUOTED = re.compile(
    r"^(?:"
    r"\s*>.*"
    r"|\s*-{2,}\s*(?:original message|forwarded message|ursprüngliche nachricht|message d'origine"
    r"|原始邮件|转发邮件|исходное сообщение)\s*-{2,}.*"
    r"|\s*_{10,}\s*"
    r"|\s*on\s.{6,120}\bwrote:\s*"
    r"|\s*le\s.{6,120}\ba écrit\s*:\s*"
    r"|\s*am\s.{6,120}\bschrieb.{0,60}:\s*"
    r"|\s*(?:el|il|op|den)\s.{6,120}(?:escribió|ha scritto|schreef|skrev).{0,20}:?\s*"
    r"|.{0,80}(?:在|于).{4,60}写道\s*[:：].*"
    r"|\s*\d{1,4}[./-]\d{1,2}[./-]\d{1,4}.{0,80}(?:wrote|пишет|写道)?\s*:\s*"
    r"|\s*\*?from:\*?\s.{3,120}@.{0,80}"
    r"|\s*(?:发件人|von|de|van|от)\s*[:：].{3,120}"
    r"|\s*(?:date|sent|gesendet|日期|发送时间)\s*[:：].{5,120}"
    r"|\s*(?:mon|tue|wed|thu|fri|sat|sun)[a-z]*,?\s.{6,80}(?:от|wrote|<).{2,120}"
    r"|\s*sent from my (?:iphone|ipad|android|mobile).*"
    r")$",
    re.I,
)


SPLIT_WROTE = re.compile(
    r"^\s*(?:on|am|le)\s.{6,160}$", re.I
)  # "On … <mail>" and "wrote:" on the next line


PARCEL = re.compile(
    r"tracking\s*(?:number|id|#)|track\s+(?:your\s+)?(?:package|parcel|shipment|order)|out\s+for\s+delivery|"
    r"your\s+(?:[\w&' .-]{0,40}\s)?(?:package|parcel|shipment|delivery|order\s+#?\d)|"
    r"has\s+(?:been\s+)?(?:shipped|dispatched|delivered)|"
    r"delivery\s+(?:update|exception|manager|attempt)|scheduled\s+for\s+delivery|"
    r"consegna\s+effettuata|(?:è\s+stato\s+)?spedito|"
    r"tuo\s+ordine|sendungsverfolgung|ihr\s+paket|votre\s+colis|"
    r"(?:twoj|prze)\w*\s*(?:paczk|syłk)\w*|doręczeni\w*|kurier|"
    r"einfo|numer\s+przesyłki|su\s+paquete|快递单号|派送中|已签收|运单号",
    re.I,
)


CARRIERS = re.compile(
    r"(?:^|\.)(?:amazon|ups|usps|fedex|dhl|dhlparcel|hermes|myhermes|evri|royalmail|auspost|dpd|gls-group"
    r"|gls|inpost|"
    r"poczta-polska|allegromail|postnl|laposte|colissimo|chronopost|canadapost|purolator|ontrac|correos"
    r"|bpost|post)\.",
    re.I,
)


DANGEROUS = re.compile(
    r"\.(?:zip|rar|7z|ace|arj|iso|img|exe|scr|js|vbs|bat|cmd|jar|lnk|hta|docm|xlsm|gz|cab)$",
    re.I,
)


# 1<b>2</b> is twelve, as it is seen; 1<sup>2</sup> may be twelve, a power or a footnote, and stays raised.
WITHIN = re.compile(
    r"(?i)(?<=\d)(?:</?(?:b|i|u|em|strong|span|font|big|small|mark|ins|code|tt|a|wbr)\b[^<>]{0,500}>){1,20}(?=\d)"
)
RAISED = re.compile(r"(?is)<su([pb])\b[^<>]{0,200}>\s*(\d{1,6})\s*</su[pb]\s*>")
SMALL = {
    "p": str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹"),
    "b": str.maketrans("0123456789", "₀₁₂₃₄₅₆₇₈₉"),
}

GTUBE = "XJS*C4JDBQADN1.NSBN3*2IDNEN*GTUBE-STANDARD-ANTI-UBE-TEST-EMAIL*C.34X"

SCRIPTS = re.compile(
    r"<script\b[^<>]{0,200}application/ld\+json[^<>]{0,200}>(.{0,100000}?)</script>",
    re.I | re.S,
)


@dataclass(frozen=True)
class Attachment:
    name: str
    kind: str  # content type
    body: bytes


@dataclass(frozen=True)
class Mail:
    """A mail, read.

    fresh    what is new in it: quoted mail, and what stands below it, is left out
    is_sure  its texts are in the encoding that they declare, or in UTF-8
    """

    sender: str
    name: str
    subject: str
    message_id: str
    answers: tuple[str, ...]  # ids of the mails it refers to
    fresh: str
    whole: str
    attachments: tuple[Attachment, ...]
    linked_data: tuple[dict[str, object], ...]  # schema.org, as JSON-LD
    headers: dict[str, str]
    is_sure: bool = True


class _Brief(policy.EmailPolicy):
    """Reads no more of a header than anybody writes."""

    def header_fetch_parse(self, name: str, value: str) -> str:
        brief = value[:MOST_HEADER] if isinstance(value, str) else value
        return super().header_fetch_parse(name, brief)  # type: ignore[no-any-return]  # the standard library says Any


_BRIEF = _Brief()


HEADERS = (
    "From",
    "Subject",
    "Message-ID",
    "In-Reply-To",
    "References",
    "Auto-Submitted",
    "Precedence",
    "List-Id",
    "List-Unsubscribe",
    "X-Spam-Flag",
    "X-Spam-Status",
    "Return-Path",
    "X-Autoreply",
)


# What the standard library raises for mails that strangers broke.
BROKEN = (
    ValueError,
    LookupError,
    TypeError,
    AttributeError,
    IndexError,
    RecursionError,
    AssertionError,
)


def read_received(raw: bytes) -> Mail:
    """Have a received mail read in the sandbox. Raises Unreadable where it is none."""
    try:
        found = list(
            read_in_sandbox(f"{__name__}:plain_mail", raw, refusals=[Unreadable], limits=IN_TURN)
        )
        return msgspec.convert(found[0], Mail)
    except ReaderStopped as stopped:
        raise Unreadable("reader_stopped", why=stopped.reason) from stopped


def plain_mail(stream: IO[bytes]) -> Iterator[Mail]:
    """Give the one mail that a file is; runs in the sandbox."""
    yield read_mail(stream.read())


def read_mail(raw: bytes) -> Mail:
    """Read a mail however it was put together. Raises Unreadable where it is none."""
    if raw.count(b"\n--") > MOST_BOUNDS:
        raise Unreadable("too_much", what="MIME")
    try:
        message = cast(EmailMessage, BytesParser(policy=_BRIEF).parsebytes(raw))
        headers = {name: text(message.get(name), 500) for name in HEADERS}
        parts = list(_parts(message))
    except BROKEN as error:
        raise Unreadable("not_a_mail", why="MIME") from error
    if not headers["From"] and not headers["Subject"]:
        raise Unreadable("not_a_mail", why="From")
    plain = next((t for kind, t, _is_sure in parts if kind == "text/plain"), "")
    page = next((t for kind, t, _is_sure in parts if kind == "text/html"), "")
    whole = plain if plain.strip() else as_text(page)
    name, address = parseaddr(headers["From"])
    return Mail(
        sender=text(address, 254).lower(),
        name=text(name, 200),
        subject=headers["Subject"],
        message_id=headers["Message-ID"],
        whole=whole[:MOST_TEXT],
        answers=tuple(
            re.findall(r"<[^<>\s]{3,200}>", headers["In-Reply-To"] + headers["References"])
        ),
        fresh=fresh_text(whole[:MOST_TEXT]),
        attachments=tuple(_attachments(message)),
        linked_data=tuple(_linked_data(page)),
        headers=headers,
        is_sure=all(is_sure for _kind, _text, is_sure in parts),
    )


def _walk(message: EmailMessage, depth: int = 0) -> Iterator[EmailMessage]:
    yield message
    if message.is_multipart() and depth < MOST_DEPTH:
        for part in message.iter_parts():
            yield from _walk(part, depth + 1)  # type: ignore[arg-type]


def _parts(message: EmailMessage) -> Iterator[tuple[str, str, bool]]:
    """The texts of a mail: (content type, text, whether it is in no encoding but the one it was read in)."""
    for count, part in enumerate(_walk(message)):
        if count > MOST_PARTS:
            return
        kind = part.get_content_type()
        if kind in {"text/plain", "text/html"} and part.get_content_disposition() != "attachment":
            yield kind, *_decoded(part)


def _decoded(part: EmailMessage) -> tuple[str, bool]:
    payload = part.get_payload(decode=True) or b""
    assert isinstance(payload, bytes)
    switched = seven_bit(payload)
    if switched and (part.get_content_charset() or "us-ascii") in {"us-ascii", "ascii", "utf-8"}:
        return payload.decode(switched.encoding, "replace"), switched.is_sure
    wide = utf_16(payload) if 4 * payload.count(0) > len(payload) else None
    for name in (*([wide] if wide else []), part.get_content_charset() or "utf-8", "utf-8"):
        known = "gb18030" if name.lower() in {"gb2312", "gbk"} else name
        try:
            return payload.decode(known).replace("\x00", LOST), True
        except (LookupError, UnicodeDecodeError):
            continue
    found = guess(payload)
    return payload.decode(found.encoding, "replace").replace("\x00", LOST), found.is_sure


def _attachments(message: EmailMessage) -> Iterator[Attachment]:
    for count, part in enumerate(_walk(message)):
        if count > MOST_PARTS:
            return
        name = text(part.get_filename(), 200)
        if not part.is_multipart() and (name or part.get_content_disposition() == "attachment"):
            payload = part.get_payload(decode=True)
            yield Attachment(
                name, part.get_content_type(), payload if isinstance(payload, bytes) else b""
            )


def _linked_data(page: str) -> Iterator[dict[str, object]]:
    for script in SCRIPTS.findall(page[: 4 * MOST_TEXT]):
        try:
            value = json.loads(script)
        except (ValueError, RecursionError):
            continue
        for each in value if isinstance(value, list) else [value]:
            if isinstance(each, dict):
                yield each


def as_text(page: str) -> str:
    """What an HTML page says, quoted mail marked as such, nothing of its markup."""
    page = visible(page[: 4 * MOST_TEXT])
    page = re.sub(
        r"(?is)<(script|style|head)\b[^<]{0,200}>.{0,100000}?</\1\s*>",
        " ",
        page[: 4 * MOST_TEXT],
    )
    page = re.sub(
        r'(?is)<blockquote\b|<div[^>]*class="?(?:gmail_quote|moz-cite-prefix|OutlookMessageHeader)',
        "\n> \n\\g<0>",
        page,
    )
    page = RAISED.sub(lambda found: found[2].translate(SMALL[found[1].lower()]), page)
    page = WITHIN.sub("", page)
    page = re.sub(r"(?i)<(?:br|/p|/div|/tr|/li|/h\d)\b[^>]*>", "\n", page)
    page = unescape(re.sub(r"<[^>]{0,5000}>", " ", page))
    return re.sub(r"[ \t\xa0]+", " ", re.sub(r"\n\s*\n\s*\n+", "\n\n", page)).strip()


def fresh_text(whole: str) -> str:
    """What is new in a mail: everything above what it answers."""
    lines = whole.replace("\r\n", "\n").split("\n")
    for index, line in enumerate(lines):
        both = f"{line.rstrip()} {lines[index + 1].strip()}" if index + 1 < len(lines) else line
        begins = QUOTED.match(line) or (SPLIT_WROTE.match(line) and QUOTED.match(both))
        if begins:
            above = "\n".join(lines[:index]).strip()
            return above or _below(lines[index:])
    return whole.strip()


def _below(lines: Sequence[str]) -> str:
    """What is new where somebody answers below what they quote."""
    kept = [x for x in lines if not x.lstrip().startswith(">") and not QUOTED.match(x)]
    return "\n".join(x for x in kept if not SPLIT_WROTE.match(x) or "@" not in x).strip()


def kind_of(mail: Mail) -> str:
    """What a mail is: spam, automatic, parcel_notice, reply or letter."""
    if _is_spam(mail):
        return "spam"
    is_from_carrier = CARRIERS.search(f".{mail.sender.rpartition('@')[2]}.") is not None
    if is_from_carrier or _tells_of_parcels(mail):
        return "parcel_notice"
    if _is_automatic(mail):
        return "automatic"
    is_reply = bool(mail.answers) or re.match(
        r"\s*(?:re|aw|antw|sv|回复|答复)\s*[:：]", mail.subject, re.I
    )
    return "reply" if is_reply else "letter"


def _is_spam(mail: Mail) -> bool:
    marked = mail.headers["X-Spam-Flag"].upper().startswith("YES") or mail.headers[
        "X-Spam-Status"
    ].lower().startswith("yes")
    carries = any(DANGEROUS.search(a.name) for a in mail.attachments)
    return marked or carries or GTUBE in mail.whole


def _is_automatic(mail: Mail) -> bool:
    submitted = mail.headers["Auto-Submitted"].lower()
    return (
        (submitted not in {"", "no"})
        or mail.headers["Precedence"].lower() in {"bulk", "list", "junk", "auto_reply"}
        or bool(
            mail.headers["List-Id"]
            or mail.headers["List-Unsubscribe"]
            or mail.headers["X-Autoreply"]
        )
        or mail.headers["Return-Path"].strip() == "<>"
        or re.match(
            r"(?:mailer-daemon|postmaster|no-?reply|do-?not-?reply|donotreply)@", mail.sender
        )
        is not None
    )


def _tells_of_parcels(mail: Mail) -> bool:
    """Whether it reads like a parcel notice: in its subject, or twice in what it says."""
    head = re.sub(r"^\s*(?:fwd?|wg|tr|转发)\s*[:：]\s*", "", mail.subject, flags=re.I)
    return PARCEL.search(head) is not None or len(PARCEL.findall(mail.whole[:20_000])) >= 3


def ordered_in(data: Sequence[dict[str, object]]) -> list[tuple[str, str, int]]:
    """What schema.org Order objects ask for: (number or SKU, name, units)."""
    found: list[tuple[str, str, int]] = []
    for thing in data:
        if "Order" not in str(thing.get("@type", "")):
            continue
        offers = thing.get("orderedItem") or thing.get("acceptedOffer") or []
        for offer in offers if isinstance(offers, list) else [offers]:
            if not isinstance(offer, dict):
                continue
            product = offer.get("orderedItem") or offer.get("itemOffered") or {}
            product = product if isinstance(product, dict) else {}
            code = product.get("sku") or offer.get("sku") or offer.get("orderItemNumber") or ""
            found.append(
                (
                    text(code, 60),
                    text(product.get("name") or offer.get("name"), 200),
                    _units_of(offer),
                )
            )
    return found


def _units_of(offer: Mapping[str, object]) -> int:
    """How many units an offer asks for; one where it does not say, 0 where that cannot be read: the draft then asks."""
    stated = offer.get("orderQuantity")
    if stated is None:
        stated = offer.get("eligibleQuantity")
    if isinstance(stated, Mapping):
        stated = stated.get("value")
        if stated is None:
            return 0
    if stated is None:
        return 1
    units = number(stated)
    return int(units) if units is not None and units == int(units) and 0 <= units < 10**6 else 0
