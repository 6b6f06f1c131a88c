"""Orders by mail: letters become drafts with the words that say so, and nothing is done by itself."""

import csv
import itertools
import json
from contextlib import suppress
from datetime import date

import pytest
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from faults.hostile.mails import letter
from inventory.models import Sku
from orders.intake.inbox.tasks import read_some
from orders.intake.mail.catalogue import Catalogue, Good
from orders.intake.mail.email_orders import read_email_order
from orders.intake.mail.mail import as_text, fresh_text, kind_of, read_mail
from orders.intake.messages.foreign_json import Unreadable
from orders.intake.messages.wording import cause_text
from orders.models import IncomingMessage, Order, OrderDraft
from tests.data import SHARED
from tests.orders.samples import SHOP

DATA = SHARED / "email"


real = pytest.mark.skipif(not DATA.exists(), reason="the real mails are not beside this checkout")


def asked(text, catalogue=SHOP):
    return [(line.sku, line.quantity) for line in read_email_order(text, catalogue).lines]


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        ("- 9 x Green tea", [("TEA-001", 9)]),
        ("* Green Tea – Qty: 2", [("TEA-001", 2)]),
        ("3 units of nightstand snorfors 19", [("NST-19", 3)]),
        ("Nightstand SNÖRFORS 26 – need 7 pcs", [("NST-26", 7)]),
        ("8 pieces: white pot", [("POT-1", 8)]),
        ("POT-1 x 4\nTEA 001 qty 3", [("POT-1", 4)]),
        ("6901234567892 * 2", [("POT-1", 2)]),
        ("绿茶 3 盒；白瓷茶壶 2个", [("TEA-001", 3), ("POT-1", 2)]),
        ("Nightstand SNÖRFORS 27 x 2", []),  # another one: not ours
        ("Grean tea x 2", [("TEA-001", 2)]),
        ("We like your shop. Do you have 3 elephants?", []),
    ],
)
def test_what_is_asked_for(text, lines):
    assert asked(text) == lines


def test_everything_says_which_words_say_so_and_what_to_look_at():
    letter = read_email_order(
        "Hello,\nplease quote 9 x Green tea and\n1 pcs Nightstand SNÖRFORS 19\n"
        "Ship to: Ann Lee, 1 Main St, Springfield\nby June 20, 2026\nKind regards,\nAnn Lee",
        SHOP,
        date(2026, 6, 1),
    )

    assert [(x.sku, x.words) for x in letter.lines] == [
        ("TEA-001", "please quote 9 x Green tea and"),
        ("NST-19", "1 pcs Nightstand SNÖRFORS 19"),
    ]
    assert (letter.name.value, letter.need_by.value) == ("Ann Lee", "2026-06-20")
    assert letter.ship_to.value == "Ann Lee, 1 Main St, Springfield"
    assert letter.is_quote
    assert {issue.code for issue in letter.issues} == {
        "asks_for_a_quote",
        "short",
        "postal_code_missing",
    }


@real
def test_the_real_letters_exactly():
    folder = DATA / "free-text-orders"
    with (folder / "catalogue-extract.csv").open() as stream:
        goods = [
            Good(
                row["Product_Code"],
                row["Product_Name"],
                available=int(row["Available_in_Stock"]),
                least=int(row["Min_Order_Quantity"]),
            )
            for row in csv.DictReader(stream)
        ]
    catalogue = Catalogue(goods)
    for name, expected in json.loads((folder / "reading.ours.json").read_text()).items():
        letter = read_email_order((folder / name).read_text(), catalogue)
        assert [[x.sku, x.quantity] for x in letter.lines] == expected["lines"], name
        assert (letter.name.value, letter.need_by.value) == (
            expected["customer"],
            expected["need_by"],
        )
        assert letter.is_quote == ("quote" in expected.get("kind", ""))
        codes = {issue.code for issue in letter.issues}
        for subject, what in expected["issues"]:
            wanted = (
                "short"
                if "stock" in what
                else "below_least"
                if "minimum" in what
                else "postal_code_missing"
            )
            assert wanted in codes, (name, subject)


