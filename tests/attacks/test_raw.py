"""Bodies that are no JSON: purchase orders, letters and shipping notices, of a key that may send them."""

import base64
import re
from collections.abc import Iterator, Mapping
from functools import partial
from html import escape
from typing import Any
from urllib.parse import quote

import pytest
from django.test import Client

from orders.intake.inbox.tasks import read_some
from orders.models import IncomingMessage
from tests.attacks.attacker import Attacker
from tests.attacks.plan import some, some_of
from tests.attacks.test_uploads import CONTENTS
from tests.attacks.values import HEADERS, TEXTS
from tests.contract.operations import OPERATIONS
from tests.contract.world import World
from tests.orders.intake.mail.test_letters import LETTER, mail

pytestmark = pytest.mark.django_db

# Operations whose body is no JSON, and those that are not looked at for one.
RAW = {"post /api/v1/channels/{code}/messages", "post /api/v1/channels/{code}/shipstation"}
BODILESS = {
    "post /api/v1/channels/{code}/messages/{message}/replay",
    "post /api/v1/webhook-endpoints/{endpoint}/pause",
    "post /api/v1/webhook-endpoints/{endpoint}/resume",
}
UBL = (
    '<?xml version="1.0"?><Order xmlns="urn:oasis:names:specification:ubl:schema:xsd:Order-2"'
    ' xmlns:c="urn:oasis:names:specification:ubl:schema:xsd:CommonBasicComponents-2"'
    ' xmlns:a="urn:oasis:names:specification:ubl:schema:xsd:CommonAggregateComponents-2">'
    "<c:ID>A-1</c:ID><c:IssueDate>2026-03-01</c:IssueDate>"
    "<c:DocumentCurrencyCode>CNY</c:DocumentCurrencyCode>"
    "<a:BuyerCustomerParty><a:Party><a:PartyName><c:Name>Buyer</c:Name></a:PartyName></a:Party>"
    "</a:BuyerCustomerParty><a:Delivery><a:DeliveryAddress><c:StreetName>Main</c:StreetName>"
    "<c:CityName>Town</c:CityName><c:PostalZone>200040</c:PostalZone><a:Country>"
    "<c:IdentificationCode>CN</c:IdentificationCode></a:Country></a:DeliveryAddress></a:Delivery>"
    "<a:OrderLine><a:LineItem><c:ID>1</c:ID><c:Quantity>2</c:Quantity>"
    "<c:LineExtensionAmount>79.80</c:LineExtensionAmount><a:Price><c:PriceAmount>39.90"
    "</c:PriceAmount></a:Price><a:Item><c:Name>Tea</c:Name><a:SellersItemIdentification>"
    "<c:ID>TEA-001</c:ID></a:SellersItemIdentification></a:Item></a:LineItem></a:OrderLine></Order>"
)
X12 = (
    "ISA*00*          *00*          *ZZ*BUYER          *ZZ*US             *260301*1200*U*00401"
    "*000000001*0*P*>~GS*PO*BUYER*US*20260301*1200*1*X*004010~ST*850*0001~BEG*00*SA*A-1**20260301~"
    "CUR*BY*CNY~N1*ST*Buyer~N3*Main 1~N4*Town**200040*CN~PO1*1*2*EA*39.90**VP*TEA-001~CTT*1~"
    "SE*9*0001~GE*1*1~IEA*1*000000001~"
)
EDIFACT = (
    "UNB+UNOC:3+BUYER+US+260301:1200+1'UNH+1+ORDERS:D:96A:UN'BGM+220+A-1+9'DTM+137:20260301:102'"
    "NAD+DP+++Buyer+Main 1+Town++200040+CN'CUX+2:CNY:9'LIN+1++TEA-001:SA'QTY+21:2'PRI+AAA:39.90'"
    "UNS+S'UNT+10+1'UNZ+1+1'"
)
NOTICE = (
    '<?xml version="1.0"?><ShipNotice><OrderNumber>%s</OrderNumber><Items><Item><SKU>TEA-001</SKU>'
    "<LineItemID></LineItemID><Quantity>1</Quantity></Item></Items></ShipNotice>"
)
KINDS = ("", "application/xml", "text/plain", "application/edifact", "message/rfc822", "a/b")


def test_every_body_that_is_no_json_is_tried():
    told = {one.name for one in OPERATIONS if one.method == "post" and one.body is None}

    assert told == RAW | BODILESS


def parts_of(text: str, pattern: str) -> Iterator[tuple[int, int]]:
    """Where in a document the values stand."""
    for found in re.finditer(pattern, text):
        yield found.span(1)


