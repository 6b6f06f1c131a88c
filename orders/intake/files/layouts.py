"""Maps a historical file's columns to sales, returns and account entries."""

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal, InvalidOperation
from zoneinfo import ZoneInfo

from erp.files import RawRow
from erp.visible import identifier

MOST_UNITS = 2_000_000_000


PRODUCT = re.compile(r"\d{5}")  # Online Retail: what starts otherwise is postage, fees, discounts


@dataclass(frozen=True, slots=True)
class Layout:
    """A saved column mapping.

    columns   our name for a field -> the file's name for its column
    currency  the one currency of files that name none
    services  a pattern product codes start with; other codes are services. None: none are
    """

    name: str
    columns: Mapping[str, str]
    currency: str
    required: tuple[str, ...]
    services: re.Pattern[str] | None = None
    date_format: str = "%Y-%m-%d %H:%M:%S"


LAYOUTS = {
    "online-retail": Layout(
        name="online-retail",
        columns={
            "document": "InvoiceNo",
            "sku": "StockCode",
            "name": "Description",
            "quantity": "Quantity",
            "at": "InvoiceDate",
            "unit_price": "UnitPrice",
            "customer": "CustomerID",
            "country": "Country",
        },
        currency="GBP",
        required=("document", "sku", "quantity", "at", "unit_price"),
        services=PRODUCT,
    ),
    "throughline": Layout(
        name="throughline",
        columns={
            "document": "external_id",
            "sku": "sku",
            "name": "name",
            "quantity": "quantity",
            "at": "placed_at",
            "unit_price": "unit_price",
            "customer": "customer_id",
            "country": "country",
            "currency": "currency",
        },
        currency="CNY",
        required=("document", "sku", "quantity", "at", "unit_price"),
    ),
}


@dataclass(frozen=True, slots=True)
class Sold:
    """One row, understood. `kind` says what it becomes: order, return, adjustment, entry."""

    file: str
    row: int
    kind: str
    document: str
    sku: str
    name: str
    quantity: int  # signed, as the file has it
    at: datetime
    unit_price: Decimal
    customer: str  # "" when the file names none
    country: str
    is_service: bool

    @property
    def amount(self) -> Decimal:
        """Quantity × price, signed and unrounded."""
        return self.quantity * self.unit_price

    def content(self) -> bytes:
        """What makes two rows say the same: a hash of everything but where they stand."""
        text = "\x1f".join(
            (
                self.document,
                self.sku,
                self.name,
                str(self.quantity),
                self.at.isoformat(),
                str(self.unit_price.normalize()),
                self.customer,
                self.country,
            )
        )
        return hashlib.blake2b(text.encode(), digest_size=16).digest()


@dataclass(frozen=True, slots=True)
class Rejected:
    """One row that could not be understood: why, in a code, and what it said."""

    file: str
    row: int
    code: str
    params: Mapping[str, str]
    cells: tuple[str, ...]
    amount: Decimal = Decimal(0)


class MissingColumns(Exception):
    """A file lacks columns that its layout needs."""


class Reader:
    """Understands the rows of one file by one layout; times without a zone are `zone`'s."""

    def __init__(self, layout: Layout, file: str, header: tuple[str, ...], zone: ZoneInfo) -> None:
        self.layout, self.zone = layout, zone
        places = {name: index for index, name in enumerate(header)}
        missing = [layout.columns[f] for f in layout.required if layout.columns[f] not in places]
        if missing:
            raise MissingColumns(
                f"{file} has no column {', '.join(missing)}; it has {', '.join(header)}."
            )
        self.places = {
            field: places[column] for field, column in layout.columns.items() if column in places
        }
        self.width = max(self.places.values()) + 1

    def understand(self, raw: RawRow) -> Sold | Rejected:
        """What a row says, or why it cannot be taken."""
        if len(raw.cells) < self.width:
            return Rejected(raw.file, raw.row, "too_few_columns", {}, raw.cells)
        cell = {field: identifier(raw.cells[place]) for field, place in self.places.items()}
        quantity, price = _quantity(cell["quantity"]), _price(cell["unit_price"])
        amount = quantity * price if quantity is not None and price is not None else Decimal(0)

        def reject(code: str, **params: str) -> Rejected:
            return Rejected(raw.file, raw.row, code, params, raw.cells, amount)

        for field in ("document", "sku"):
            if not cell[field]:
                return reject("missing", column=self.layout.columns[field])
            if len(cell[field]) > 60:
                return reject("too_long", column=self.layout.columns[field])
        if quantity is None:
            return reject("not_a_quantity", value=cell["quantity"][:40])
        if price is None:
            return reject("not_a_price", value=cell["unit_price"][:40])
        at = _moment(cell["at"], self.layout.date_format, self.zone)
        if at is None:
            return reject("not_a_date", value=cell["at"][:40])
        if quantity == 0:
            return reject("no_quantity")
        if cell.get("currency", self.layout.currency) != self.layout.currency:
            return reject("other_currency", value=cell["currency"][:10])
        kind = _kind(cell["document"], quantity, price)
        if kind is None:
            return reject("cancels_by_adding")
        return Sold(
            file=raw.file,
            row=raw.row,
            kind=kind,
            document=cell["document"],
            sku=cell["sku"],
            name=cell.get("name", "")[:250],
            quantity=quantity,
            at=at,
            unit_price=price,
            customer=cell.get("customer", "").removesuffix(".0")[:60],
            country=cell.get("country", "")[:60],
            is_service=bool(self.layout.services and not self.layout.services.match(cell["sku"])),
        )


def _kind(document: str, quantity: int, price: Decimal) -> str | None:
    """What a row becomes. None: a cancelling document that adds units makes no sense."""
    if document[:1] == "C":
        return "return" if quantity < 0 and price >= 0 else None
    if document[:1] == "A" or price < 0:
        return "entry"
    if quantity < 0:
        return "adjustment" if price == 0 else "entry"
    return "order"


def _quantity(text: str) -> int | None:
    text = text.removesuffix(".0")
    digits = text.removeprefix("-")
    if not digits.isascii() or not digits.isdecimal() or len(digits) > 10:
        return None
    return int(text) if abs(int(text)) <= MOST_UNITS else None


def _price(text: str) -> Decimal | None:
    try:
        price = Decimal(text)
    except InvalidOperation:
        return None
    if not price.is_finite() or abs(price) >= 10**12 or price != round(price, 4):
        return None
    return price


def _moment(text: str, pattern: str, zone: ZoneInfo) -> datetime | None:
    try:
        value = datetime.fromisoformat(text)
    except ValueError:
        try:
            value = datetime.strptime(text, pattern)  # noqa: DTZ007  the zone follows below
        except ValueError:
            return None
    if not 1990 <= value.year <= 2100:
        return None
    return value if value.tzinfo else value.replace(tzinfo=zone)
