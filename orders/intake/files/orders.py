"""Builds orders from the rows of a file; names every defect by row and column."""

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import NamedTuple

from erp.encodings import has_lost_letters, is_garbled
from erp.files import RawRow
from erp.money import minor_unit
from orders.customers.chinese_addresses import PastedAddress, read_address
from orders.customers.contacts import Address, Amount, Buyer, is_email
from orders.customers.countries import country_code
from orders.intake.files import cells, dates
from orders.intake.files.columns import BY_NAME
from orders.intake.files.lines import LineReader, priced
from orders.intake.files.rivals import differing, rivals_of
from orders.intake.files.rows import (
    HELD,
    MOST_LINES,
    REJECTED,
    Defect,
    Reading,
    Survey,
    cell_of,
    check_digits,
)
from orders.intake.files.statuses import ELSEWHERE, NAMED, UNKNOWN, State, state_of
from orders.intake.files.wishes import Wishes, WishReader
from orders.intake.messages.statements import StatedRefund, Statement
from orders.intake.messages.totals import made_to_add_up
from orders.placement.incoming import ForeignLine, ForeignOrder, IncomingPayment

ZERO = Decimal(0)


CERTAIN = 0.85  # of an address in one cell: below it a person looks


# What a file may say on each row of an order, or on one of them.
SUMMED = (
    "shipping",
    "tax",
    "discount",
    "line_shipping",
    "line_shipping_tax",
    "line_shipping_discount",
    "refunded",
)


# Columns whose moment means that something has happened: a word for none says that it has not.
FACTS = frozenset({"cancelled_at"})


