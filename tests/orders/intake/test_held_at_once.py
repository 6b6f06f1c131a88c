"""What is held of a foreign file at once is bounded by its weight, not by its rows alone, wherever it is worked on."""

import io
import json
from types import SimpleNamespace
from zoneinfo import ZoneInfo

import pytest
from django.db import connection
from django.http import HttpResponse
from hypothesis import given
from hypothesis import strategies as st

from erp import files
from erp.access.models import Channel
from erp.access.queries import job_actor
from erp.file_rows import MOST_OF_ROW
from erp.files import MOST_AT_ONCE, Header, RawRow, Unreadable, in_sets, rows_of_bytes
from erp.jobs import sheets
from erp.sandbox.limits import ReaderStopped
from erp.web.body_limits import BodyLimits
from faults.hostile.file import HEAD, MB, ROW, taped, zip_bomb, zipped
from orders.intake.files import jobs as order_jobs
from orders.intake.files import rows as order_rows
from orders.intake.files.layouts import LAYOUTS
from orders.intake.files.rows import Reading, Survey, TooMuch, survey
from orders.intake.inbox.views import MOST_LAID_OUT, MOST_SHOWN, _shown
from orders.intake.messages.foreign_json import MOST_MARKS, parsed
from orders.intake.messages.foreign_json import Unreadable as UnreadableMessage
from returns.history import jobs as history_jobs

WIDE = "x" * 90_000


def heavy(count: int) -> list[Header | RawRow]:
    """Rows of 180,000 characters each, every one an order of its own."""
    names = ("external_id", "sku", "quantity", "unit_price", "placed_at", "total")
    rows = [RawRow("a.csv", n, (str(n), "A", "1", "1", WIDE, WIDE)) for n in range(2, count + 2)]
    return [Header("a.csv", names), *rows]


@given(st.lists(st.integers(0, 2 * MOST_AT_ONCE), max_size=40), st.integers(1, 10))
def test_sets_are_whole_and_light(weights, most):
    sets = list(in_sets(weights, most=most, weight=lambda w: w))

    assert [w for some in sets for w in some] == weights
    assert all(0 < len(some) <= most and sum(some[:-1]) < MOST_AT_ONCE for some in sets)


def weight_of(chunk) -> int:
    rows = getattr(chunk, "rejected", None) or [row for some in chunk for row in _rows(some)]
    return sum(len(cell) for row in rows for cell in getattr(row, "cells", getattr(row, "raw", ())))


def _rows(thing):
    return thing if isinstance(thing, list) else [thing]


def test_a_sheet_an_import_and_an_order_file_hold_no_more_than_that(monkeypatch):
    for module in (sheets, history_jobs, order_jobs):
        monkeypatch.setattr(module, "read_rows", lambda *_: iter(heavy(200)))
    sheet = SimpleNamespace(column=lambda _name: None, columns=[])
    monkeypatch.setattr(sheets, "_columns", lambda *_: [])
    channel = SimpleNamespace(time_zone="UTC")
    surveyed = Survey("a.csv", 1, heavy(1)[0].names, {}, frozenset(), 200, 200)
    reading = Reading({"order": "external_id"}, "CNY", ZoneInfo("UTC"))
    monkeypatch.setattr(order_jobs, "OrderReader", lambda *_: SimpleNamespace(read=lambda x: (x,)))

    parsed_rows = sheets.understood(None, sheet)
    held = [
        weight_of(c) for c in in_sets(parsed_rows, most=sheets.CHUNK, weight=lambda row: row.weight)
    ]
    held += [weight_of(c) for c in history_jobs._chunks(None, LAYOUTS["throughline"], channel)]
    for _taken, _action, asked, _count in order_jobs._chunks(None, surveyed, reading, 0):
        held.append(weight_of([row for _n, rows in asked["orders"] for row in rows]))

    assert sum(held) == 3 * 200 * 180_000 + sum(3 * len(f"{n}A11") for n in range(2, 202))
    assert max(held) < MOST_AT_ONCE + 200_000


@pytest.mark.parametrize("scattered", [False, True])
def test_an_order_too_heavy_to_hold_is_refused_by_its_row(monkeypatch, scattered):
    monkeypatch.setattr(order_rows, "MOST_WEIGHT", 1_000_000)
    names = ("order number", "sku")
    rows = [RawRow("a.csv", n, (str(n % 2) if scattered else "1", WIDE)) for n in range(2, 40)]
    reading = Reading({"order": "order number", "sku": "sku"}, "CNY", ZoneInfo("UTC"))

    with pytest.raises(TooMuch):
        survey([Header("a.csv", names), *rows], reading)


