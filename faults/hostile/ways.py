"""The ways by which files come in, each as a person, a program or a mail takes it, and how it comes out there."""

import base64
import hashlib
import hmac
import json
import re
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from faults.hostile.browser import Page, Upload, form_of, sentence_with, told
from faults.hostile.file import HEAD, PAST, HostileFile, zipped
from faults.hostile.house import Answer, House
from faults.hostile.mails import letter
from faults.hostile.seed import SECRET

OF_SKUS = (
    b"code,name,category,barcode,weight_g,tax_class\n"  # as many headings as a file of orders has
)
FETCHED = 10 * 1024 * 1024  # bytes of one mail that are fetched
ANSWERED_S, STOPPED_S = (
    5.0,
    5.0,
)  # for a job to have begun on its rows, and to end when it is asked to
PREVIEW = re.compile(r"^/orders/files/(\d+)/$")
JOB = re.compile(r"^/jobs/(\d+)/$")
JOB_ROW = """
SELECT status <> 'running', status, error, deaths, done + failed, coalesce(result ->> 'figures', '')
FROM erp_job WHERE id = %s
"""
MESSAGE_ROW = """
SELECT m.status <> 'received', m.id, m.status, m.cause, m.attempts, m.order_id, d.id, m.params::text
FROM orders_incomingmessage m JOIN erp_channel c ON c.id = m.channel_id
LEFT JOIN orders_orderdraft d ON d.message_id = m.id
WHERE c.code = %s AND m.delivery = %s
"""


@dataclass(frozen=True)
class Came:
    """How a file came out of a way: as `verdict.Seen` has it."""

    status: int
    outcome: str
    reason: str = ""
    named: bool = False
    tries: int = 1


@dataclass(frozen=True)
class Way:
    """A way in. `kinds` are those of the files that it takes."""

    name: str
    kinds: frozenset[str]
    send: Callable[[House, HostileFile, bytes], Came]


# Pages


def order_page(house: House, file: HostileFile, data: bytes) -> Came:
    """Hand over a file of orders, and look at what its columns say."""
    page = _handed_over(house, file, data)
    if page.status == 200 and PREVIEW.match(page.path):
        return Came(page.worst, "read", named=_shown_name(file) in told(page))
    return _refused(page, file)


def order_job(house: House, file: HostileFile, data: bytes) -> Came:
    """Hand over a file of orders, and have it tried with the columns that are proposed."""
    page = _handed_over(house, file, data)
    if not PREVIEW.match(page.path):
        return _refused(page, file)
    begun = house.browser.post(page.path, form_of(page) | {"verb": "try"})
    if JOB.match(begun.path):
        return _job(house, begun, file)
    why = sentence_with(begun, "column") or sentence_with(begun, _shown_name(file))
    return Came(begun.worst, "refused", why, _shown_name(file) in told(begun))


def sheet_job(house: House, file: HostileFile, data: bytes) -> Came:
    """Hand over a sheet of SKUs."""
    upload = Upload("file", file.name, data.replace(HEAD, OF_SKUS))
    return _job(house, house.browser.post("/data/skus/", {"encoding": ""}, upload), file)


def import_job(house: House, file: HostileFile, data: bytes) -> Came:
    """Hand over past orders."""
    fields = {"channel": "file", "layout": "throughline"}
    upload = Upload("file", file.name, data.replace(HEAD, PAST))
    return _job(house, house.browser.post("/imports/new/", fields, upload), file)


def in_archive(house: House, file: HostileFile, data: bytes) -> Came:
    """Hand over past orders with the file inside an archive, beside one that is good."""
    return import_job(
        house,
        HostileFile(file.title, "archive", "packed.zip", file.make),
        zipped({file.name: data.replace(HEAD, PAST)}),
    )


def inbox_page(house: House, file: HostileFile, data: bytes) -> Came:
    """Hand over a purchase order or a mail in the inbox."""
    page = house.browser.post(
        "/orders/inbox/hand-over/", {"channel": "file"}, Upload("file", file.name, data)
    )
    saved = f"{_shown_name(file)} is saved" in told(page)
    if not saved:
        return _refused(page, file)
    return _message(house, "file", _sum(data), page.worst, named=True)


