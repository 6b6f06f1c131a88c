"""Lists over the API that are declared: what narrows them, what they refuse."""

import pytest

pytestmark = pytest.mark.django_db(transaction=True)


def receive(api, sku: str) -> None:
    body = {"warehouse": "east", "lines": [{"sku": sku, "quantity": 1}], "reference": "DN"}
    assert api.post("stock/receipts", body).status_code == 201


def found(api, **query: str) -> list[str]:
    answer = api.get("stock/documents", **query)
    assert answer.status_code == 200, answer.json()
    return [row["kind"] for row in answer.json()["data"]]


def test_a_list_is_narrowed_by_one_of_several_and_by_nothing_where_nothing_is_said(api):
    receive(api, "TEA-001")
    assert set(found(api, kind="receipt,write_off", status="posted")) == {"receipt"}
    assert found(api, kind="write_off") == []
    assert found(api, kind="") == found(api)
    assert "receipt" in found(api)


def test_a_list_refuses_what_it_does_not_know(api):
    assert api.get("stock/documents", kind="gift").status_code == 422
    refused = api.get("stock/documents", warehouse="east")
    assert (refused.status_code, refused.json()["errors"][0]["pointer"]) == (400, "?warehouse")


def test_a_list_goes_on_after_its_last_row(api):
    receive(api, "TEA-001")
    receive(api, "MUG-001")
    whole = [row["id"] for row in api.get("stock/documents").json()["data"]]
    cursor, seen = "", []
    while cursor is not None:
        page = api.get(
            "stock/documents", limit="1", **({"cursor": cursor} if cursor else {})
        ).json()
        seen += [row["id"] for row in page["data"]]
        cursor = page["next_cursor"]
    assert seen == whole


def test_a_list_below_another_resource_takes_its_name_from_the_address(api):
    for code in ("acme", "brew"):
        assert api.post("suppliers", {"code": code, "name": code}).status_code == 201
    assert (
        api.post("suppliers/acme/terms", {"sku": "TEA-001", "unit_price": "2"}).status_code == 201
    )
    assert len(api.get("suppliers/acme/terms").json()["data"]) == 1
    assert api.get("suppliers/brew/terms").json()["data"] == []
