"""The judge of hostile files finds what it is there for, and the table holds what it promises."""

import hashlib
import re
from dataclasses import replace

import pytest

from faults.hostile.browser import Page, form_of, sentence_with
from faults.hostile.file import HEAD, zip_bomb
from faults.hostile.report import is_good, summary
from faults.hostile.table import BY_TITLE, FILES
from faults.hostile.verdict import Seen, misses
from faults.hostile.watch import died
from faults.hostile.ways import ways_of

GOOD = Seen(
    title="a file",
    way="page",
    status=200,
    outcome="refused",
    reason="a.csv is damaged",
    named=True,
    seconds=1.2,
    peaks={"web": 180.0, "worker": 170.0, "reader": 290.0},
    late={"order": 0.2, "event": 1.4, "tick": 0.5},
)
PLANTED = {
    "a death": ({"deaths": ["worker 17"]}, "died: worker 17"),
    "a slow answer": ({"seconds": 10.4}, "took 10.4 s"),
    "a server error": ({"status": 502}, "answered 502"),
    "no answer": ({"status": 0}, "answered nothing"),
    "a loss": ({"outcome": "lost"}, "silently lost"),
    "no end": ({"outcome": "waiting"}, "still waiting"),
    "no reason": ({"reason": ""}, "refused without a reason"),
    "no name": ({"named": False}, "nobody is told which file it was"),
    "a sixth try": ({"tries": 6, "outcome": "parked"}, "tried 6 times"),
    "a fat web": ({"peaks": {"web": 301.0}}, "web held 301 MB"),
    "a fat reader": ({"peaks": {"reader": 350.0}}, "reader held 350 MB"),
    "a late order": ({"late": {"order": 5.2}}, "order 5.2 s late"),
    "a late tick": ({"late": {"tick": 7.0}}, "tick 7.0 s late"),
}


def test_what_keeps_every_promise_is_good():
    assert misses(GOOD) == []
    assert is_good([GOOD], [])
    assert not is_good([], [])
    assert not is_good([GOOD], ["3 still due"])


def test_what_was_read_needs_no_reason():
    assert misses(replace(GOOD, outcome="read", reason="")) == []


@pytest.mark.parametrize("planted", PLANTED)
def test_each_breach_of_a_promise_is_found_by_its_name(planted):
    changed, told = PLANTED[planted]
    seen = replace(GOOD, **changed)

    assert misses(seen) == [told]
    assert not is_good([GOOD, seen], [])
    assert summary([seen], [])["failed"] == {"a file by page": [told]}


def test_whoever_served_and_is_gone_has_died_and_a_reader_has_not():
    before = {1: "web", 2: "worker", 3: "keeper", 4: "reader"}

    assert died(before, before) == []
    assert died(before, {1: "web", 2: "worker", 3: "keeper"}) == []
    assert died(before, {2: "worker", 9: "web"}) == ["keeper 3", "web 1"]


def test_there_are_files_of_every_kind_each_under_one_title_and_each_goes_in_by_ways_that_are_there():
    assert len(FILES) >= 100
    assert len(BY_TITLE) == len(FILES)
    kinds = {file.kind for file in FILES}
    assert kinds == {
        "table", "archive", "mail", "document", "shopify", "woocommerce", "json", "picture",
    }  # fmt: skip
    ways = {way.name for file in FILES for way in ways_of(file)}
    assert {"page", "api", "mail", "archive", "job"} <= ways
    assert all(len(ways_of(file)) >= 2 for file in FILES)


@pytest.mark.parametrize("title", ["noise", "NUL between", "billion laughs", "SVG with a script"])
def test_a_file_is_the_same_each_time(title):
    one, other = (hashlib.sha256(BY_TITLE[title].make()).digest() for _time in "ab")
    assert one == other


def test_a_bomb_says_what_it_unpacks_to():
    bomb = zip_bomb("a.csv", 50 * 1024 * 1024)

    assert len(bomb) < 100_000
    assert (50 * 1024 * 1024 + len(HEAD)).to_bytes(4, "little") in bomb


def test_a_form_is_sent_as_it_stands():
    page = Page(
        200,
        200,
        "/",
        '<form><input name="a" value="1"><input type="checkbox" name="b" value="2">'
        '<select name="c"><option value="x">X</option><option value="y" selected>Y</option></select>'
        '<textarea name="d">some &amp; more</textarea><input type="file" name="e"></form>'
        "<p>orders.csv is <b>damaged</b>.</p>",
    )

    assert form_of(page) == {"a": "1", "c": "y", "d": "some & more"}
    assert re.match(r"orders.csv is damaged", sentence_with(page, "orders.csv"))
    assert sentence_with(page, "other.csv") == ""
