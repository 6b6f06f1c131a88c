"""Valid messages of every notation, and how people and programs spoil them."""

import csv
import io
import random
import re
from decimal import Decimal
from zoneinfo import ZoneInfo

import xlsxwriter

from erp.file_rows import rows as rows_of
from erp.files import Header, RawRow
from erp.visible import is_blank, seen
from orders.customers.contacts import address_findings
from orders.intake.edi import edifact, ubl, x12
from orders.intake.files.headings import suggested
from orders.intake.files.orders import OrderReader
from orders.intake.files.rows import Reading, grouped, survey
from orders.intake.messages.foreign_json import Unreadable

FIELDS = {
    "number": "PO-17",
    "date": "20260301",
    "day": "20260401",
    "until": "20260501",
    "currency": "EUR",
    "name": "Tea House Berlin",
    "street": "Hauptstr. 1",
    "city": "Berlin",
    "code": "10115",
    "country": "DE",
    "sku1": "TEA-001",
    "quantity1": "12",
    "unit1": "EA",
    "price1": "1250.50",
    "sku2": "4006381333931",
    "quantity2": "1000",
    "unit2": "EA",
    "price2": "9",
    "count": "2",
    "total": "24006.00",
}
NUMBERS = {"quantity1", "quantity2", "price1", "price2", "total", "count"}


def as_x12(f):
    return (
        "ISA*00*          *00*          *ZZ*BUYER          *ZZ*SELLER         *260301*0936*U*00401*000000055*0*P*>~"
        "GS*PO*BUYER*SELLER*20260301*1041*2*X*004010~ST*850*0001~"
        f"BEG*00*SA*{f['number']}**{f['date']}~CUR*BY*{f['currency']}~"
        f"DTM*010*{f['day']}~DTM*063*{f['until']}~"
        f"N1*ST*{f['name']}*92*C-9~N3*{f['street']}~N4*{f['city']}**{f['code']}*{f['country']}~"
        "PER*BD*Ann*EM*ann@tea.example~"
        f"PO1*1*{f['quantity1']}*{f['unit1']}*{f['price1']}**VP*{f['sku1']}~"
        f"PO1*2*{f['quantity2']}*{f['unit2']}*{f['price2']}**UP*{f['sku2']}~CTT*{f['count']}~AMT*TT*{f['total']}~"
        "SE*12*0001~GE*1*2~IEA*1*000000055~"
    ).encode()


def as_edifact(f):
    return (
        "UNA:+.? 'UNB+UNOC:3+400:14+401:14+261120:1000+1'UNH+1+ORDERS:D:96A:UN'"
        f"BGM+220+{f['number']}+9'DTM+137:{f['date']}:102'"
        f"DTM+10:{f['day']}:102'DTM+63:{f['until']}:102'"
        f"NAD+DP+400::9++{f['name']}+{f['street']}+{f['city']}++{f['code']}+{f['country']}'"
        f"COM+ann@tea.example:EM'CUX+2:{f['currency']}:9'"
        f"LIN+1++{f['sku1']}'QTY+21:{f['quantity1']}:{f['unit1']}'PRI+AAA:{f['price1']}'"
        f"LIN+2++{f['sku2']}'QTY+21:{f['quantity2']}:{f['unit2']}'PRI+AAA:{f['price2']}'"
        f"UNS+S'MOA+128:{f['total']}'CNT+2:{f['count']}'UNT+16+1'UNZ+1+1'"
    ).encode()


