"""What spreadsheets make of numbers, dates, codes and alphabets: read by the whole column, or named."""

from datetime import UTC, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
import xlsxwriter
from hypothesis import given
from hypothesis import strategies as st

from erp.files import read_rows
from orders.intake.files import cells, dates
from orders.intake.files.headings import suggested
from orders.intake.files.orders import OrderReader
from orders.intake.files.rows import Reading, grouped, survey

HEAD = "order number,date,shipping name,phone,address1,city,zip,country,sku,quantity,unit price,unit of measure,pack size"
PLACES = HEAD.split(",")
ROW = {
    "order number": "A-1",
    "date": "2026-08-01",
    "shipping name": "Li Na",
    "phone": "13800138000",
    "address1": "Street 1",
    "city": "上海市",
    "zip": "200040",
    "country": "CN",
    "sku": "MUG-001",
    "quantity": "2",
    "unit price": "25.00",
    "unit of measure": "",
    "pack size": "",
}


def read(tmp_path, *rows, currency="CNY", country="", encoding="utf-8"):
    """What a file of these rows says: each is the plain row but for some cells."""
    lines = [
        ";".join({**ROW, "order number": f"A-{n}", **row}.values()) for n, row in enumerate(rows)
    ]
    path = tmp_path / "orders.csv"
    path.write_bytes("\n".join([HEAD.replace(",", ";"), *lines]).encode(encoding))
    return read_file(
        path, Reading(suggested(PLACES), currency, ZoneInfo("Asia/Shanghai"), country=country)
    )


def read_file(path, reading):
    surveyed = survey(read_rows(path), reading)
    reader = OrderReader(reading, surveyed)
    orders, defects = {}, set()
    for rows in grouped(read_rows(path), surveyed, reading):
        said, wrong = reader.read(rows)
        if said:
            orders[said.order.number] = said.order
        defects |= {(d.row.row, d.code, d.severity) for d in wrong}
    return orders, defects


def priced(order):
    return order.lines[0].quantity, order.lines[0].unit_price


class TestNumbers:
    def test_a_column_decides_for_a_cell_that_could_be_two(self, tmp_path):
        rows = [{"unit price": "1.250"}, {"unit price": "1.234,50"}]
        orders, defects = read(tmp_path, *rows, currency="EUR")
        assert [priced(o)[1] for o in orders.values()] == [1250, Decimal("1234.5")]
        assert not defects

    def test_so_do_the_other_columns_of_the_file(self, tmp_path):
        orders, _none = read(tmp_path, {"quantity": "1.000", "unit price": "9,50"}, currency="EUR")
        assert priced(orders["A-0"]) == (1000, Decimal("9.5"))
        orders, _none = read(tmp_path, {"quantity": "1.000", "unit price": "9.50"}, currency="EUR")
        assert priced(orders["A-0"]) == (1, Decimal("9.5"))

    @pytest.mark.parametrize(
        ("currency", "country", "price"),
        [
            ("USD", "", 1234),
            ("SEK", "", Decimal("1.234")),
            ("EUR", "DE", Decimal("1.234")),
            ("EUR", "IE", 1234),
        ],
    )
    def test_else_the_country_or_the_currency(self, tmp_path, currency, country, price):
        orders, defects = read(
            tmp_path, {"unit price": "1,234"}, currency=currency, country=country
        )
        assert priced(orders["A-0"])[1] == price or {d[1] for d in defects} == {"too_precise"}

    @pytest.mark.parametrize(("currency", "country"), [("EUR", ""), ("USD", "DE"), ("XXX", "")])
    def test_a_tie_asks(self, tmp_path, currency, country):
        orders, defects = read(
            tmp_path, {"unit price": "1,234"}, currency=currency, country=country
        )
        assert (orders, defects) == ({}, {(2, "amount_ambiguous", "rejected")})

    def test_a_file_in_two_notations_is_asked_about_where_that_matters(self, tmp_path):
        prices = ("1,50", "1.50", "1.234")
        orders, defects = read(tmp_path, *({"unit price": price} for price in prices))
        assert [priced(o)[1] for o in orders.values()] == [Decimal("1.5")] * 2
        assert defects == {(4, "amount_ambiguous", "rejected")}

    @pytest.mark.parametrize(
        ("text", "currency", "code"),
        [
            ("1.500", "JPY", "too_precise"),
            ("12,5", "JPY", "too_precise"),
            ("12,345", "KWD", "amount_ambiguous"),
        ],
    )
    def test_a_price_has_the_digits_of_its_currency(self, tmp_path, text, currency, code):
        orders, defects = read(tmp_path, {"unit price": text}, currency=currency)
        assert (orders, defects) == ({}, {(2, code, "rejected")})

    @pytest.mark.parametrize(
        ("text", "currency", "price"),
        [("1,500", "JPY", 1500), ("12.345", "KWD", Decimal("12.345")), ("1.500", "CNY", 1.5)],
    )
    def test_one_that_has_them_is_read(self, tmp_path, text, currency, price):
        orders, defects = read(tmp_path, {"unit price": text}, currency=currency)
        assert (priced(orders["A-0"])[1], defects) == (price, set())

    def test_an_amount_has_its_currency(self, tmp_path):
        signs = ("¥25.00", "25.00 CNY", "RMB 25", "€25.00", "$25.00", "USD 25.00")
        orders, defects = read(tmp_path, *({"unit price": text} for text in signs))
        assert list(orders) == ["A-0", "A-1", "A-2"]
        assert {d[1] for d in defects} == {"other_sign"}

    def test_a_workbook_says_itself_what_its_numbers_are(self, tmp_path):
        path = tmp_path / "orders.xlsx"
        with xlsxwriter.Workbook(path) as book:
            sheet = book.add_worksheet()
            typed = {**ROW, "phone": 13800138000, "quantity": 2, "unit price": 1.234}
            for at, row in enumerate((dict.fromkeys(PLACES), typed)):
                sheet.write_row(at, 0, row.values() if at else PLACES)
        reading = Reading(suggested(PLACES), "SEK", ZoneInfo("UTC"))
        orders, _defects = read_file(path, reading)
        assert priced(orders["A-1"]) == (2, Decimal("1.234"))
        assert orders["A-1"].customer.phone == "13800138000"


