"""Days and places that a purchase order asks for: kept on the order, told, or asked about; never dropped."""

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from inventory.models import Warehouse
from orders.intake.edi import edifact, ubl, x12
from orders.intake.edi.asked_days import (
    BEGINS,
    CANCEL,
    COME_BY,
    COME_FROM,
    COME_ON,
    SHIP_BY,
    SHIP_FROM,
    SHIP_ON,
    Asked,
    Period,
    decided,
)
from orders.intake.inbox.tasks import read_some
from orders.intake.messages.statements import with_passed
from orders.models import Hold, IncomingMessage, Order, ShippingService
from orders.routing.calendar import is_working_day
from orders.routing.decisions.promise import day_to_leave
from tests.orders.intake.edi.test_notations import edifact_of, ubl_line, ubl_of, x12_of
from tests.orders.samples import INTERCHANGE

LINE = ("LIN+1++A", "QTY+21:1")
ON = "DTM+137:20260301:102"
DAY, NEXT = date(2026, 4, 1), date(2026, 4, 8)
ISSUED = "<DocumentCurrencyCode>EUR</DocumentCurrencyCode><IssueDate>2026-03-01</IssueDate>"


def asked(role, day, line=0, code=""):
    days = None if day is None else Period(day, day)
    return Asked(role, code or role, f"{role} {day}", days, line)


ROLES = {
    # role: of X12, of EDIFACT
    SHIP_FROM: (["037", "081"], ["37", "81", "234"]),
    SHIP_ON: (["010", "068", "118"], ["10", "200"]),
    COME_FROM: (["064", "071"], ["64", "71"]),
    COME_ON: (["002", "017", "067"], ["2", "17", "76"]),
    SHIP_BY: (["038", "084"], ["38", "84"]),
    COME_BY: (["063", "074", "106"], ["63", "74"]),
    CANCEL: (["001", "061", "177"], ["61", "36", "383"]),
}


@pytest.mark.parametrize("role", sorted(ROLES))
def test_a_readable_day_is_kept_and_told_and_holds_nothing(role):
    in_x12, in_edifact = ROLES[role]
    line = "PO1*1*2*EA*5**VP*A"
    found = [x12_of(*order) for code in in_x12 for order in [(f"DTM*{code}*20260401", line)]]
    found += [edifact_of(ON, f"DTM+{code}:20260401:102", *LINE) for code in in_edifact]
    for order in found:
        assert order.doubts == []
        assert order.ship_not_before == (DAY if role in BEGINS else None)
        assert "2026-04-01" in order.note


@pytest.mark.parametrize("codes", [("002", "2"), ("037", "37"), ("063", "63"), ("001", "61")])
@pytest.mark.parametrize("written", ["20269999", "2026041", "", "soon", "26W14"])
def test_a_day_that_cannot_be_read_holds(codes, written):
    in_x12, in_edifact = codes
    for order in (
        x12_of("PO1*1*2*EA*5**VP*A", f"DTM*{in_x12}*{written}"),
        edifact_of(ON, f"DTM+{in_edifact}:{written}:102", *LINE),
    ):
        (doubt,) = order.doubts
        assert doubt.startswith("date_requested:DTM")
        assert order.ship_not_before is None


@pytest.mark.parametrize(
    ("written", "day"),
    [
        ("DTM+2:010426:2", DAY),
        ("DTM+2:260401:101", DAY),
        ("DTM+2:202604012330:203", DAY),  # in the zone of whoever takes the order
        ("DTM+2:202604012330UTC:303", date(2026, 4, 2)),
        ("DTM+2:202604012330EST:303", None),
        ("DTM+2:202614:616", None),  # whose week 14?
        ("DTM+2:20260401-20260408:718", DAY),
        ("DTM+2:20260408-20260401:718", None),
    ],
)
def test_the_notation_says_how_a_day_is_written(written, day):
    body = (
        f"UNB+UNOC:3+400:14+401:14+260301:1000+1'UNH+1+ORDERS:D:96A:UN'BGM+220+E-1+9'{ON}'{written}'"
        "NAD+BY+400::9++Shop+Street 1+Berlin++10115+DE'LIN+1++A'QTY+21:1'UNT+9+1'UNZ+1+1'"
    )
    zone = ZoneInfo("Asia/Shanghai")
    (said,) = edifact.read("", body.encode(), currency="EUR", zone=zone)
    assert said.order.ship_not_before == day
    assert bool(said.order.doubts) == (day is None)
    assert said.until == (NEXT if "-20260408" in written else None)