class OrderReader(LineReader, WishReader):
    """Reads the rows of one order at a time."""

    def __init__(self, reading: Reading, surveyed: Survey) -> None:
        super().__init__(reading, surveyed)
        self.rivals = rivals_of(reading.columns, self.places, surveyed.header)
        self.needed = max(
            (place for name, place in self.places.items() if BY_NAME[name].needed), default=0
        )

    def read(self, rows: Sequence[RawRow]) -> tuple[Statement | None, list[Defect]]:
        """What the rows of an order say, and what is wrong with them. None: no order can be made."""
        self.defects = []
        for row in rows:
            self._check_width(row)
            self._check_rivals(row)
        self._check_repeats(rows)
        head = self._whole(rows)
        number = head.get("order", "")
        if not number:
            self._defect(rows[0], "missing", REJECTED, "order")
        for name in check_digits(head, BY_NAME):
            severity = REJECTED if name in {"order", "order_id"} else HELD
            self._defect(rows[0], "digits_lost", severity, name, head[name])
        if self._is_doubtful(rows):
            self._defect(rows[0], "encoding_doubtful", HELD)
        lines = [
            line
            for place, row in enumerate(rows, start=1)
            if (line := self._line(row, rows, place)) is not None
        ]
        if len(rows) > MOST_LINES:
            self._defect(rows[0], "too_many_lines", REJECTED)
        order = self._order(rows, head, lines, number)
        if order is None or any(d.severity == REJECTED for d in self.defects):
            return None, self.defects
        return order, self.defects

    def _is_doubtful(self, rows: Sequence[RawRow]) -> bool:
        """Whether words of these rows may be garbled."""
        odd = [cell for row in rows for cell in row.cells if not cell.isascii()]
        if any(map(is_garbled, (cell for row in rows for cell in row.cells))):
            return True
        named = (name for name in self.places if BY_NAME[name].kind == "text" and name != "note")
        texts = [cell_of(row, self.places, name) for name in named for row in rows]
        return any(map(has_lost_letters, texts)) or (bool(odd) and not self.surveyed.is_sure)

    def _check_width(self, row: RawRow) -> None:
        width = len(self.surveyed.header)
        if len(row.cells) <= self.needed or len(row.cells) < width // 2:
            self._defect(row, "too_few_columns", REJECTED, n=str(len(row.cells)), of=str(width))
        elif cells.any_filled(row.cells[width:]):
            self._defect(row, "too_many_columns", REJECTED, n=str(len(row.cells)), of=str(width))

    def _check_rivals(self, row: RawRow) -> None:
        """Hold what two columns say differently of one field: nobody knows which of them is meant."""
        for rival in self.rivals:
            said = cell_of(row, self.places, rival.name)
            if other := differing(row, rival, said):
                self._defect(
                    row,
                    "columns_differ",
                    HELD,
                    rival.name,
                    said,
                    other=rival.heading,
                    second=other[:60],
                )

    def _check_repeats(self, rows: Sequence[RawRow]) -> None:
        seen = Counter[tuple[str, ...]]()
        for row in rows:
            seen[row.cells] += 1
            if seen[row.cells] > 1 and len(row.cells) > 1:
                self._defect(row, "row_repeated", HELD)

    def _whole(self, rows: Sequence[RawRow]) -> dict[str, str]:
        """What is said of the whole order; a row that says something else is a defect."""
        found: dict[str, str] = {}
        for row in rows:
            for name in self.places:
                if not BY_NAME[name].whole:
                    continue
                text = cell_of(row, self.places, name)
                if not text or (name in FACTS and dates.says_nothing(text)):
                    continue
                if name not in found:
                    found[name] = self._shortened(row, BY_NAME[name], text)
                elif found[name] != text[: BY_NAME[name].longest] and not self._adds(name):
                    self._defect(row, "said_twice", HELD, name, text, first=found[name][:60])
        return found

    def _adds(self, name: str) -> bool:
        """Whether what rows say differently of an order is summed: each states its own share."""
        return name in {"shipping", "tax", "discount", "refunded"}

    def _order(
        self,
        rows: Sequence[RawRow],
        head: Mapping[str, str],
        lines: list[ForeignLine],
        number: str,
    ) -> Statement | None:
        first = rows[0]
        currency = self._currency(rows)
        if head.get("currency") and cells.currency(head["currency"]) is None:
            self._defect(first, "no_currency", REJECTED, "currency", head["currency"])
        if head.get("country") and not country_code(head["country"]):
            self._defect(first, "country_unknown", HELD, "country", head["country"])
        sums = {name: self._summed(rows, name, currency) for name in SUMMED}
        placed_at = self._moment(first, "placed_at", head.get("placed_at", ""))
        subtotal = self._amount(first, "subtotal", head.get("subtotal", ""), currency)
        total = self._amount(first, "total", head.get("total", ""), currency)
        state = self._state(first, head, self._has_happened(first, "cancelled_at", head))
        if not lines or not number:
            return None
        wishes = self._wishes(first, head, placed_at, state.is_shipped or state.is_cancelled)
        lines = priced(lines, subtotal if head.get("subtotal") else None, sums, currency)
        charged = self._charged(first, lines, sums, total if head.get("total") else None, currency)
        email = head.get("email", "")
        if email and "*" not in email and not is_email(email):
            self._defect(first, "not_an_email", HELD, "email", email)
        back = self._given_back(first, state, sums["refunded"], charged.total)
        order = self._placed(first, head, number, state, charged, placed_at, wishes)
        return Statement(
            external_id=order.external_id,
            order=order,
            paid=charged.total if state.is_paid else ZERO,
            refunds=[StatedRefund(key="file", amount=back)] if back else [],
            cancelled="cancelled" if state.is_cancelled else None,
            shipped=state.is_shipped,
        )

    def _given_back(self, row: RawRow, state: State, stated: Decimal, total: Decimal) -> Decimal:
        """What went back of an order's money; an amount that its words do not bear out holds it."""
        if state.is_partly_refunded and not stated:
            self._defect(row, "refund_amount_missing", HELD, "refunded")
            return ZERO
        is_part = state.is_partly_refunded
        is_odd = bool(stated) and (
            not state.is_refunded or stated > total or is_part == (stated == total)
        )
        if is_odd and not state.contradiction:
            self._defect(row, "state_contradicts", HELD, "refunded", str(stated))
        if not state.is_refunded or not state.is_paid:
            return ZERO
        return min(stated or total, total)

    def _charged(
        self,
        row: RawRow,
        lines: list[ForeignLine],
        sums: Mapping[str, Decimal],
        total: Decimal | None,
        currency: str,
    ) -> "_Charged":
        """What the order's customer pays, adding up to the total; None: the file states none."""
        shipping = max(
            ZERO, sums["shipping"] + sums["line_shipping"] - sums["line_shipping_discount"]
        )
        shipping_tax = sums["line_shipping_tax"]
        due = sum((x.subtotal - x.discount + x.tax for x in lines), shipping + shipping_tax)
        if total is None:
            total = due.quantize(minor_unit(currency))
        lines, shipping, shipping_tax, differs = made_to_add_up(
            lines, shipping=shipping, shipping_tax=shipping_tax, total=total, currency=currency
        )
        if differs:
            self._defect(row, "total_differs", HELD, "total", str(total), by=str(differs))
        return _Charged(currency, lines, shipping, shipping_tax, total, differs)

    def _placed(
        self,
        row: RawRow,
        head: Mapping[str, str],
        number: str,
        state: State,
        charged: "_Charged",
        placed_at: datetime | None,
        wishes: Wishes,
    ) -> ForeignOrder:
        """The order as it is placed; what is doubtful about it is known by now."""
        address, phone = self._address(row, head)
        doubts = sorted(
            {
                f"{d.code}:{d.value[:20]}" if d.code in NAMED else d.code
                for d in self.defects
                if d.severity == HELD
            }
        )
        key = head.get("order_id") or number
        return ForeignOrder(
            external_id=key[:100],
            currency=charged.currency,
            customer=Buyer(
                name=(head.get("customer") or address.name)[:200],
                email=head.get("email", "")[:254],
                phone=phone,
            ),
            shipping_address=address,
            lines=charged.lines,
            shipping_service="",
            payment=_payment(state, head.get("payment_reference") or key[:100], charged),
            note="\n".join(x for x in (wishes.note, head.get("note", "")) if x)[:2000],
            arrival=wishes.arrival,
            includes_tax=False,
            shipping=charged.shipping,
            shipping_tax=charged.shipping_tax,
            total=charged.total,
            number=number[:60],
            placed_at=placed_at,
            service_name=head.get("service", ""),
            differs=charged.differs,
            doubts=[code for code in doubts if code not in ELSEWHERE],
        )

    def _state(self, row: RawRow, head: Mapping[str, str], cancelled: bool) -> State:
        state = state_of(head, otherwise=self.reading.payment, cancelled=cancelled)
        for name, word in state.unknown.items():
            self._defect(row, UNKNOWN[name], HELD, name, word)
        if state.contradiction:
            self._defect(row, "state_contradicts", HELD, "status", state.contradiction)
        return state

    def _has_happened(self, row: RawRow, name: str, head: Mapping[str, str]) -> bool:
        """Whether a column of moments says that something has happened; any other word is a state that nobody knows.

        Which of two days a moment is of does not matter here.
        """
        text = head.get(name, "")
        if not text:
            return False
        found = dates.readings(text, self.reading.zone)
        if not found:
            self._defect(row, "state_unknown", HELD, name, text)
        elif self._is_to_come(min(found)):
            self._defect(row, "moment_to_come", REJECTED, name, text)
        return bool(found)

    def _is_certain(self, pasted: PastedAddress, values: Mapping[str, str], phone: str) -> bool:
        """Whether a pasted address is read as surely as if its parts had columns; name and phone may have theirs."""
        elsewhere = {"name"} if values["name"] else set()
        elsewhere |= {"phone"} if phone else set()
        said = elsewhere & set(pasted.missing)
        lacking = set(pasted.missing) - elsewhere - {"name", "phone"}
        contradicted = any(
            values[name] and values[name] != getattr(pasted, name) for name in ("city", "region")
        )
        return not lacking and not contradicted and pasted.confidence + 0.17 * len(said) >= CERTAIN

    def _address(self, row: RawRow, head: Mapping[str, str]) -> tuple[Address, str]:
        phone = head.get("phone", "")
        country = (
            country_code(head.get("country", "")) if head.get("country") else self.reading.country
        )
        values = {
            name: head.get(name, "")
            for name in ("name", "line1", "line2", "city", "region", "postal_code")
        }
        if head.get("address") and not values["line1"]:
            if country in {"CN", ""}:
                pasted = read_address(head["address"])
                if self._is_certain(pasted, values, phone):
                    values["line1"] = f"{pasted.district}{pasted.street}"
                    values["city"] = values["city"] or pasted.city
                    values["region"] = values["region"] or pasted.region
                else:
                    values["line1"] = head["address"][:250]
                    self._defect(row, "address_guessed", HELD, "address", head["address"])
                values["name"] = values["name"] or pasted.name
                values["postal_code"] = values["postal_code"] or pasted.postal_code
                phone = phone or pasted.phone
                country = country or ("CN" if pasted.region else "")
            else:
                values["line1"] = head["address"][:250]
        values["name"] = values["name"] or head.get("customer", "")
        return Address(**values, country=country, phone=phone[:40]), phone[:40]


class _Charged(NamedTuple):
    """What an order's customer pays. `differs`: by how much the file's own sums miss its total."""

    currency: str
    lines: list[ForeignLine]
    shipping: Decimal
    shipping_tax: Decimal
    total: Decimal
    differs: Decimal


def _payment(state: State, reference: str, charged: _Charged) -> IncomingPayment:
    paid = charged.total if state.is_paid else ZERO
    return IncomingPayment(
        # One of the four: `state_of` and what a job may be asked for (`PAYMENTS`) see to it.
        method=state.method,  # type: ignore[arg-type]
        reference=reference,
        amount=Amount(str(paid), charged.currency) if paid else None,
    )
