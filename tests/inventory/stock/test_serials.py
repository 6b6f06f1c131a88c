"""Serial numbers at every door: kept as they are seen, and refused one by one with a pointer to each."""

import re
import sys

import pytest
from django.db import connection

from erp.audit.proof import all_laws
from erp.visible import ALTERED, seen
from inventory.models import Lot, SerialUnit, Sku, StockDocumentLine
from inventory.stock.actions.move import Carry
from inventory.stock.actions.serials import dealt
from inventory.stock.actions.ship import Departure

pytestmark = pytest.mark.django_db(transaction=True)

# What a line states: its serial numbers, and where and why it is refused.
WRONG = {
    "none of it seen": (["S1", "\u200b"], {"/1": "blank"}),
    "blanks": (["  ", "\u3164"], {"/0": "blank", "/1": "blank"}),
    "too long": (["S1", "S" * 81], {"/1": "too-long"}),
    "twice": (["S1", "S1"], {"/1": "repeated"}),
    "twice, as it is seen": (["S1", " S1\u200b"], {"/1": "repeated"}),
    "too few": (["S1"], {"": "unfitting"}),
    "too many": (["S1", "S2", "S3"], {"": "unfitting"}),
}
ELSEWHERE = {
    "one is not there": (["S1", "S9"], {"/1": "unfitting"}),
    "neither is there": (["S8", "S9"], {"/0": "unfitting", "/1": "unfitting"}),
}
DOORS = {
    "stock/receipts": {"quantity": 2},
    "stock/adjustments": {"quantity": -2},
    "stock/write-offs": {"quantity": 2},
    "stock/vendor-returns": {"quantity": 2},
    "stock/moves": {"quantity": 2, "from": "MAIN", "to": "DAMAGED"},
}
BODIES = {"stock/vendor-returns": {"supplier": "acme"}}


@pytest.fixture
def goods(api, shop):
    """Two pieces with numbers, in the main bin."""
    Sku.objects.create(code="PHONE", name="Phone", tracking="serial")
    assert api.post("suppliers", {"code": "acme", "name": "Acme"}).status_code == 201
    line = {"sku": "PHONE", "quantity": 3, "serials": ["S1", "S2", "S3"]}
    answer = api.post("stock/receipts", {"warehouse": "east", "lines": [line]})
    assert answer.status_code == 201, answer.content


def post(api, door: str, **line):
    """A line like this after one that is fine."""
    fine = {"sku": "MUG-001"} | DOORS[door] | {"quantity": -1 if DOORS[door]["quantity"] < 0 else 1}
    body = {"warehouse": "east", "lines": [fine, DOORS[door] | line]} | BODIES.get(door, {})
    if door != "stock/receipts":
        body["reason"] = "broken"
    return api.post(door, body)


def refused(answer) -> dict[str, str]:
    assert answer.status_code == 422, answer.content
    return {error["pointer"]: error["code"] for error in answer.json()["errors"]}


@pytest.mark.parametrize("door", DOORS)
def test_each_number_that_is_wrong_is_pointed_at(door, api, goods):
    cases = WRONG if door == "stock/receipts" else WRONG | ELSEWHERE
    for name, (serials, wrong) in cases.items():
        said = refused(post(api, door, sku="PHONE", serials=serials))
        assert said == {f"/lines/1/serials{n}": code for n, code in wrong.items()}, name
    assert SerialUnit.objects.filter(place__code="MAIN").count() == 3


@pytest.mark.parametrize("door", DOORS)
def test_numbers_of_what_has_none_are_refused(door, api, goods):
    said = refused(post(api, door, sku="TEA-001", serials=["S1", "S2"]))
    assert said == {"/lines/1/serials": "not-tracked"}


@pytest.mark.parametrize("door", [door for door in DOORS if door != "stock/receipts"])
def test_a_number_is_the_one_that_is_seen(door, api, goods, laws_hold):
    answer = post(api, door, sku="PHONE", serials=["\u200bS2 ", "S1\u2060"])
    assert answer.status_code == 201, answer.content
    kept = StockDocumentLine.objects.latest("pk")
    assert (kept.serials, kept.sku.code) == (["S2", "S1"], "PHONE")
    assert SerialUnit.objects.get(place__code="MAIN").code == "S3"
    laws_hold()


@pytest.mark.parametrize("door", ["stock/adjustments", "stock/write-offs", "stock/vendor-returns"])
def test_what_leaves_has_no_cost_and_no_day_of_its_own(door, api, goods):
    said = {"unit_cost": "5", "expires_on": "2030-01-31"}
    answer = post(api, door, sku="TEA-001", **said)
    assert refused(answer) == {f"/lines/1/{name}": "unfitting" for name in said}


def test_an_adjustment_has_a_kind_and_a_reason(api, shop):
    lines = [{"sku": "MUG-001", "quantity": -1}]
    body = {"warehouse": "east", "lines": lines, "reason": "lost"}
    for kind in ("", "Receipt", "write_off", "adjust", "receipt\u200b"):
        assert refused(api.post("stock/adjustments", body | {"kind": kind})) == {"/kind": "unknown"}
    for reason in ("", "  ", "\u200b"):
        said = refused(api.post("stock/adjustments", body | {"reason": reason}))
        assert said == {"/reason": "blank"}
    assert api.post("stock/adjustments", body | {"kind": "adjustment"}).status_code == 201


def test_what_is_carried_and_what_departs_is_as_it_is_seen():
    said = ("\ufeffA1", "B 2\u00a0")
    assert Carry(1, 2, 1, 2, serials=said).serials == ("A1", "B 2")
    assert Departure(1, 1, 2, serials=said).serials == ("A1", "B 2")


@pytest.mark.parametrize("units", [[1], [2], [1, 1], [1, 2], [3, 1, 1], [0, 1]])
def test_numbers_are_dealt_to_parts_and_none_is_dropped(units):
    codes = ["a", "b", "c", "d"]
    parts = dealt(codes, units)
    assert len(parts) == len(units)
    assert [code for part in parts for code in part] == codes


def test_the_law_names_what_is_not_as_it_is_seen(shop):
    altered = re.compile(f"[{ALTERED}]")
    every = [chr(n) for n in range(1, sys.maxunicode) if not 0xD800 <= n <= 0xDFFF]
    assert [
        hex(ord(c)) for c in every if bool(altered.search(c)) != (seen(f"x{c}x") != f"x{c}x")
    ] == []

    law = next(law for law in all_laws() if law.code == "serials_and_lots_can_be_read")
    codes = ["L1", "L-1/2", "批次1", "L 2", "L1\u200b", " L1", "L1 ", "L\u00a01", "L\U000e0001", ""]
    Lot.objects.bulk_create(Lot(sku=shop.tea, code=code) for code in codes)
    with connection.cursor() as cursor:
        cursor.execute(law.sql.replace("%", "%%"))
        named = {row[-1] for row in cursor.fetchall()}
    assert named == {code for code in codes if not code or seen(code) != code}