def test_periods_and_zones_of_x12():
    line = "PO1*1*2*EA*5**VP*A"
    assert x12_of(line, "DTM*002****RD8*20260401-20260408").ship_not_before == DAY
    assert x12_of(line, "DTM*002****RD8*20260401").doubts
    body = INTERCHANGE.replace(b"CUR*", b"DTM*037*20260401*2330*UT~CUR*")
    (said,) = x12.read("", body, currency="EUR", zone=ZoneInfo("Asia/Shanghai"))
    assert said.order.ship_not_before == date(2026, 4, 2)


def delivery(inside: str) -> str:
    return f"<Delivery>{inside}</Delivery>"


def period(start="2026-04-01", end="2026-04-08", name="RequestedDeliveryPeriod") -> str:
    first = f"<StartDate>{start}</StartDate>" if start else ""
    last = f"<EndDate>{end}</EndDate>" if end else ""
    return f"<{name}>{first}{last}</{name}>"


@pytest.mark.parametrize(
    ("inside", "day", "until"),
    [
        (period(), DAY, NEXT),
        (period(end=""), DAY, None),
        (period(start=""), None, NEXT),
        (period(name="PromisedDeliveryPeriod"), DAY, NEXT),
        ("<LatestDeliveryDate>2026-04-08</LatestDeliveryDate>", None, NEXT),
        ("<LatestDeliveryDate>2026-04-08</LatestDeliveryDate>" + period(end=""), DAY, NEXT),
        (
            "<Despatch><RequestedDespatchDate>2026-04-01</RequestedDespatchDate></Despatch>",
            DAY,
            None,
        ),
    ],
)
def test_days_of_ubl_of_the_whole_or_of_every_line(inside, day, until):
    lined = ubl_line().replace("</Price>", f"</Price>{delivery(inside)}")
    for order in (ubl_of(ubl_line(), ISSUED + delivery(inside)), ubl_of(lined, ISSUED)):
        assert (order.ship_not_before, order.doubts) == (day, [])
        assert all(str(x) in order.note for x in (day, until) if x)


@pytest.mark.parametrize(
    "inside",
    [
        period(start="2026-04-31"),
        period(start="", end=""),
        "<RequestedDeliveryPeriod><Description>next week</Description></RequestedDeliveryPeriod>",
        period(start="2026-04-09"),
        period(start="2026-02-01", end="2026-02-03"),
        period(start="2028-04-01", end=""),
        "<LatestDeliveryDate>8.4.2026</LatestDeliveryDate>",
        "<LatestDeliveryDate>2026-03-31</LatestDeliveryDate>" + period(end=""),
    ],
)
def test_days_of_ubl_that_cannot_be_read_or_contradict_hold(inside):
    doubts = ubl_of(ubl_line(), ISSUED + delivery(inside)).doubts
    assert 1 <= len(doubts) <= 2
    assert all(doubt.startswith("date_requested:") for doubt in doubts)


def test_a_moment_of_ubl_is_a_day_where_its_order_is_taken():
    inside = period(end="").replace("</StartDate>", "</StartDate><StartTime>23:30:00Z</StartTime>")
    body = f"<Order xmlns='urn:oasis:names:specification:ubl:Order-2'><ID>U</ID>{ISSUED}{delivery(inside)}{ubl_line()}</Order>"
    for zone, day in (("Asia/Shanghai", date(2026, 4, 2)), ("America/New_York", DAY)):
        (said,) = ubl.read("", body.encode(), currency="EUR", zone=ZoneInfo(zone))
        assert said.order.ship_not_before == day


@pytest.mark.parametrize(
    ("asks", "first"),
    [
        ([(SHIP_ON, DAY), (COME_ON, NEXT)], DAY),  # what it says of leaving counts
        ([(SHIP_ON, DAY), (COME_FROM, NEXT)], NEXT),  # but nothing comes too early
        ([(COME_ON, NEXT), (SHIP_BY, DAY)], DAY),
        ([(COME_FROM, DAY), (COME_BY, NEXT)], DAY),
        ([(SHIP_FROM, DAY), (CANCEL, NEXT)], DAY),
        ([(COME_BY, DAY)], None),
        ([(COME_FROM, date(2026, 2, 1)), (COME_ON, DAY)], DAY),
        ([(SHIP_FROM, DAY), (SHIP_ON, NEXT), (COME_ON, NEXT)], NEXT),
    ],
)
def test_what_several_days_come_to(asks, first):
    days = decided([asked(*each) for each in asks], 1, date(2026, 3, 1))
    assert (days.not_before, days.doubts) == (first, [])