class TestStates:
    """A word that nobody listed is no payment: it holds, whichever column it stands in."""

    @pytest.mark.parametrize(
        "word", ["退款中", "拼团中", "Teilweise bezahlt", "Chargeback", "paid?", "on-hold"]
    )
    def test_an_unknown_state_of_an_order_holds_it_unpaid(self, tmp_path, word):
        said, defects = stated(tmp_path, "订单状态", word)
        assert (said.order.payment.method, said.paid) == ("unpaid", 0)
        assert said.order.doubts == [f"state_unknown:{word}"]
        assert defects == {(2, "state_unknown", "held")}

    @pytest.mark.parametrize("word", ["待付款", "部分付款", "Unpaid", "pending"])
    def test_a_known_one_that_is_not_paid_is_not_paid(self, tmp_path, word):
        said, defects = stated(tmp_path, "Status", word)
        assert (said.order.payment.method, said.paid, defects) == ("unpaid", 0, set())

    @pytest.mark.parametrize("word", ["买家已付款，等待卖家发货", "PAID", "已付款", "Refunded"])
    def test_a_known_one_that_is_paid_is_paid(self, tmp_path, word):
        said, defects = stated(tmp_path, "Status", word, otherwise="unpaid")
        assert (said.paid, defects) == (50, set())
        assert bool(said.refunds) == (word == "Refunded")

    @pytest.mark.parametrize("word", ["Restocked", "partial", "cancelled"])
    def test_an_unknown_state_of_shipping_holds(self, tmp_path, word):
        said, _defects = stated(tmp_path, "Fulfillment status", word)
        assert said.order.doubts == [f"state_unknown:{word}"]
        assert not said.shipped


PAYMENT, STATUS, MOVING, BACK = "Payment status", "Status", "Fulfillment status", "Refunded amount"