def as_ubl(f):
    def line(n):
        return (
            f"<OrderLine><LineItem><ID>{n}</ID><Quantity unitCode='{f[f'unit{n}']}'>{f[f'quantity{n}']}</Quantity>"
            f"<Price><PriceAmount>{f[f'price{n}']}</PriceAmount></Price>"
            f"<Item><SellersItemIdentification><ID>{f[f'sku{n}']}</ID></SellersItemIdentification></Item>"
            "</LineItem></OrderLine>"
        )

    address = (
        f"<PostalAddress><StreetName>{f['street']}</StreetName><CityName>{f['city']}</CityName>"
        f"<PostalZone>{f['code']}</PostalZone>"
        f"<Country><IdentificationCode>{f['country']}</IdentificationCode></Country></PostalAddress>"
    )
    day, first, last = (
        f"{x[:4]}-{x[4:6]}-{x[6:]}" if x else "" for x in (f["date"], f["day"], f["until"])
    )
    asked = (
        f"<Delivery><LatestDeliveryDate>{last}</LatestDeliveryDate>"
        f"<RequestedDeliveryPeriod><StartDate>{first}</StartDate></RequestedDeliveryPeriod></Delivery>"
    )
    return (
        f"<Order xmlns='urn:oasis:names:specification:ubl:Order-2'><ID>{f['number']}</ID><IssueDate>{day}</IssueDate>"
        f"<DocumentCurrencyCode>{f['currency']}</DocumentCurrencyCode><LineCountNumeric>{f['count']}</LineCountNumeric>"
        f"<BuyerCustomerParty><Party><PartyName><Name>{f['name']}</Name></PartyName>{address}"
        "<Contact><ElectronicMail>ann@tea.example</ElectronicMail></Contact></Party></BuyerCustomerParty>"
        f"<AnticipatedMonetaryTotal><PayableAmount>{f['total']}</PayableAmount></AnticipatedMonetaryTotal>"
        f"{asked}{line(1)}{line(2)}</Order>"
    ).encode()


HEADINGS = {
    "number": "order number",
    "currency": "currency",
    "name": "shipping name",
    "street": "address1",
    "city": "city",
    "code": "zip",
    "country": "country",
    "sku": "sku",
    "quantity": "quantity",
    "unit": "uom",
    "price": "unit price",
    "total": "total",
    "status": "financial status",
    "email": "email",
}


def rows_of_file(f):
    """The cells of two rows of one order."""
    rows = []
    for n in (1, 2):
        said = {**f, "status": f.get("status", "pending"), "email": "ann@tea.example"}
        said |= {name: f[f"{name}{n}"] for name in ("sku", "quantity", "unit", "price")}
        rows.append([said[name] for name in HEADINGS])
    return rows


def read_raw(found):
    """The statements of a file's raw rows, headings first. Raises Unreadable where an order is rejected."""
    header = found[0].names if isinstance(found[0], Header) else found[0].cells
    reading = Reading(suggested(header), "EUR", ZoneInfo("Europe/Berlin"), country="DE")
    surveyed = survey(found, reading)
    read = [
        OrderReader(reading, surveyed).read(group) for group in grouped(found, surveyed, reading)
    ]
    if any(statement is None for statement, _defects in read):
        raise Unreadable("rejected")
    return [statement for statement, _defects in read]


def read_cells(rows):
    """Rows as the reader of files gives them."""
    table = [tuple(HEADINGS.values()), *map(tuple, rows)]
    return read_raw([RawRow("orders.csv", n, cells) for n, cells in enumerate(table, 1)])


def read_csv(rows):
    """Rows written as a CSV file, and read from its bytes."""
    written = io.StringIO()
    csv.writer(written).writerows([HEADINGS.values(), *rows])
    return read_raw(list(rows_of(io.BytesIO(written.getvalue().encode()), name="orders.csv")))


def read_xlsx(rows):
    """Rows written as a workbook, numbers as numbers where they are plain, and read from its bytes."""
    written = io.BytesIO()
    with xlsxwriter.Workbook(written, {"in_memory": True}) as book:
        sheet = book.add_worksheet()
        for n, cells in enumerate([HEADINGS.values(), *rows]):
            for m, cell in enumerate(cells):
                if n and re.fullmatch(r"[1-9]\d{0,8}(\.\d{1,2})?", cell):
                    sheet.write_number(n, m, float(cell))
                else:
                    sheet.write_string(n, m, cell)
    return read_raw(list(rows_of(io.BytesIO(written.getvalue()), name="orders.xlsx")))