def documents(at: str) -> Iterator[tuple[str, str, bytes, str]]:
    """(where, which value, body, content type) of each hostile document."""
    for value, content in some(CONTENTS, 4, f"{at} whole"):
        for kind in KINDS[:3]:
            yield f"{at} whole", value, content, kind
    texts: Mapping[str, tuple[str, str]] = {
        "ubl": (UBL, r">([^<>]+)<"),
        "x12": (X12, r"\*([^*~]+)"),
        "edifact": (EDIFACT, r"[+:]([^+:']+)"),
    }
    for name, (text, pattern) in texts.items():
        spans = {str(n): span for n, span in enumerate(parts_of(text, pattern))}
        for number in some_of(list(spans), 6, f"{at} {name}"):
            place, (start, end) = f"{at} {name} {number}", spans[number]
            for value, word in some(TEXTS, 1, place, full=4):
                said = escape(word) if name == "ubl" else word
                yield place, value, (text[:start] + said + text[end:]).encode(), ""
    for value, word in some(TEXTS, 1, f"{at} letter", full=8):
        yield f"{at} letter", value, mail(word), "message/rfc822"
        yield f"{at} letter", f"{value} within", mail(f"{LETTER}\n{word}"), "message/rfc822"
        line = word.replace("\n", " ").replace("\r", " ")
        for header in ("From", "Subject", "Message_ID", "In_Reply_To", "Date", "Content_Type"):
            yield f"{at} letter {header}", value, mail(LETTER, **{header: line}), "message/rfc822"


@pytest.fixture
def client(api) -> Client:
    api.client.raise_request_exception = False
    made: Client = api.client
    return made


def test_a_document_may_be_anything(client, shop, attacker: Attacker):
    """What is taken in is read at once: a reader that fails over it is a miss as well."""

    def sent(body: bytes, kind: str) -> Any:
        path = "/api/v1/channels/web/messages"
        answer = client.post(path, body, content_type=kind or "application/octet-stream")
        if answer.status_code < 300:
            while read_some():
                pass
            failed = IncomingMessage.objects.filter(cause="error").order_by("-pk").first()
            assert failed is None, failed.params if failed else ""
        return answer

    for text in (UBL, X12, EDIFACT):
        assert sent(text.encode(), "").status_code == 202
    with attacker.place():
        for at, value, body, kind in documents("document"):
            attacker.attack(at, value, partial(sent, body, kind), is_api=True)


STORE = "/api/v1/channels/web/shipstation"
SPAN = {"start_date": "01/01/2020 00:00", "end_date": "01/01/2030 00:00"}


def _asked(said: Mapping[str, str]) -> str:
    return f"{STORE}?" + "&".join(f"{name}={quote(word)}" for name, word in said.items())


def test_a_shipping_program_may_say_anything(client, world: World, attacker: Attacker):
    """Whose first parameter is wrong is refused before the others are looked at: each is tried beside good ones."""
    number = world.order["number"]
    asks = {"action": "export", "page": "1"} | SPAN
    tells = {"action": "shipnotify", "order_number": number, "carrier": "sf"}
    tells |= {"tracking_number": "D-1", "service": "x"}
    notice = (NOTICE % number).encode()
    secret = client.defaults["HTTP_AUTHORIZATION"].removeprefix("Bearer ")
    assert client.get(_asked(asks)).status_code == 200
    with attacker.place():
        for name in asks:
            at = f"shipstation export ?{name}"
            for value, word in some(TEXTS, 3, at):
                sent = partial(client.get, _asked(asks | {name: word}))
                attacker.attack(at, value, sent, is_api=True)
        for name in tells:
            at = f"shipstation notice ?{name}"
            for value, word in some(TEXTS, 3, at):
                address = _asked(tells | {name: word})
                sent = partial(client.post, address, notice, content_type="text/xml")
                attacker.attack(at, value, sent, is_api=True)
        text = NOTICE % number
        for place, (start, end) in enumerate(parts_of(text, r"<(?:\w+)>([^<>]*)</")):
            at = f"shipstation notice {place}"
            for value, word in some(TEXTS, 3, at):
                said = (text[:start] + escape(word) + text[end:]).encode()
                sent = partial(client.post, _asked(tells), said, content_type="text/xml")
                attacker.attack(at, value, sent, is_api=True)
        for value, content in some(CONTENTS, 6, "shipstation notice whole"):
            for kind in KINDS:
                sent = partial(client.post, _asked(tells), content, content_type=kind or "a/b")
                attacker.attack("shipstation notice whole", value, sent, is_api=True)
        for value, word in some(HEADERS["Authorization"], 4, "shipstation pair"):
            for user in (word, f"shipstation:{word}", f":{secret}{word}"):
                pair = base64.b64encode(user.encode()).decode()
                headers = {"Authorization": f"Basic {pair}"}
                sent = partial(client.get, _asked(asks), headers=headers)
                answer = attacker.attack("shipstation pair", value, sent, is_api=True)
                if answer is not None and answer.status_code < 400 and user != f":{secret}":
                    attacker.miss("shipstation pair", value, [f"{answer.status_code}"])