class TestTwoStates:
    """Two columns that cannot both be so hold the order; neither is believed."""

    @pytest.mark.parametrize(
        ("said", "is_odd"),
        [
            ({PAYMENT: "paid", STATUS: "待付款"}, True),
            ({PAYMENT: "已付款", STATUS: "unpaid"}, True),
            ({PAYMENT: "pending", STATUS: "买家已付款，等待卖家发货"}, True),
            ({PAYMENT: "待付款", STATUS: "paid"}, True),
            ({PAYMENT: "unpaid", STATUS: "Refunded"}, True),
            ({PAYMENT: "partially refunded", STATUS: "refunded", BACK: "5.00"}, True),
            ({STATUS: "已发货", MOVING: "未发货"}, True),
            ({STATUS: "待发货", MOVING: "shipped"}, True),
            ({STATUS: "已取消", MOVING: "delivered"}, True),
            ({PAYMENT: "paid", STATUS: "已付款"}, False),
            ({PAYMENT: "paid", STATUS: "confirmed"}, False),
            ({PAYMENT: "pending", STATUS: "processing"}, False),  # paid on delivery, or by invoice
            ({PAYMENT: "unpaid", STATUS: "shipped", MOVING: "shipped"}, False),
            ({PAYMENT: "paid", STATUS: "已取消", MOVING: "unfulfilled"}, False),
            ({PAYMENT: "refunded", STATUS: "已取消"}, False),
            # Exports of shops: the state of payment beside those of the order and of shipping.
            ({PAYMENT: "paid", STATUS: "Pending"}, False),  # what is pending is the work
            ({PAYMENT: "paid", STATUS: "pending", MOVING: "unfulfilled"}, False),
            ({PAYMENT: "paid", MOVING: "pending"}, False),
            ({PAYMENT: "paid", MOVING: "in_progress"}, False),
            ({PAYMENT: "pending", MOVING: "unfulfilled"}, False),
            ({PAYMENT: "pending", STATUS: "pending", MOVING: "pending"}, False),
            ({STATUS: "pending", MOVING: "shipped"}, False),  # shipped against an invoice
            ({STATUS: "Unshipped", MOVING: "Unshipped"}, False),
            ({PAYMENT: "captured", STATUS: "Open", MOVING: "Awaiting shipment"}, False),
            ({PAYMENT: "已付款", STATUS: "待发货", MOVING: "未发货"}, False),
            ({PAYMENT: "paid", STATUS: "Unpaid", MOVING: "pending"}, True),
            ({PAYMENT: "paid", STATUS: "partially_paid"}, True),
            ({PAYMENT: "paid", STATUS: "authorized"}, True),
            ({PAYMENT: "refunded", STATUS: "待付款", MOVING: "pending"}, True),
            ({PAYMENT: "authorized", STATUS: "paid", MOVING: "pending"}, True),
        ],
    )
    def test_of_an_order(self, tmp_path, said, is_odd):
        found, defects = stated_all(tmp_path, said)
        assert any(code == "state_contradicts" for _row, code, _held in defects) == is_odd
        assert any(d.startswith("state_contradicts:") for d in found.order.doubts) == is_odd
        if is_odd and PAYMENT in said:
            assert (found.paid, found.refunds, found.order.payment.method) == (0, [], "unpaid")
        if is_odd and MOVING in said:
            assert not found.shipped

    def test_what_is_paid_and_shipped_is_not_pending(self, tmp_path):
        said = {PAYMENT: "paid", STATUS: "pending", MOVING: "shipped"}
        found, _defects = stated_all(tmp_path, said)
        assert (found.paid, found.shipped) == (50, False)
        assert found.order.doubts == ["state_contradicts:pending / shipped"]

    @pytest.mark.parametrize("word", ["部分退款", "partially_refunded", "Partially refunded"])
    @pytest.mark.parametrize("column", [PAYMENT, STATUS])
    def test_a_part_that_went_back_is_stated_or_asked_for(self, tmp_path, word, column):
        for amount, back, doubts in (
            ("", [], ["refund_amount_missing"]),
            ("0", [], ["refund_amount_missing"]),
            ("5.00", [5], []),
            ("50.00", [50], ["state_contradicts:50.00"]),
        ):
            found, _defects = stated_all(tmp_path, {column: word, BACK: amount})
            assert found.paid == 50
            assert [refund.amount for refund in found.refunds] == back
            assert found.order.doubts == doubts

    @pytest.mark.parametrize(
        ("word", "amount", "back", "doubts"),
        [
            ("refunded", "", 50, []),
            ("refunded", "50.00", 50, []),
            ("refunded", "5.00", 5, ["state_contradicts:5.00"]),
            ("refunded", "99.00", 50, ["state_contradicts:99.00"]),
            ("paid", "5.00", 0, ["state_contradicts:5.00"]),
            ("pending", "5.00", 0, ["state_contradicts:5.00"]),
        ],
    )
    def test_an_amount_that_no_word_bears_out_is_asked_about(
        self, tmp_path, word, amount, back, doubts
    ):
        found, _defects = stated_all(tmp_path, {PAYMENT: word, BACK: amount})
        assert sum(refund.amount for refund in found.refunds) == back
        assert found.order.doubts == doubts