@pytest.mark.parametrize(
    "data",
    [
        HEAD + ROW.strip() + b"," * MOST_OF_ROW + b"\n",
        HEAD + ROW.strip() + b",yyyyyyyyyy" * (MOST_OF_ROW // 10) + b"\n",
        (b"h" * 9_000 + b",") * 30 + b"\n1\n",
    ],
    ids=["cells", "characters", "headings"],
)
def test_a_row_that_is_too_heavy_is_refused_by_its_number(data):
    with pytest.raises(Unreadable, match=r"a\.csv, row [12]: a row holds more than 200,000"):
        list(rows_of_bytes("a.csv", data))


NOTHING = {
    "zip of an archive": ("a.zip", zipped({"b.zip": zipped({"a.csv": HEAD})})),
    "zip of nothing": ("a.zip", zipped({})),
    "tape of another file": ("a.tar", taped("a.txt", b"x")),
    "tape of a link": ("a.tar", taped("a.csv", link="/etc/passwd")),
}


@pytest.mark.parametrize("case", NOTHING)
def test_an_archive_of_which_nothing_is_read_says_so(case):
    name, data = NOTHING[case]
    with pytest.raises(Unreadable, match=rf"{name} holds no CSV or XLSX file"):
        list(rows_of_bytes(name, data))


def test_an_archive_that_unpacks_to_too_much_is_refused_before_its_rows(monkeypatch):
    bomb = zip_bomb("a.csv", 201 * MB, filler=ROW + b" ")
    with pytest.raises(Unreadable, match=r"bomb\.zip unpacks to more than 200 MB"):
        next(rows_of_bytes("bomb.zip", bomb))
    lies = taped("a.csv", HEAD, says=2**40)
    with pytest.raises(Unreadable, match=r"a\.tar unpacks to more than 200 MB"):
        next(rows_of_bytes("a.tar", lies))


def test_an_archive_packed_as_usual_may_be_large(monkeypatch):
    from erp import file_rows

    monkeypatch.setattr(file_rows, "MOST_UNPACKED", 1000)
    data = zipped({"a.csv": HEAD + b"".join(b"%d,A,1,1,2026-01-01,1\n" % n for n in range(5000))})
    assert len(list(file_rows.rows(io.BytesIO(data), name="a.zip"))) == 5001


def test_json_of_more_values_than_can_be_held_is_refused_unread():
    bodies = [b'{"id":[' + b"[]," * MOST_MARKS + b"[]]}", b'{"id":' + b"[" * (MOST_MARKS + 1)]
    for body in bodies:
        with pytest.raises(UnreadableMessage) as refused:
            parsed(body)
        assert refused.value.code == "too_much"
    assert parsed(b'{"note":"' + b"x" * (2 * MOST_MARKS) + b'"}').text("note") == "x" * 250


def test_a_long_message_is_shown_as_it_came_and_a_short_one_laid_out():
    short, long = b'{"a":[1]}', b'{"a":[' + b"1," * MOST_LAID_OUT + b"1]}"

    assert json.loads(_shown(short)) == {"a": [1]}
    assert "\n" in _shown(short)
    assert _shown(long) == long.decode()[:MOST_SHOWN]


def test_half_a_character_of_a_message_is_shown_as_lost():
    shown = _shown(b'{"name":"\\ud800"}')
    assert json.loads(shown) == {"name": "?"}
    shown.encode()


@pytest.mark.django_db
def test_a_body_between_two_limits_is_refused_as_too_large(api):
    answer = api.post("orders", b" " * (11 * MB))
    assert (answer.status_code, answer.json()["code"]) == (413, "payload-too-large")


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(("length", "is_open"), [(2 * MB, False), (1000, True)])
def test_buffers_of_a_large_body_are_let_go(rf, length, is_open):
    def answers(_request):
        connection.ensure_connection()
        return HttpResponse()

    request = rf.post("/", b"", content_type="text/plain", CONTENT_LENGTH=str(length))
    BodyLimits(answers)(request)
    assert (connection.connection is not None) is is_open


@pytest.mark.django_db
def test_what_was_stopped_in_one_encoding_is_not_read_in_all_others(shop, monkeypatch):
    from orders.models import OrderLayout

    for encoding in ("gb18030", "shift_jis", "big5"):
        kept = {"columns": {}, "options": {"encoding": encoding}, "by": job_actor("scheduler")}
        OrderLayout.objects.create(name=encoding, headings="a", **kept)
    asked = []

    def stopped(*given, **_named):
        asked.append(given)
        raise ReaderStopped("cpu")
        yield

    monkeypatch.setattr(files, "read_in_sandbox", stopped)
    with pytest.raises(Unreadable, match="takes too long"):
        order_jobs._encoding_of(files.KeptFile(None, "a.csv"))
    assert len(asked) == 1


@pytest.mark.django_db
def test_a_file_in_pieces_is_read_a_piece_at_a_time(shop, django_assert_num_queries):
    """Without cursors on the server, iterator() brings all of it at once."""
    from django.utils import timezone

    from erp.jobs.models import JobFile
    from erp.jobs.runner import file_of
    from erp.queries import by_pages
    from orders.intake.files.actions.orders import keep_order_file

    pieces = [bytes([65 + n]) * 1000 for n in range(5)]
    by, channel = job_actor("scheduler"), Channel.objects.first()
    job = keep_order_file(
        name="a.csv", pieces=iter(pieces), channel=channel, by=by, now=timezone.now()
    )

    with django_assert_num_queries(6), file_of(job) as kept:
        assert kept.path.read_bytes() == b"".join(pieces)
    rows = JobFile.objects.filter(job=job)
    for most in (1, 2, 5, 9):
        assert [row.position for row in by_pages(rows, most=most)] == list(range(5))
    assert list(by_pages(rows.none(), most=3)) == []