@pytest.mark.parametrize(
    "asks",
    [
        [(SHIP_FROM, NEXT), (SHIP_BY, DAY)],
        [(SHIP_ON, NEXT), (CANCEL, DAY)],
        [(COME_ON, NEXT), (COME_BY, DAY)],
        [(COME_FROM, NEXT), (CANCEL, DAY)],
        [(COME_BY, date(2026, 2, 1))],
        [(COME_ON, date(2062, 4, 1))],
        [(COME_ON, DAY), (COME_ON, NEXT)],
        [(SHIP_ON, NEXT), (COME_ON, DAY)],
        [(SHIP_FROM, NEXT), (COME_ON, DAY)],
        [(SHIP_FROM, NEXT), (SHIP_ON, DAY)],
        [(COME_FROM, NEXT), (COME_ON, DAY)],
        [(SHIP_ON, date(2026, 2, 28))],
        [(COME_ON, date(2015, 12, 26))],
        [(SHIP_FROM, date(2015, 12, 26))],
        [(COME_FROM, date(2015, 12, 26))],
        [(COME_ON, None)],
    ],
)
def test_days_that_contradict_hold(asks):
    days = decided([asked(*each) for each in asks], 1, date(2026, 3, 1))
    assert days.doubts


BEFORE, LATER = date(2026, 3, 30), date(2026, 4, 15)
PAIRS = [
    *((begin, end) for begin in (SHIP_FROM, SHIP_ON) for end in (SHIP_BY, COME_BY, CANCEL)),
    *((begin, end) for begin in (COME_FROM, COME_ON) for end in (COME_BY, CANCEL)),
]


@pytest.mark.parametrize(("begin", "end"), PAIRS)
@pytest.mark.parametrize("place", [(0, 0), (0, 1), (1, 0), (1, 1)])
@pytest.mark.parametrize("bystander", sorted(ROLES))
def test_a_contradiction_names_the_days_that_contradict(begin, end, place, bystander):
    """Whatever else is asked for, and wherever it stands."""
    two = [asked(begin, NEXT, place[0]), asked(end, DAY, place[1])]
    named = sorted(f"date_requested:{each.written}" for each in two)
    more = asked(bystander, LATER if bystander not in BEGINS else BEFORE)
    more = [] if bystander in {begin, end} else [more]
    beside = {f"date_requested:{x.written}" for x in more if x.role in {SHIP_ON, COME_ON}}
    for asks in ([*more, *two], [*two, *more], [two[1], *more, two[0]]):
        doubts = set(decided(asks, 1, date(2026, 3, 1)).doubts)
        assert doubts - beside == set(named) - beside
    late = decided([asked(begin, NEXT), asked(end, date(2026, 2, 1))], 1, date(2026, 3, 1))
    assert f"date_requested:{end} 2026-02-01" in late.doubts


def test_only_the_day_that_is_too_late_or_too_far_is_named():
    asks = [
        asked(SHIP_FROM, DAY),
        asked(CANCEL, date(2062, 1, 1)),
        asked(COME_ON, date(2062, 1, 1)),
    ]
    assert decided(asks, 1, date(2026, 3, 1)).doubts == ["date_requested:come_on 2062-01-01"]
    body = x12_of("DTM*010*20260501", "DTM*001*20260415", "PO1*1*2*EA*5**VP*A")
    assert sorted(body.doubts) == [
        "date_requested:DTM 001 20260415",
        "date_requested:DTM 010 20260501",
    ]


def test_lines_with_other_days_hold_and_leave_with_the_last():
    same = [asked(COME_ON, DAY, 1), asked(COME_ON, DAY, 2)]
    assert decided(same, 2, None).doubts == []
    one = x12_of("PO1*1*2*EA*5**VP*A", "DTM*002*20260401", "PO1*2*2*EA*5**VP*B", "DTM*002*20260408")
    assert (one.doubts, one.ship_not_before) == (["delivery_split:DTM 002 20260401"], NEXT)
    some = edifact_of(ON, *LINE, "DTM+2:20260401:102", "LIN+2++B", "QTY+21:1")
    assert (some.doubts, some.ship_not_before) == (["delivery_split:DTM 2 20260401"], DAY)
    own = x12_of("DTM*002*20260401", "PO1*1*2*EA*5**VP*A", "DTM*002*20260408")
    assert (own.doubts, own.ship_not_before) == ([], NEXT)