def stated(tmp_path, heading, word, otherwise="prepaid"):
    return stated_all(tmp_path, {heading: word}, otherwise)


def stated_all(tmp_path, said, otherwise="prepaid", now=None):
    path = tmp_path / "orders.csv"
    cells = ROW | said
    path.write_text(",".join(cells) + "\n" + ",".join(cells.values()) + "\n")
    columns = suggested(tuple(cells))
    reading = Reading(columns, "CNY", ZoneInfo("UTC"), payment=otherwise, country="CN", now=now)
    surveyed = survey(read_rows(path), reading)
    ((said, wrong),) = map(
        OrderReader(reading, surveyed).read, grouped(read_rows(path), surveyed, reading)
    )
    return said, {(d.row.row, d.code, d.severity) for d in wrong}


class TestUnits:
    def test_packs_become_pieces(self, tmp_path):
        box = {"unit of measure": "箱", "pack size": "12", "quantity": "3", "unit price": "60"}
        orders, defects = read(tmp_path, box, {"unit of measure": "件"}, {"unit of measure": "打"})
        assert [priced(o) for o in orders.values()] == [(36, 5), (2, 25), (24, Decimal("2.0833"))]
        assert not defects

    def test_a_unit_that_nobody_can_count_holds_its_order(self, tmp_path):
        orders, defects = read(tmp_path, {"unit of measure": "CT"})
        assert orders["A-0"].doubts == ["unit_of_measure:CT"]
        assert defects == {(2, "unit_of_measure", "held")}


class TestDates:
    def test_a_column_decides(self):
        assert dates.notation_of(["03/04/2026", "13/04/2026"]) == "%d/%m/%Y"
        assert dates.notation_of(["03/04/2026", "04/13/2026"]) == "%m/%d/%Y"
        assert dates.notation_of(["03/04/2026"], dates.first_of("US")) == "%m/%d/%Y"
        assert dates.notation_of(["03/04/2026"], dates.first_of("", "EUR")) == "%d/%m/%Y"
        assert dates.notation_of(["13/04/2026", "04/13/2026"], "day") == dates.AMBIGUOUS
        assert dates.notation_of(["03/03/2026"]) == "%d/%m/%Y"

    def test_a_tie_holds_only_what_it_concerns(self, tmp_path):
        orders, defects = read(tmp_path, {"date": "03/04/2026"}, {"date": "03/03/2026"})
        assert defects == {(2, "date_ambiguous", "held")}
        assert [o.doubts for o in orders.values()] == [["date_ambiguous"], []]
        assert orders["A-0"].placed_at is None

    def test_dates_that_contradict_each_other_hold_their_orders(self, tmp_path):
        days = ("13/04/2026", "04/13/2026", "03/03/2026")
        orders, defects = read(tmp_path, *({"date": day} for day in days))
        assert [o.doubts for o in orders.values()] == [["date_ambiguous"], ["date_ambiguous"], []]
        assert defects == {(2, "date_ambiguous", "held"), (3, "date_ambiguous", "held")}

    @given(st.from_regex(dates.CLOCK, fullmatch=True) | st.text(max_size=30))
    def test_nothing_raises(self, text):
        for notation in dates.NOTATIONS:
            dates.moment(text, notation, ZoneInfo("UTC"))

    def test_a_zone_that_is_none(self):
        for zone in ("+99:99", "+24:60", "-99:00"):
            text = f"2026-08-01 09:15:32 {zone}"
            assert dates.moment(text, "%Y-%m-%d", ZoneInfo("UTC")) is None


GUARDED = (
    '="{}"',
    '"=""{}"""',
    "{}\t",
    "\t{}",
    "'{}",
    "`{}",
    "\u200b{}",
    "{}\u200d",
    "\ufeff{}",
    "\u202a{}\u202c",
    "\xa0{}\xa0",
)


