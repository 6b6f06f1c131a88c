"""Fetches the European Central Bank's exchange rates. Network I/O here; writes are actions."""

from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from erp.access.models import Actor
from erp.access.queries import own_currency
from erp.events.webhook_client import Refused, checked, fetch
from erp.foreign_xml import NoXml, read_xml
from erp.jobs.upsert import Outcome
from erp.once import perform
from orders.pricing.actions.exchange_rates import write_rates

ECB = "https://www.ecb.europa.eu/stats/eurofxref/eurofxref-daily.xml"


MOST_BYTES = 1024 * 1024


DIGITS = Decimal("0.0000000001")


class NoRates(Exception):
    """The rates could not be fetched, or are none."""


def fetch_rates(url: str, *, by: Actor, now: datetime) -> Outcome:
    """Fetch the day's reference rates and write them in the company's currency. Raises NoRates."""
    try:
        status, _headers, body = fetch(checked(url), {"Accept": "application/xml"}, MOST_BYTES)
    except (OSError, Refused) as error:
        raise NoRates(str(error)) from error
    if status != 200:
        raise NoRates(f"it answered {status}")
    on, euros = read_ecb(body)
    rows = in_currency(euros, own_currency())
    return perform(
        write_rates,
        by=by,
        now=now,
        rows=[
            {"currency": code, "on": on, "rate": rate, "source": "ECB"}
            for code, rate in rows.items()
        ],
    )


def read_ecb(body: bytes) -> tuple[date, dict[str, Decimal]]:
    """The day of a reference file, and how much of each currency is one euro. Raises NoRates."""
    try:
        root = read_xml(body)
        cubes: list[Any] = [each for each in root.iter() if each.tag.rpartition("}")[2] == "Cube"]
        day = next(date.fromisoformat(cube.get("time")) for cube in cubes if cube.get("time"))
        found = {c.get("currency"): Decimal(c.get("rate")) for c in cubes if c.get("currency")}
    except (
        NoXml,
        StopIteration,
        ValueError,
        TypeError,
        InvalidOperation,
    ) as error:
        raise NoRates("it is no file of reference rates") from error
    if not found or any(not rate.is_finite() or rate <= 0 for rate in found.values()):
        raise NoRates("it is no file of reference rates")
    return day, found


def in_currency(euros: dict[str, Decimal], book: str) -> dict[str, Decimal]:
    """What one unit of each currency is worth in `book`, by way of the euro. Raises NoRates."""
    euros = euros | {"EUR": Decimal(1)}
    if book not in euros:
        raise NoRates(f"there is no rate of {book}")
    return {
        code: (euros[book] / rate).quantize(DIGITS) for code, rate in euros.items() if code != book
    }