def logo(house: House, file: HostileFile, data: bytes) -> Came:
    """Choose a logo for the company's papers."""
    where = "/admin/erp/company/1/change/"
    page = house.browser.get(where)
    sent = house.browser.post(where, form_of(page), Upload("logo", file.name, data))
    if sent.path != where:
        return Came(sent.worst, "read", named=True)
    return _refused(sent, file)


def _handed_over(house: House, file: HostileFile, data: bytes) -> Page:
    upload = Upload("file", file.name, data)
    return house.browser.post("/orders/files/hand-over/", {"channel": "file"}, upload)


def _shown_name(file: HostileFile) -> str:
    """What a file is called by whoever takes it: the last part of what its sender calls it."""
    return file.name.rpartition("/")[2][:60]


def _refused(page: Page, file: HostileFile) -> Came:
    sentence = sentence_with(page, _shown_name(file))
    reason = sentence or (told(page)[:160] if page.status >= 400 else "")
    return Came(page.worst, "refused", reason, named=bool(sentence))


def _job(house: House, begun: Page, file: HostileFile) -> Came:
    """What became of the job whose page was opened, or why there is none."""
    found = JOB.match(begun.path)
    if begun.status != 200 or found is None:
        return _refused(begun, file)
    row = house.settled(JOB_ROW, [found[1]], ANSWERED_S)
    if row and row[1] == "running" and row[4]:
        return _stopped(house, begun, found[1])
    if row and row[1] == "running":
        row = house.settled(JOB_ROW, [found[1]])
    assert row is not None
    _over, status, error, deaths, rows, figures = row
    page = house.browser.get(begun.path)
    name = _shown_name(file)
    worst, named = max(begun.worst, page.worst), name in told(page)
    if status == "running":
        return Came(worst, "waiting", error, named, deaths)
    if status == "done":
        came = "read" if rows or _has_rows(figures) else "lost"
        return Came(worst, came, error, named, deaths + 1)
    is_shown = bool(error) and error.split("\n")[0][:60].strip() in told(page)
    return Came(
        worst, "parked" if deaths else "refused", error if is_shown else "", named, max(1, deaths)
    )


def _stopped(house: House, begun: Page, job: str) -> Came:
    """A long file that is being taken in, row by row, and shown to be: whoever began it may stop it."""
    shown = house.browser.get(begun.path)
    asked = house.browser.post(f"/jobs/{job}/stop/", {})
    row = house.settled(JOB_ROW, [job], STOPPED_S)
    ended = row is not None and row[1] == "stopped"
    worst = max(begun.worst, shown.worst, asked.worst)
    return Came(
        worst, "read" if ended else "waiting", "", named=True, tries=1 + (row[3] if row else 0)
    )


def _has_rows(figures: str) -> bool:
    counted = json.loads(figures) if figures else {}
    return any(isinstance(value, int) and value for value in counted.values())


# Programs and mails


def api_document(house: House, file: HostileFile, data: bytes) -> Came:
    """Submit a purchase order or a mail."""
    answer = house.post("channels/web/messages", data, {"Content-Type": "application/octet-stream"})
    if answer.status not in {200, 202}:
        return _problem(answer)
    return _message(house, "web", _sum(data), answer.status, named=True)


def api_letter(house: House, file: HostileFile, data: bytes) -> Came:
    """Submit a mail that has the file attached."""
    return api_document(house, file, letter(f"{file.title} by API", [(file.name, data)]))


def webhook(house: House, file: HostileFile, data: bytes) -> Came:
    """Send what a shop sends, with its signature."""
    delivery = uuid.uuid4().hex
    seal = base64.b64encode(hmac.digest(SECRET.encode(), data, hashlib.sha256)).decode()
    heads = {
        "shopify": {
            "X-Shopify-Topic": "orders/create",
            "X-Shopify-Hmac-Sha256": seal,
            "X-Shopify-Webhook-Id": delivery,
        },
        "woocommerce": {
            "X-WC-Webhook-Topic": "order.created",
            "X-WC-Webhook-Signature": seal,
            "X-WC-Webhook-Delivery-ID": delivery,
        },
    }[file.kind]
    answer = house.post(
        f"channels/{file.kind}/webhooks/{file.kind}",
        data,
        {"Content-Type": "application/json", **heads},
    )
    if answer.status != 200:
        return _problem(answer)
    if file.kind == "woocommerce":
        delivery = f"{delivery}:{_sum(data)}"
    return _message(house, file.kind, delivery, answer.status, named=True)