class TestCodes:
    @pytest.mark.parametrize("guard", GUARDED)
    def test_a_guard_is_no_part_of_it(self, tmp_path, guard):
        plain = {
            "order number": "4001234567890123456",
            "phone": "13800138000",
            "sku": "MUG-001",
            "zip": "200040",
        }
        guarded = {name: guard.format(text) for name, text in plain.items()}
        guarded |= {"quantity": guard.format("2"), "unit price": guard.format("25.00")}
        (bare,), _none = read(tmp_path, plain)
        orders, defects = read(tmp_path, guarded)
        order = orders[bare]
        assert (order.external_id, order.lines[0].code, order.customer.phone) == (
            bare,
            "MUG-001",
            "13800138000",
        )
        assert (order.shipping_address.postal_code, priced(order)) == ("200040", (2, 25))
        assert not defects

    def test_what_belongs_to_a_name_stays(self):
        for text in ("'s-Hertogenbosch", "'t Hart", "O'Neil", "محمد\u200cعلی", "👩\u200d🍳 Bo"):
            assert cells.unguarded(text, is_code=False) == text
        assert cells.unguarded("'王测试", is_code=False) == "王测试"
        assert cells.unguarded("\u200b\u200d\ufeff", is_code=False) == ""

    def test_a_number_where_digits_are_meant(self, tmp_path):
        spoilt = {
            "order number": "4001234567.0",
            "phone": "13800138000.0",
            "zip": "200040.0",
            "sku": "6901234567892.0",
        }
        orders, defects = read(tmp_path, spoilt)
        order = orders["4001234567"]
        assert (order.customer.phone, order.lines[0].code) == ("13800138000", "6901234567892")
        assert order.shipping_address.postal_code == "200040"
        assert not defects
        assert cells.digits("1.3800138000E+10") == "13800138000"
        assert [cells.digits(x) for x in ("1001.10", "1E5", "V2.0")] == ["1001.10", "1E5", "V2.0"]

    def test_digits_that_are_lost_are_asked_about(self, tmp_path):
        orders, defects = read(
            tmp_path, {"phone": "1.38E+10"}, {"sku": "6.9E+12"}, {"order number": "4.00123E+17"}
        )
        assert [o.doubts for o in orders.values()] == [["digits_lost"]] * 2
        assert (4, "digits_lost", "rejected") in defects


class TestAlphabets:
    @pytest.mark.parametrize(
        ("encoding", "name", "city"),
        [
            ("cp1251", "Иван Пример", "Санкт-Петербург"),
            ("koi8_r", "Иван Пример", "Санкт-Петербург"),
            ("cp949", "김민수", "서울특별시 강남구 테헤란로"),
            ("big5", "王小明", "臺北市大安區忠孝東路四段"),
            ("cp932", "山田太郎", "東京都千代田区 マンション"),
            ("gb18030", "王测试", "浙江省杭州市余杭区测试路"),
            ("cp1252", "Jürgen Müller", "Straße"),
            ("cp1253", "Γιώργος Παπαδόπουλος", "Αθήνα"),
            ("cp1254", "Ayşe Yılmaz", "Beşiktaş"),
            ("cp1250", "Jiří Dvořák", "Plzeň"),
            ("cp1255", "דוד כהן", "תל אביב"),
            ("utf-16-le", "Иван", "北京市"),
        ],
    )
    def test_it_is_read_right_or_asked_about(self, tmp_path, encoding, name, city):
        orders, _defects = read(tmp_path, {"shipping name": name, "city": city}, encoding=encoding)
        (order,) = orders.values()
        told = (order.shipping_address.name, order.shipping_address.city)
        assert told == (name, city) or "encoding_doubtful" in order.doubts

    @pytest.mark.parametrize("name", ["JÃ¼rgen", "M\ufffdller", "Ð˜Ð²Ð°Ð½"])
    def test_what_was_garbled_before_is_asked_about(self, tmp_path, name):
        orders, _defects = read(tmp_path, {"shipping name": name}, {})
        assert [o.doubts for o in orders.values()] == [["encoding_doubtful"], []]

    def test_a_file_of_common_words_asks_nobody(self, tmp_path):
        for encoding, name, city in (
            ("cp1251", "Иван Пример", "Санкт-Петербург"),
            ("gb18030", "王测试", "浙江省杭州市余杭区小河路张一新大厦"),
            ("cp1252", "Jürgen Müller", "Köln"),
        ):
            said = {"shipping name": name, "city": city}
            orders, _none = read(tmp_path, said, encoding=encoding)
            assert orders["A-0"].doubts == [], encoding

    def test_a_few_characters_that_are_words_in_two_encodings_are_asked_about(self, tmp_path):
        orders, _none = read(tmp_path, {"shipping name": "王测试"}, encoding="gb18030")
        assert orders["A-0"].doubts == ["encoding_doubtful"]


