"""Decides where a parcel is by its carrier's reports, what its customer hears of it, and who may look it up."""

import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta, tzinfo

from fulfillment.tracking.states import RANKS

AHEAD = timedelta(days=1)  # how far a carrier's clock may be before ours
BEHIND = timedelta(minutes=15)  # and how far behind, where an order has only just been placed
LATE = timedelta(days=3)  # how long after a parcel has left its warehouse may say so
LONGEST = {"external_id": 120, "code": 120, "place": 200, "description": 2000}

TOLD = frozenset(
    {"out_for_delivery", "ready_for_pickup", "delivery_failed", "return_to_sender", "delivered"}
)


@dataclass(frozen=True, slots=True)
class Report:
    """One tracking event: what a carrier says was true at an instant.

    leg   "out" or "back" where the carrier says which way the parcel travels, else ""
    """

    state: str
    at: datetime
    leg: str = ""


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a parcel is.

    attempt   which delivery attempt, wait or way back this is: two scans of one are one piece of news
    since     when it became so; None before the carrier said anything
    """

    status: str
    delivered_at: datetime | None = None
    attempt: str = ""
    since: datetime | None = None


def standing_of(reports: Iterable[Report], zone: tzinfo) -> Standing:
    """Decide where a parcel that has left is, from its log alone, whatever order its events arrived in.

    The latest event counts; of several at one instant, the furthest along. Delivered is final,
    except that a parcel may still be sent back. On its way back everything is said of us: what is
    delivered then was delivered to the sender, and the parcel is `returned`. It is the customer's
    again only where its carrier says so (leg "out"): a parcel is out for delivery to us as well.

    zone   whose days tell two attempts of one courier apart
    """
    journey = _Journey(zone)
    for report in sorted(reports, key=lambda r: (r.at, RANKS[r.state], r.leg)):
        journey.take(report)
    return Standing(journey.status, journey.delivered_at, journey.attempt, journey.since)


class _Journey:
    """A parcel's log, read from its first event to its last."""

    def __init__(self, zone: tzinfo) -> None:
        self.zone = zone
        self.status, self.attempt = "shipped", ""
        self.since: datetime | None = None
        self.delivered_at: datetime | None = None
        self.is_back = False
        self.turns = 0
        self.day: date | None = None  # of the attempt that is on, and how many that day had before
        self.of_day, self.has_failed = 0, False

    def take(self, report: Report) -> None:
        if report.state == "unknown":
            if self.status == "shipped":
                self._stand("unknown", report)
        elif self._goes_back(report):
            self._take_back(report)
        elif self.delivered_at is None:
            self._take_out(report)

    def _goes_back(self, report: Report) -> bool:
        back = report.state == "return_to_sender" or (
            report.leg != "out" and (self.is_back or report.leg == "back")
        )
        if back != self.is_back:
            self.turns += 1
            self.is_back, self.delivered_at = back, None
            self.day, self.of_day, self.has_failed = None, 0, False
            self._stand("return_to_sender" if back else "in_transit", report)
        return back

    def _take_back(self, report: Report) -> None:
        if report.state == "delivered" and self.status != "returned":
            self._stand("returned", report)

    def _take_out(self, report: Report) -> None:
        if report.state == "pending" and self.status not in {"shipped", "unknown"}:
            return  # the label's data, sent again
        if report.state == "delivered":
            self.delivered_at = report.at
        if report.state in {"out_for_delivery", "delivery_failed"}:
            self._count_attempt(report)
        self._stand(report.state, report)

    def _count_attempt(self, report: Report) -> None:
        """Begin another attempt on another day, or where one has failed and the courier goes out again."""
        day = report.at.astimezone(self.zone).date()
        again = self.has_failed and report.state == "out_for_delivery"
        if day != self.day:
            self.day, self.of_day = day, 0
        elif again:
            self.of_day += 1
        self.has_failed = report.state == "delivery_failed"

    def _stand(self, status: str, report: Report) -> None:
        self.status, self.since = status, report.at
        attempt = f"{self.day or ''}/{self.of_day}"
        self.attempt = str(self.turns) if self.delivered_at or self.is_back else attempt


def is_news(
    standing: Standing,
    *,
    before: str,
    told: Mapping[str, list[str]],
    now: datetime,
    zone: tzinfo,
) -> bool:
    """Tell whether the customer hears of where a parcel is now: each state once per attempt.

    before   the status that the parcel had
    told     by state: the attempt that was told last, and since when it was so (ISO 8601)

    What came late is no news beside something newer of the same state; "arrives today" is none
    tomorrow.
    """
    if standing.status not in TOLD or standing.since is None:
        return False
    day, today = standing.since.astimezone(zone).date(), now.astimezone(zone).date()
    if standing.status == "out_for_delivery" and day < today:
        return False
    if standing.status not in told:
        return standing.status != before
    attempt, since = told[standing.status]
    return attempt != standing.attempt and datetime.fromisoformat(since) < standing.since


def refusal_of(
    *,
    at: datetime,
    texts: Mapping[str, str],
    placed_at: datetime,
    packed_at: datetime,
    now: datetime,
) -> tuple[str, str]:
    """Say why an event cannot be this parcel's, as (code, field); ("", "") where it can.

    What happened before the parcel was there is said of another one: carriers use their numbers again.
    """
    if at > now + AHEAD:
        return "in-future", "at"
    if at < max(placed_at - BEHIND, packed_at - LATE):
        return "before-parcel", "at"
    for name, most in LONGEST.items():
        if len(texts[name]) > most:
            return "too-long", name
    return "", ""


@dataclass(frozen=True, slots=True)
class Known:
    """What is known of an order's customer, and asked of whoever wants to see the order without its link."""

    emails: frozenset[str]
    phones: frozenset[str]
    postal_code: str
    name: str


PHONE = re.compile(r"[+\d][\d\s()./\u2010-\u2015-]*")
LEAST_DIGITS = 7  # of a phone: its end, since people leave out country and area


def is_proof(contact: str, name: str, known: Known) -> bool:
    """Tell whether a contact proves to be of an order's customer.

    A whole e-mail address, letter case aside; at least seven digits a phone ends with; a whole
    postal code together with the recipient's name. Less is no proof: everybody knows "gmail.com",
    and a postal code is a whole town's.
    """
    contact = _squished(contact)
    if "@" in contact:
        return contact in {_squished(email) for email in known.emails}
    if PHONE.fullmatch(contact):
        digits = _digits(contact).lstrip("0")
        if len(digits) >= LEAST_DIGITS and any(_digits(p).endswith(digits) for p in known.phones):
            return True
    code = _letters(contact)
    return bool(code) and code == _letters(known.postal_code) and _is_name(name, known.name)


def _is_name(given: str, known: str) -> bool:
    """The recipient's whole name or, where it has several words, one of them, as long as it is no initial."""
    given, known = _squished(given), _squished(known)
    parts = {part for part in known.split() if len(part) > 1 and part[0].isalpha()}
    return bool(given) and (given == known or given in parts)


def _squished(text: str) -> str:
    return " ".join(unicodedata.normalize("NFKC", text).casefold().split())


def _letters(text: str) -> str:
    return "".join(c for c in _squished(text) if c.isalnum())


def _digits(text: str) -> str:
    return "".join(c for c in unicodedata.normalize("NFKC", text) if c.isdecimal())