@real
@pytest.mark.parametrize(
    "path", sorted((DATA / "parcel-notifications").glob("*.eml")), ids=lambda p: p.stem
)
def test_a_parcel_notice_is_none_of_ours(path):
    assert kind_of(read_mail(path.read_bytes())) == "parcel_notice"


@real
def test_spam_and_bounces_are_no_letters():
    kinds = {}
    for path in (DATA / "hard-mime-mailparser").glob("*.eml"):
        mail = read_mail(path.read_bytes())
        kinds[path.name.partition(".")[0]] = kind_of(mail)
        assert asked(mail.fresh) == []
    assert [kinds[f"mail_test_{n}"] for n in (4, 15, 16)] == ["spam"] * 3
    assert kinds["mail_malformed_2"] == "automatic"


@real
def test_of_an_answer_only_what_is_new_counts():
    for path in (DATA / "replies-talon").glob("standard_replies__*.eml"):
        assert read_mail(path.read_bytes()).fresh == "Hello", path.name
    for path in (DATA / "replies-talon").glob("*.html"):
        text = fresh_text(as_text(path.read_text(errors="replace")))
        assert text.replace("\n", "").replace(" ", "") == "Hi.Iamfine.Thanks,Alex", path.name


@given(
    st.binary(max_size=400)
    | st.text("From: Subject\n\r<>@-=;/abcMIME-Version1.0multipartboundary\x00é", max_size=400).map(
        str.encode
    )
)
def test_nothing_that_comes_as_mail_breaks_the_reader(raw):
    try:
        mail = read_mail(raw)
    except Unreadable:
        return
    assert kind_of(mail) in {"spam", "automatic", "parcel_notice", "reply", "letter"}
    read_email_order(mail.fresh, SHOP)


def test_a_mail_nested_a_thousand_deep_is_refused_or_read():
    raw = b"From: a@b.example\nSubject: x\n"
    for n in range(1000):
        raw += b'Content-Type: multipart/mixed; boundary="b%d"\n\n--b%d\n' % (n, n)
    with suppress(Unreadable):
        read_mail(raw + b"Content-Type: text/plain\n\nhi\n")


_mails = itertools.count(1)


def mail(text, **headers):
    known = {
        "From": "Ann Lee <ann@tea.example>",
        "Subject": "An order",
        "Message-ID": f"<m{next(_mails)}@tea.example>",
    }
    lines = [f"{name.replace('_', '-')}: {value}" for name, value in (known | headers).items()]
    return ("\n".join([*lines, "Content-Type: text/plain; charset=utf-8", "", text])).encode()


LETTER = "Hi,\n- 2 x Green tea\n- 1 x Mug\nShip to: Ann Lee, 1 Main St, Springfield, IL 62704\nThanks,\nAnn Lee"