def test_a_country_that_nobody_knows_is_not_the_files_own(tmp_path):
    orders, defects = read(tmp_path, {"country": "Deutschlnd"}, country="CN")
    assert orders["A-0"].shipping_address.country == ""
    assert (2, "country_unknown", "held") in defects


CANCELLED, PLACED = "Cancelled at", "date"


class TestMoments:
    """A moment says that something has happened; a word for none says that it has not; any other holds."""

    @pytest.mark.parametrize(
        "text",
        ["", "-", "--", "—", "N/A", "n/a", "null", "NULL", "None", "NaT", "no", "false", "0", "无", "未取消",
         "0000-00-00 00:00:00", "0000-00-00", "00/00/0000", "0001-01-01T00:00:00Z", "1899-12-30", "1900-01-00"],
    )  # fmt: skip
    def test_none_cancels_nothing(self, tmp_path, text):
        said, defects = stated_all(tmp_path, {CANCELLED: text})
        assert (said.cancelled, said.paid, said.order.doubts, defects) == (None, 50, [], set())

    @pytest.mark.parametrize(
        "text",
        [
            "2026-08-02",
            "2026-08-02 10:00:00 +0800",
            "03/04/2026",
            "2026年8月2日",
            "20.08.2026 09:15",
        ],
    )
    def test_a_moment_cancels(self, tmp_path, text):
        said, defects = stated_all(tmp_path, {CANCELLED: text})
        assert (said.cancelled, said.order.doubts, defects) == ("cancelled", [], set())

    @pytest.mark.parametrize(
        "text", ["yes", "maybe", "see note", "46236", "2026-13-45", "tomorrow", "TBD"]
    )
    def test_anything_else_holds(self, tmp_path, text):
        said, defects = stated_all(tmp_path, {CANCELLED: text})
        assert (said.cancelled, said.order.doubts) == (None, [f"state_unknown:{text}"])
        assert defects == {(2, "state_unknown", "held")}

    @pytest.mark.parametrize(
        "said",
        [
            {STATUS: "Cancelled", MOVING: "Shipped"},
            {STATUS: "shipped", CANCELLED: "2026-08-02"},
            {STATUS: "已取消", MOVING: "已签收", PAYMENT: "paid"},
            {STATUS: "closed", MOVING: "delivered", PAYMENT: "refunded"},
        ],
    )
    def test_cancelled_and_shipped_is_neither(self, tmp_path, said):
        found, _defects = stated_all(tmp_path, said)
        assert (found.cancelled, found.shipped) == (None, False)
        assert any(doubt.startswith("state_contradicts:") for doubt in found.order.doubts)

    @pytest.mark.parametrize("column", [PLACED, CANCELLED])
    @pytest.mark.parametrize(
        ("text", "is_to_come"),
        [
            ("31.12.2026", True),
            ("2026-12-31 10:00", True),
            ("2027-01-01", True),
            ("2026-12-01", True),
            ("2026-11-30", False),  # somewhere it is that day already
            ("2026-11-29", False),
            ("2026-08-01", False),
        ],
    )
    def test_one_to_come_is_refused(self, tmp_path, column, text, is_to_come):
        now = datetime(2026, 11, 29, 12, tzinfo=UTC)
        said, defects = stated_all(tmp_path, {column: text}, now=now)
        assert (said is None) == is_to_come
        assert defects == ({(2, "moment_to_come", "rejected")} if is_to_come else set())


@pytest.mark.parametrize("text", ["²", "10²", "①", "⑴", "⒈", "½", "1½", "₂", "𝟣²"])
def test_raised_and_encircled_digits_are_no_numbers(tmp_path, text):
    for column in ("quantity", "unit price"):
        said, defects = stated_all(tmp_path, {column: text})
        assert said is None
        assert {severity for _row, _code, severity in defects} == {"rejected"}


@pytest.mark.parametrize("text", ["２", "٢", "2"])
def test_digits_of_other_scripts_are(tmp_path, text):
    said, _defects = stated_all(tmp_path, {"quantity": text})
    assert said is None or [line.quantity for line in said.order.lines] == [2]
