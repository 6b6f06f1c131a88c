"""Versions of a purchase order: the newest counts, in whatever order they arrive."""

from itertools import permutations

import pytest

from orders.intake.edi import edifact, x12
from orders.intake.messages.statements import differs, is_newer_untold
from orders.models import ChannelOrder, IncomingMessage, Order
from tests.orders.samples import INTERCHANGE


def x12_version(purpose: str, quantity: int, *, time="0936", control="000000055") -> bytes:
    body = (
        INTERCHANGE.decode()
        .replace("BEG*00", f"BEG*{purpose}")
        .replace("*12*EA", f"*{quantity}*EA")
    )
    return body.replace("*0936*", f"*{time}*").replace("000000055", control).encode()


def edifact_version(function: str, quantity: int, *, time="0936", control="55") -> bytes:
    return (
        f"UNB+UNOC:3+400:14+401:14+260301:{time}+{control}'UNH+1+ORDERS:D:96A:UN'BGM+220+E-1+{function}'"
        "DTM+137:20260301:102'NAD+BY+400::9++Shop+Street 1+Berlin++10115+DE'CUX+2:EUR:9'"
        f"LIN+1++TEA-001:SRV'QTY+21:{quantity}'PRI+AAA:5'UNS+S'UNT+9+1'UNZ+1+{control}'"
    ).encode()


VERSIONS = [
    (x12_version, ("00", "05")),
    (edifact_version, ("9", "5")),
]


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(("version", "codes"), VERSIONS)
@pytest.mark.parametrize("arrival", list(permutations(range(3))))
def test_the_last_replacement_counts_in_every_order_of_arrival(handed, version, codes, arrival):
    bodies = [
        version(codes[0], 1),
        version(codes[1], 2, time="0940", control="100"),
        version(codes[1], 3, time="0940", control="101"),
    ]
    for n in arrival:
        handed(bodies[n])

    told = ChannelOrder.objects.get()
    assert told.said["lines"][0]["quantity"] == 3
    assert Order.objects.count() == 1


@pytest.mark.parametrize(
    ("reader", "version", "codes"),
    [(x12.read, *VERSIONS[0]), (edifact.read, *VERSIONS[1])],
)
def test_versions_rank_by_kind_then_time_then_control_number(reader, version, codes):
    original, replaces = codes[:2]
    ranked = [
        version(original, 1, time="2359", control="1"),
        version(replaces, 1, time="0000", control="1"),
        version(replaces, 1, time="0940", control="1"),
        version(replaces, 1, time="0941", control="1"),
        version(replaces, 1, time="0941", control="2"),
    ]
    moments = [reader("", body, currency="EUR")[0].at for body in ranked]

    assert moments == sorted(set(moments))


def test_of_two_versions_in_one_interchange_the_replacement_counts():
    first = x12_version("05", 2).decode()
    again = x12_version("00", 1).decode().partition("ST*850")[2].partition("GE*")[0]
    both = first.replace("GE*1*2", f"ST*850{again}GE*2*2").encode()

    (statement,) = x12.read("", both, currency="EUR")

    assert statement.order.lines[0].quantity == 2


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    ("version", "codes"), [(x12_version, ("00", "01")), (edifact_version, ("9", "1"))]
)
class TestCancellations:
    def test_of_a_known_order_cancel_it(self, handed, version, codes):
        original = handed(version(codes[0], 1))
        message = handed(version(codes[1], 1, control="56"))

        order = Order.objects.get()
        assert order.status == "cancelled"
        assert (message.status, message.order) == ("processed", order)
        assert message.external_id == original.external_id

    def test_of_an_unknown_order_is_held_until_that_comes_and_is_over(self, handed, version, codes):
        message = handed(version(codes[1], 1, control="56"))
        assert (message.status, message.cause) == ("held", "order_unknown")
        original = handed(version(codes[0], 1))

        order = Order.objects.get()
        message.refresh_from_db()
        assert (message.status, message.order) == ("processed", order)
        assert (original.status, order.status) == ("processed", "cancelled")


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    ("version", "codes"), [(x12_version, ("00", "04")), (edifact_version, ("9", "4"))]
)
class TestChangesInAnOrder:
    """A change that comes as an order may list only what changes: it never stands for the whole."""

    @pytest.mark.parametrize("arrival", [(0, 1), (1, 0)])
    def test_hold_the_order_and_leave_it(self, handed, version, codes, arrival):
        bodies = [version(codes[0], 408), version(codes[1], 3, time="0940", control="100")]
        for n in arrival:
            handed(bodies[n])

        order = Order.objects.get()
        assert order.lines.get(key="1").quantity_ordered == 408
        assert "change_requested" in set(order.holds.values_list("reason", flat=True))
        assert set(IncomingMessage.objects.values_list("status", flat=True)) == {"processed"}

    def test_of_an_unknown_order_are_held_until_that_comes(self, handed, version, codes):
        message = handed(version(codes[1], 3))

        assert (message.status, message.cause) == ("held", "order_unknown")
        assert not Order.objects.exists()


def of_day(body: bytes, day: str) -> bytes:
    """A version as of another day, in an interchange of the same."""
    said = day.encode()
    return body.replace(b"**20260301~", b"**%b~" % said).replace(b"137:20260301", b"137:%b" % said)


@pytest.mark.parametrize(("version", "original"), [(x12_version, "00"), (edifact_version, "9")])
@pytest.mark.parametrize("control", ["54", "55", "56"])
@pytest.mark.parametrize("day", ["20260228", "20260301", "20260302"])
class TestOriginalsOfOneNumber:
    """None of two originals is the newer: neither its control number, its time nor its date says that it replaces."""

    @pytest.mark.django_db(transaction=True)
    def test_with_other_goods_hold_and_the_first_counts(
        self, handed, version, original, control, day
    ):
        handed(version(original, 400))
        other = of_day(version(original, 401, control=control), day)
        handed(other)

        order = Order.objects.get()
        assert order.lines.get(key="1").quantity_ordered == 400
        assert list(order.holds.values_list("reason", flat=True)).count("versions_differ") == 1

    def test_with_the_same_goods_say_nothing_new(self, version, original, control, day):
        reader = x12.read if version is x12_version else edifact.read
        (first,) = reader("", version(original, 400), currency="EUR")
        (again,) = reader("", of_day(version(original, 400, control=control), day), currency="EUR")

        assert again.order is not None
        assert is_newer_untold(again, first.at, first.progress)
        assert not differs(first.order, again.order)


@pytest.mark.parametrize("day", ["20260228", "20260301", "20260302"])
def test_two_originals_in_one_interchange_are_doubted(day):
    first = x12_version("00", 2).decode()
    again = x12_version("00", 1).decode().partition("ST*850")[2].partition("GE*")[0]
    again = again.replace("**20260301~", f"**{day}~")
    both = first.replace("GE*1*2", f"ST*850{again}GE*2*2").encode()

    (statement,) = x12.read("", both, currency="EUR")

    assert statement.order.lines[0].quantity == 2
    assert "versions_differ" in statement.order.doubts