@pytest.mark.django_db(transaction=True)
class TestDrafts:
    def post(self, api, raw):
        return api.client.post("/api/v1/channels/web/messages", raw, content_type="message/rfc822")

    def read(self):
        while read_some():
            pass

    def test_a_letter_becomes_a_draft_and_a_person_makes_an_order_of_it(
        self, api, shop, sign_in, laws_hold
    ):
        assert self.post(api, mail(LETTER)).status_code == 202
        self.read()

        assert not Order.objects.exists()
        draft = OrderDraft.objects.get()
        assert [(x["sku"], x["quantity"]) for x in draft.reading["lines"]] == [
            ("TEA-001", 2),
            ("MUG-001", 1),
        ]
        client = sign_in("service")
        page = client.get(f"/orders/drafts/{draft.pk}/").content.decode()
        assert "2 x Green tea" in page
        form = client.get(f"/orders/new/?draft={draft.pk}")
        values = form.context["values"]
        assert (values["name"], values["email"]) == ("Ann Lee", "ann@tea.example")
        body = values | {
            "channel": "desk",
            "line1": "1 Main St",
            "city": "Springfield",
            "country": "US",
            "postal_code": "62704",
            "service": "standard",
            "sku": ["TEA-001", "MUG-001"],
            "quantity": ["2", "1"],
        }
        assert client.post("/orders/new/", body).status_code == 302
        draft.refresh_from_db()
        order = Order.objects.get()
        assert (draft.status, draft.order) == ("placed", order)
        assert order.messages.get() == draft.message
        client.post("/orders/new/", body | {"token": "another"})
        assert Order.objects.count() == 1  # somebody has dealt with it
        laws_hold()

    def test_what_is_no_letter_never_becomes_one(self, api, shop):
        for raw in (
            mail("Your parcel", Subject="Your package is out for delivery"),
            mail(LETTER, Auto_Submitted="auto-replied"),
            mail(LETTER, X_Spam_Flag="YES"),
            mail("Nice weather today"),
            mail(
                "ok, ship it\n\nOn Mon, 2 Mar 2026 at 10:00, Us <us@x.example> wrote:\n> 2 x Green tea",
                Subject="Re: x",
            ),
        ):
            self.post(api, raw)
        self.read()

        ends = IncomingMessage.objects.order_by("pk").values_list("status", "cause")
        assert list(ends) == [
            ("processed", "parcel_notice"),
            ("processed", "automatic"),
            ("held", "spam"),
            ("held", "no_goods"),
            ("held", "reply_to_nothing"),
        ]
        assert not OrderDraft.objects.exists()
        assert not Order.objects.exists()

    def test_an_answer_to_our_mail_belongs_to_its_order(self, api, shop, desk_order):
        order, sent = desk_order
        self.post(
            api,
            mail(
                "When does it come?",
                In_Reply_To=f"<message-{sent.pk}@x.example>",
                From=sent.recipient,
            ),
        )
        self.post(
            api,
            mail(
                "And mine?",
                In_Reply_To=f"<message-{sent.pk}@x.example>",
                From="other@x.example",
            ),
        )
        self.read()

        first, second = IncomingMessage.objects.order_by("pk")
        assert (first.status, first.order) == ("processed", order)
        assert (second.status, second.order) == ("held", None)

    def test_a_sheet_that_is_attached_is_read(self, api, shop):
        from email.message import EmailMessage

        message = EmailMessage()
        message["From"], message["Subject"] = "ann@tea.example", "Order"
        message.set_content("As attached.")
        message.add_attachment(
            b"Item,Qty\nGreen tea,12\nMUG-001,3\n",
            maintype="text",
            subtype="csv",
            filename="order.csv",
        )
        self.post(api, message.as_bytes())
        self.read()

        reading = OrderDraft.objects.get().reading
        assert [(x["sku"], x["quantity"]) for x in reading["lines"]] == [
            ("TEA-001", 12),
            ("MUG-001", 3),
        ]

    def attach(self, api, body, name="order.csv", text="As attached."):
        from email.message import EmailMessage

        message = EmailMessage()
        message["From"], message["Subject"] = "ann@tea.example", "Order"
        message.set_content(text)
        message.add_attachment(body, maintype="text", subtype="csv", filename=name)
        self.post(api, message.as_bytes())
        self.read()
        return IncomingMessage.objects.latest("pk")

    @pytest.mark.parametrize(
        ("name", "body", "code"),
        [
            ("a.csv", b"Item,Qty\nMUG-001,3\nTEA\x00,9\n", "attachment_unreadable"),
            ("a.xlsx", b"PK no workbook", "attachment_unreadable"),
            ("a.csv", "Item,Qty\nMUG-001 山田,3\n".encode("cp932"), "encoding_doubtful"),
            ("a.csv", b"Item,Qty\n" + b"MUG-001,3\n" * 2001, "attachment_cut"),
        ],
    )
    def test_what_is_not_read_of_a_sheet_is_named(self, api, shop, name, body, code):
        self.attach(api, body, name, "As attached, and 2 x TEA-001.")
        assert code in {x["code"] for x in OrderDraft.objects.get().reading["issues"]}

    @pytest.mark.parametrize(
        ("sheets", "seconds", "unread"), [(14, 60.0, 4), (3, -1.0, 3)], ids=["many", "slow"]
    )
    def test_sheets_beyond_what_a_letter_may_take_are_named(
        self, api, shop, monkeypatch, sheets, seconds, unread
    ):
        monkeypatch.setattr("orders.intake.mail.attached.SHEETS_S", seconds)
        message = letter(
            "Order",
            [(f"{n}.csv", b"Item,Qty\nMUG-001,3\n") for n in range(sheets)],
            "And 2 x TEA-001.",
        )
        self.post(api, message)
        self.read()
        issues = OrderDraft.objects.get().reading["issues"]
        named = [x["params"]["name"] for x in issues if x["code"] == "attachment_unreadable"]
        assert named == [f"{n}.csv" for n in range(sheets - unread, sheets)]

    def test_rows_beyond_the_text_that_a_letter_is_read_for_are_told(self, api, shop):
        rows = b"MUG-001 " + b"x" * 900 + b",3\n"
        self.attach(api, b"Item,Qty\n" + rows * 40, "a.csv", "As attached, and 2 x TEA-001.")
        issues = OrderDraft.objects.get().reading["issues"]
        (cut,) = [x["params"] for x in issues if x["code"] == "attachment_cut"]
        assert cut["name"] == "a.csv"
        assert 15 < cut["n"] < 25

    @pytest.mark.parametrize("depth", [0, 10_000], ids=["no sender", "nested"])
    def test_what_is_no_mail_is_held_at_once_with_its_reason(self, api, shop, depth):
        levels = b"".join(
            b'Content-Type: multipart/mixed; boundary="b%d"\r\n\r\n--b%d\r\n' % (n, n)
            for n in range(depth)
        )
        head = b"From: a@b.example\r\nSubject: deep\r\n" if depth else b"X-Any: thing\r\n"
        self.post(api, head + levels + b"\r\nhi")
        self.read()
        message = IncomingMessage.objects.latest("pk")
        assert (message.status, message.attempts) == ("held", 0)
        assert message.cause == ("too_much" if depth else "not_a_mail")

    def test_a_letter_without_anything_to_order_says_what_it_is(self, api, shop):
        message = self.attach(api, b"PK no workbook", "a.xlsx")
        assert message.cause == "attachment_unreadable"
        assert "a.xlsx" in cause_text(message.cause, message.params)
        assert "?" in cause_text(message.cause, {})  # of one that was kept before it was named
        self.post(api, mail("Please cancel 3 x TEA-001"))
        self.read()
        message = IncomingMessage.objects.latest("pk")
        assert (message.status, message.cause) == ("held", "says_no")
        assert not OrderDraft.objects.exists()

    def test_text_whose_encoding_nobody_declared_is_doubted(self, api, shop):
        raw = mail("3 x TEA-001").replace(b"3 x TEA-001", "TEA-001 3個 山田".encode("cp932"))
        self.post(api, raw.replace(b"charset=utf-8", b"").replace(b'charset="utf-8"', b""))
        self.read()
        issues = {x["code"] for x in OrderDraft.objects.get().reading["issues"]}
        assert "encoding_doubtful" in issues

    def test_linked_data_is_read(self, api, shop):
        page = """<html><script type="application/ld+json">{"@context": "https://schema.org", "@type": "Order",
        "orderedItem": [{"@type": "OrderItem", "orderQuantity": 3,
        "orderedItem": {"@type": "Product", "sku": "TEA-001", "name": "Green tea"}}]}
        </script><p>An order</p></html>"""
        raw = (
            mail("x")
            .replace(b"text/plain", b"text/html")
            .replace(b"\n\nx", b"\n\n" + page.encode())
        )
        self.post(api, raw)
        self.read()

        assert [(x["sku"], x["quantity"]) for x in OrderDraft.objects.get().reading["lines"]] == [
            ("TEA-001", 3)
        ]


@pytest.fixture
def desk_order(api, shop):
    from erp.events.models import Event
    from erp.messages.models import Message
    from tests.conftest import order_body

    number = api.post("orders", order_body()).json()["number"]
    order = Order.objects.get(number=number)
    sent = Message.objects.create(
        event=Event.objects.order_by("pk").first(),
        template="confirmed",
        subject_ref=f"order:{order.pk}",
        language="en",
        recipient="li@x.example",
        subject="x",
        text="x",
        html="x",
        due_at=timezone.now(),
    )
    assert Sku.objects.exists()
    return order, sent