READERS = {
    "x12": lambda f: x12.read("", as_x12(f), currency="EUR"),
    "edifact": lambda f: edifact.read("", as_edifact(f), currency="EUR"),
    "ubl": lambda f: ubl.read("", as_ubl(f), currency="EUR"),
    "file": lambda f: read_cells(rows_of_file(f)),
}
WRITERS = {"x12": (as_x12, x12.read, "~"), "edifact": (as_edifact, edifact.read, "'")}
WRITERS |= {"ubl": (as_ubl, ubl.read, "<")}
CODES = {"TEA-001", "4006381333931"}  # any other is unmapped when it is placed, and holds


def is_held(order):
    """Whether something about an order holds it for a person: what its reader doubts, and what placing finds."""
    address = order.shipping_address
    return bool(
        order.doubts
        or abs(order.differs) > Decimal("0.05")
        or any(line.is_unpriced for line in order.lines)
        or any(seen(line.code) not in CODES for line in order.lines if not line.is_service)
        or order.currency != "EUR"  # the channel's
        or is_blank(address.name)
        or is_blank(address.line1)
        or address_findings(address)
    )


def what(order):
    """What an order comes to, when it was placed, and whose it is."""
    address = order.shipping_address
    return (
        order.currency,
        order.total,
        sum(line.quantity for line in order.lines),
        [seen(line.code) for line in order.lines],
        [
            "".join(seen(x).split())
            for x in (address.name, address.line1, address.city, address.country)
        ],
    )


def what_and_when(order):
    """What an order comes to, and when it may leave: what is lost of the days that it asks for is told by nothing."""
    return (*what(order), order.ship_not_before, order.note)


UNSEEN = "\u200b\u00ad\u2066\u200e\ufeff\u2060\u180e\u3164\u00a0\u2009"


def numbers(text, at):
    """A number as others write it, and as it is spoilt."""
    whole, _point, cents = text.partition(".")
    by = f"{int(whole):,}" if whole.isdecimal() else whole
    tail = f".{cents}" if cents else ""
    return {
        "power": f"{text}E3",
        "small power": f"{whole}e{len(whole)}",
        "minus": f"-{text}",
        "minus behind": f"{text}-",
        "long minus": f"\u2212{text}",
        "brackets": f"({text})",
        "plus": f"+{text}",
        "comma": text.replace(".", ","),
        "german": by.replace(",", ".") + tail.replace(".", ","),
        "english": by + tail,
        "french": by.replace(",", "\u202f") + tail.replace(".", ","),
        "blanks": by.replace(",", " ") + tail,
        "swiss": by.replace(",", "’") + tail,
        "two marks": f"{text}.0.0",
        "half a group": f"{text[:1]},{text[1:]}",
        "arabic": "".join(chr(0x660 + int(c)) if c.isdecimal() else c for c in text),
        "wide": "".join(chr(ord(c) + 0xFEE0) if c.isdecimal() else c for c in text),
        "raised": text.replace("2", "²").replace("1", "¹"),
        "chinese": text.replace("1", "一").replace("2", "二").replace("9", "九"),
        "roman": "Ⅻ",
        "hex": "0x10",
        "underscore": f"{text[:1]}_{text[1:]}",
        "half": "½",
        "huge": "9" * 30,
        "more": "99999999999",
        "nought": "0",
        "nothing but a mark": ".",
        "dash": "–",
        "nan": "NaN",
        "infinite": "Infinity",
        "words": "a few",
        "list": f"{text};{text}",
        "range": f"{text}-{text}",
        "sign": f"€{text}",
        "other sign": f"${text}",
        "percent": f"{text}%",
        "unit behind": f"{text} pcs",
        "letter": f"{text[:at]}O{text[at:]}",
    }


def texts(text, at):
    """Any field as it is spoilt."""
    return {
        "blank": "",
        "blanks": "   ",
        "lost": "\ufffd" + text,
        "unseen": f"{text[:at]}{UNSEEN[at % len(UNSEEN)]}{text[at:]}",
        "only unseen": UNSEEN[at % 8],
        "mojibake": f"{text}Ã¼",
        "long": text + "x" * 400,
        "quoted": f'"{text}"',
    }