days_asked = st.dates(date(2026, 3, 1), date(2026, 6, 1))


@given(
    st.lists(
        st.tuples(st.sampled_from(sorted(ROLES)), days_asked | st.none(), st.integers(0, 2)),
        max_size=6,
    )
)
def test_no_day_is_lost_and_nothing_leaves_before_any_line_may(asks):
    found = decided([asked(*each) for each in asks], 2, date(2026, 3, 1))
    for role, day, line in asks:
        is_overruled = not line and any(x[0] == role and x[2] for x in asks)
        assert found.doubts or found.told.get(role) == day or is_overruled
        assert found.doubts or day is None or role not in BEGINS or role in found.told
    hard = [d for role, d, line in asks if role in {SHIP_FROM, COME_FROM} and d and line]
    by = [d for role, d, _line in asks if role == SHIP_BY and d]
    if hard and not by and max(hard) > date(2026, 3, 1):
        assert found.not_before is not None
        assert found.not_before >= max(hard)
    assert any(day is None for _r, day, _l in asks) <= bool(found.doubts)


def test_a_last_day_that_has_passed_holds_one_that_has_not_waits():
    body = INTERCHANGE.replace(b"CUR*", b"DTM*063*20260401~CUR*")
    (said,) = x12.read("", body, currency="EUR")
    assert with_passed(said, DAY).order.doubts == []
    assert with_passed(said, DAY + timedelta(1)).order.doubts == ["date_passed:2026-04-01"]


def test_several_places_or_days():
    line = "PO1*1*2*EA*5**VP*A"
    for split in ("SCH*1*EA***002*20260401", "SDQ*EA*92*S1*1*S2*1"):
        assert x12_of(line, split).doubts == [f"delivery_split:{split[:3]}"]
    assert edifact_of(*LINE, "LOC+7+1", "LOC+7+2").doubts == ["delivery_split:LOC"]
    assert edifact_of(*LINE, "LOC+7+1").doubts == []
    for one, other in (("N1*ST*A*92*1", "N1*ST*B*92*2"), ("N1*ST*A*92*1", "N1*ST*A*92*2")):
        assert x12_of(line, other).doubts == ["delivery_split:N1"]
        assert "delivery_split:N1" in x12_of(one, line, other).doubts
    there, here = "NAD+DP+1::9++A+S 1+B++1+DE", "NAD+DP+2::9++A+S 2+B++1+DE"
    assert edifact_of(there, *LINE, here).doubts == ["delivery_split:NAD"]
    assert edifact_of(there, *LINE, there).doubts == []
    place = "<DeliveryAddress><StreetName>{}</StreetName></DeliveryAddress>"
    here, there = (delivery(place.format(x)) for x in ("A 1", "B 2"))
    for lines, head in (
        (ubl_line(), here + there),
        (ubl_line().replace("<Item>", there + "<Item>"), here),
    ):
        assert ubl_of(lines, ISSUED + head).doubts == ["delivery_split:Delivery"]


@pytest.mark.django_db(transaction=True)
def test_an_order_for_a_later_day_waits_for_it_in_its_channels_zone(api, shop, laws_hold):
    today = datetime.now(ZoneInfo("UTC")).date()
    day = today + timedelta(days=20)
    body = INTERCHANGE.replace(b"20260301~CUR", f"{today:%Y%m%d}~DTM*010*{day:%Y%m%d}~CUR".encode())
    answer = api.client.post(
        "/api/v1/channels/web/messages", body, content_type="application/edi-x12"
    )
    assert answer.status_code == 202
    while read_some():
        pass
    assert IncomingMessage.objects.get().status == "processed"
    order = Order.objects.get()
    assert (order.ship_not_before, order.ship_by.date() >= day) == (day, True)
    reasons = set(Hold.objects.filter(order=order).values_list("reason", flat=True))
    assert "not_before" in reasons
    assert not any(reason.startswith("date_") for reason in reasons)
    laws_hold()


@given(st.dates(date(2026, 1, 1), date(2027, 1, 1)), st.integers(0, 12))
def test_what_leaves_in_time_comes_on_its_day_or_before_and_a_day_later_would_not(day, transit):
    """By the working days of Germany, and of a country whose calendar nobody knows."""
    for country in ("DE", "ZZ"):
        leaves = day_to_leave(day, transit, country, is_working_day)
        assert is_working_day(country, leaves)
        comes = arrives(leaves, transit, country)
        assert comes <= day
        later = leaves + timedelta(1)
        while not is_working_day(country, later):
            later += timedelta(1)
        assert arrives(later, transit, country) > day