def api_order(house: House, file: HostileFile, data: bytes) -> Came:
    """Place an order."""
    return _problem(house.post("orders", data, _json_heads()))


def api_bulk(house: House, file: HostileFile, data: bytes) -> Came:
    """Place orders in bulk."""
    body = b'{"orders":[' + data + b"]}"
    return _problem(house.post("orders/bulk", body, _json_heads()))


def by_mail(house: House, file: HostileFile, data: bytes) -> Came:
    """Let a mail lie in the mailbox that is fetched from."""
    house.mailbox.put(data)
    house.fetch_mail()
    return _message(house, "mail", _sum(data[:FETCHED]), 200, named=False)


def in_letter(house: House, file: HostileFile, data: bytes) -> Came:
    """Let a letter that has the file attached lie in the mailbox."""
    return by_mail(house, file, letter(f"{file.title} by mail", [(file.name, data)]))


def _json_heads() -> Mapping[str, str]:
    return {"Content-Type": "application/json", "Idempotency-Key": uuid.uuid4().hex}


def _sum(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def _problem(answer: Answer) -> Came:
    """A refusal, which the one call is told; what was taken of a body that was made to break is read."""
    if 200 <= answer.status < 300:
        return Came(answer.status, "read", named=True)
    reason = str(answer.document.get("detail") or answer.document.get("title") or "")
    return Came(answer.status, "refused", reason, named=True)


def _message(house: House, channel: str, delivery: str, status: int, *, named: bool) -> Came:
    """What became of a message, and what a person is told of it who looks."""
    row = house.settled(MESSAGE_ROW, [channel, delivery])
    if row is None:
        return Came(status, "lost")
    _over, pk, state, cause, attempts, order, draft, params = row
    page = house.browser.get(f"/orders/inbox/{pk}/")
    reason = told(page) if cause else ""
    named = named or page.status == 200
    worst, tries = max(status, page.worst), max(1, attempts)
    if state == "received":
        return Came(worst, "waiting", params, named, tries)
    if state == "processed":
        is_known = bool(order or draft or cause)
        return Came(worst, "read" if is_known else "lost", cause, named, tries)
    said = _said_of(page, cause)
    return Came(worst, "held" if state == "held" else "parked", said or reason[:0], named, tries)


def _said_of(page: Page, cause: str) -> str:
    """The words of a cause as the message's page says them; "" where it says none."""
    found = re.search(r'(?s)<div class="card notice" role="status">(.*?)</div>', page.text)
    words = told(page._replace(text=found[1])).strip() if found else ""
    return f"{cause}: {words}" if words else ""


TABLES, ARCHIVES, OTHERS = frozenset({"table"}), frozenset({"archive"}), frozenset({"picture"})
DOCUMENTS = frozenset({"document", "mail"})
SHOPS, JSON = frozenset({"shopify", "woocommerce"}), frozenset({"json"})
WAYS = (
    Way("page", TABLES | ARCHIVES, order_page),
    Way("page", DOCUMENTS, inbox_page),
    Way("page", OTHERS, logo),
    Way("job", TABLES, sheet_job),
    Way("order job", TABLES, order_job),
    Way("import job", TABLES | ARCHIVES, import_job),
    Way("archive", TABLES, in_archive),
    Way("api", DOCUMENTS, api_document),
    Way("api", SHOPS, webhook),
    Way("api", JSON, api_order),
    Way("api bulk", JSON, api_bulk),
    Way("api", TABLES | ARCHIVES | OTHERS, api_letter),
    Way("mail", frozenset({"mail"}), by_mail),
    Way("mail", TABLES | ARCHIVES | OTHERS | {"document"} | SHOPS, in_letter),
)


def ways_of(file: HostileFile) -> list[Way]:
    """The ways that take a file of this kind, in their order."""
    return [way for way in WAYS if file.kind in way.kinds]
