"""Tracking and order numbers: one rule for what is kept, what it is compared as, and what finds it."""

import contextlib

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from erp.access.queries import actor_of_user
from erp.errors import Invalid
from erp.visible import code_key
from fulfillment.models import Parcel
from fulfillment.shipping.numbers import clean_number, number_key, share_number
from fulfillment.tracking.queries import numbered
from orders.desk.panels import find
from tests.conftest import order_body

SIGNS = "aZßſıİéА0９Ｚｚ-‐—− \t\n\u3000\u200b\u200e\u2066\ufeff\u00ad\u0301#/+.中½①ﬁ"
typed = st.one_of(st.text(SIGNS, max_size=12), st.text(max_size=12))


@pytest.fixture
def parcel(api):
    number = api.post("orders", order_body()).json()["number"]
    api.post("shipments", {"order": number})
    return Parcel.objects.get()


@settings(
    max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(text=typed)
def test_whatever_is_kept_is_found_however_it_is_typed(parcel, text):
    try:
        kept = clean_number(text)
    except Invalid:
        return
    if not kept:
        return
    Parcel.objects.filter(pk=parcel.pk).update(tracking_number=kept)
    assert Parcel.objects.get().number_key == number_key(kept)  # the database's key is ours
    wide = "".join(chr(ord(c) + 0xFEE0) if "!" <= c <= "~" else c for c in kept)
    for again in (text, kept, kept.lower(), kept.upper(), f" \u200b{kept}\u200e", wide):
        assert list(numbered(Parcel.objects.all(), again)) == [parcel], again


@given(typed, typed)
def test_what_reads_the_same_has_one_key(one, other):
    assert code_key(code_key(one)) == code_key(one)
    with contextlib.suppress(Invalid):
        assert number_key(clean_number(one)) == number_key(one)
    with contextlib.suppress(Invalid):
        share = number_key(share_number(clean_number(one), 2))
        assert share != number_key(clean_number(other))


@pytest.mark.parametrize("text", ["ß1", "АВ12", "自提", "1#2", "A\u0301B", "½", "\u200b", "--"])
def test_what_no_barcode_holds_is_refused_and_never_changed(text):
    if text == "\u200b":
        assert clean_number(text) == ""
        return
    with pytest.raises(Invalid):
        clean_number(text)


def test_a_share_of_a_shipment_never_bears_another_parcels_number(api, laws_hold):
    placed = api.post("orders", order_body()).json()
    for line, tracking in zip(placed["lines"], ("77", "78"), strict=True):
        said = {"order": placed["number"], "tracking_number": tracking}
        lines = [{"line": line["id"], "quantity": 1}]
        assert api.post("shipments", said | {"lines": lines}).status_code == 201
    Parcel.objects.filter(tracking_number="78").update(tracking_number="77-2")  # as it was once
    other = api.post("orders", order_body()).json()["number"]

    answer = api.post("shipments", {"order": other, "tracking_number": "772"})

    assert answer.status_code == 201, answer.content
    assert sorted(Parcel.objects.values_list("tracking_number", flat=True)) == ["77", "77#2", "772"]
    assert api.get("tracking/77-2").json()["order"] == other
    laws_hold()


@pytest.mark.parametrize(
    "change", [str.lower, lambda n: f" {n[:2]} {n[2:]}\u200b", lambda n: f"{n[:-1]}-{n[-1]}"]
)
def test_an_order_number_is_found_however_it_is_typed(api, client, change):
    body = order_body()
    placed = api.post("orders", body).json()
    said = {"number": change(placed["number"]), "contact": body["customer"]["email"]}

    assert client.post("/track/", said).status_code == 302


def test_the_search_box_finds_an_order_however_its_number_is_typed(api, sign_in):
    number = api.post("orders", order_body()).json()["number"]
    staff = actor_of_user(sign_in("service").actor.user_id)
    wide = "".join(chr(ord(c) + 0xFEE0) for c in number)
    for typed in (number, number.lower(), f"\u200b{number[:2]} {number[2:]}", wide):
        assert find(typed, staff) == f"/orders/{number}/", typed