UNITS = {
    x: x for x in ("CT", "CA", "DZ", "KGM", "SET", "箱", "ea", "EACH", "E A", "PCE.", "?", "12", "")
}
CURRENCIES = {
    x: x for x in ("eur", "EURO", "€", "RMB", "USDT", "XXX", "978", "E", "EUR USD", "ＥＵＲ")
}
COUNTRIES = {
    x: x
    for x in ("de", "DEU", "276", "Germany", "Deutschland", "D", "XX", "D E", "??", "ＤＥ", "AUT")
}
SKUS = {
    x: x
    for x in (
        "tea-001",
        "TEA 001",
        "TEA-OO1",
        "TEA\u2011001",
        "4006381333930",
        "4.00638E+12",
    )
}
DATES = {
    x: x
    for x in ("20260231", "20261301", "260301", "31/02/2026", "01/03/26", "20260301T25", "0", "now")
}
DAYS = {x: x for x in DATES if x != "260301"} | {x: x for x in ("2026041", "206204015")}
PHASES = {
    x: x
    for x in ("pa1d", "PAID?", "paid\u200b!", "refund", "authorised", "teilbezahlt", "0", "Ⓟaid")
}


def damages(field, text, at):
    """What may become of a field: {kind: text}. None of it is another right value."""
    at = min(at, len(text))
    name = field.rstrip("12")
    found = texts(text, at)
    if name in {"name", "street", "city"}:
        del found["quoted"]  # what is said is the same
    if field in NUMBERS:
        found |= numbers(text, at)
    found |= {"unit": UNITS, "currency": CURRENCIES, "country": COUNTRIES, "sku": SKUS}.get(
        name, {}
    )
    found |= {
        "date": DATES,
        "day": DAYS | {"in years": "20640401"},
        "until": DAYS,
        "status": PHASES,
    }.get(name, {})
    if name == "unit":
        del found["DZ"]  # twelve are what was meant: another right value
        found = {k: v for k, v in found.items() if v not in {"", "   "}}  # no unit is one piece
    return found


SWAPS = [
    ("quantity1", "price1"),
    ("quantity1", "sku1"),
    ("price1", "sku1"),
    ("code", "country"),
    ("country", "currency"),
    ("quantity1", "quantity2"),
    ("price1", "price2"),
    ("total", "quantity2"),
    ("total", "price1"),
    ("count", "quantity1"),
    ("date", "quantity2"),
    ("day", "until"),
    ("date", "until"),
    ("day", "quantity2"),
    ("unit1", "quantity1"),
    ("unit1", "currency"),
    ("code", "sku2"),
]


def with_segment(notation, dice: random.Random, *, twice: bool):
    """A message with one of its segments (of UBL one element) left out, or there twice: (what, statements)."""
    write, read, end = WRITERS[notation]
    body = write(FIELDS).decode()
    if notation == "ubl":
        leaves = re.findall(r"<(\w+)[^<>]*>[^<>]*</\1>", body)
        name = dice.choice(leaves)
        spans = list(re.finditer(rf"<{name}[^<>]*>[^<>]*</{name}>", body))
        span = dice.choice(spans)
        spoilt = body[: span.end()] + (span[0] if twice else "") + body[span.end() :]
        spoilt = spoilt if twice else body[: span.start()] + body[span.end() :]
        return span[0], lambda: read("", spoilt.encode(), currency="EUR")
    head, rest = ("", body) if notation == "x12" else (body[:9], body[9:])
    parts = rest.split(end)[:-1]
    at = dice.randrange(len(parts))
    parts[at : at + 1] = [parts[at]] * 2 if twice else []
    spoilt = head + "".join(part + end for part in parts)
    return rest.split(end)[at], lambda: read("", spoilt.encode(), currency="EUR")