def arrives(leaves, transit, country):
    while transit:
        leaves += timedelta(1)
        transit -= is_working_day(country, leaves)
    return leaves


@pytest.mark.parametrize(
    ("asks", "on", "by"),
    [
        ([(COME_ON, DAY)], DAY, DAY),
        ([(COME_BY, DAY)], None, DAY),
        ([(COME_FROM, DAY)], None, None),  # whatever its carrier takes
        ([(COME_FROM, DAY), (COME_BY, NEXT)], NEXT, NEXT),
        ([(COME_ON, DAY), (COME_BY, NEXT)], DAY, NEXT),
        ([(COME_ON, DAY), (SHIP_BY, DAY)], DAY, DAY),
        ([(COME_ON, NEXT), (SHIP_ON, DAY)], None, None),  # what it says of leaving counts
        ([(COME_BY, NEXT), (SHIP_FROM, DAY)], None, None),
        ([(CANCEL, NEXT)], None, None),
    ],
)
def test_when_an_order_should_come(asks, on, by):
    days = decided([asked(*each) for each in asks], 1, date(2026, 3, 1))
    assert (days.comes_on, days.comes_by) == (on, by)
    assert days.coming == next((f"{r} {d}" for r, d in asks[::-1] if d == by and "come" in r), "")


@pytest.mark.django_db(transaction=True)
class TestADayToCome:
    @pytest.fixture
    def placed(self, handed):
        def place(days, code="002"):
            today = timezone.localdate()
            asks = "~".join(
                f"DTM*{each}*{today + timedelta(n):%Y%m%d}"
                for each, n in ([(code, days)] if isinstance(days, int) else days)
            )
            body = INTERCHANGE.replace(b"20260301~CUR", f"{today:%Y%m%d}~{asks}~CUR".encode())
            assert handed(body).status == "processed"
            order = Order.objects.get()
            rows = Hold.objects.filter(order=order, reason="date_requested")
            return order, today, [hold.params for hold in rows]

        return place

    def test_it_leaves_before_its_day_by_what_its_service_takes(self, placed, laws_hold):
        order, today, holds = placed(30)
        service = ShippingService.objects.get(code=order.shipping_service)
        country = Warehouse.objects.order_by("priority", "pk").first().country
        day = today + timedelta(30)
        leaves = day_to_leave(day, service.transit_p50, country, is_working_day)
        assert (order.ship_not_before, holds) == (leaves, [])
        assert order.deliver_from <= day
        assert day.isoformat() in order.note
        laws_hold()

    @pytest.mark.parametrize("code", ["002", "063"])
    @pytest.mark.parametrize("days", [0, 1])
    def test_a_day_that_cannot_be_met_any_more_holds(self, placed, laws_hold, code, days):
        order, today, holds = placed(days, code)
        assert order.ship_not_before is None
        (named,) = holds
        assert f"{today + timedelta(days):%Y%m%d}" in str(named)
        laws_hold()

    def test_a_first_day_to_come_is_one_to_leave_unless_it_would_come_too_late(self, placed):
        order, today, holds = placed([("064", 30)])
        assert (order.ship_not_before, holds) == (today + timedelta(30), [])

    def test_a_period_is_met_though_it_leaves_before_it_begins(self, placed):
        order, today, holds = placed([("064", 30), ("063", 30)])
        assert order.ship_not_before < today + timedelta(30)
        assert order.deliver_from <= today + timedelta(30)
        assert holds == []


@pytest.mark.parametrize(
    ("said", "day"),
    [
        ("20260401*1200*ZZ", DAY),
        ("20260401***D8*20260401", DAY),
        ("20260401***TM*1200", DAY),
        ("***RD8*20260401-20260403", DAY),
        ("20260401***RD8*20260402-20260405", None),
        ("20260401***RD8*20260401-20260405", None),
        ("20260401***D8*20260402", None),
        ("20260401***CM*202604", None),
        ("20260401****RD8*20260402-20260405", None),
    ],
)
def test_a_period_beside_a_date_is_the_same_or_holds(said, day):
    order = x12_of(f"DTM*010*{said}", "PO1*1*2*EA*5**VP*A")
    assert order.ship_not_before == day
    assert [x.split(":")[0] for x in order.doubts] == ([] if day else ["date_requested"])
