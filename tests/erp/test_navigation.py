"""The side bar says where somebody is: the stage, and its page, also on the pages below; what they may open alone."""

import pytest

from erp.web.context import SECTIONS, STAGES
from tests.conftest import order_body

pytestmark = pytest.mark.django_db


def here(client, path: str) -> list[str]:
    """The page of the side bar that a page is said to be of."""
    pages = client.get(path).context["stage_pages"]
    return [url for url, _name, is_here in pages if is_here]


@pytest.mark.parametrize("page", [page for rows in SECTIONS.values() for page, *_rest in rows])
def test_every_page_of_a_stage_is_marked(shop, sign_in, page):
    assert here(sign_in(), page) == [page]


def test_what_is_below_a_page_is_of_it(api, sign_in):
    number = api.post("orders", order_body()).json()["number"]
    client = sign_in()
    assert here(client, f"/orders/{number}/") == ["/orders/"]
    assert here(client, "/inventory/TEA-001/") == ["/inventory/"]
    assert here(client, "/stock/counts/new/") == ["/stock/counts/"]
    assert here(client, "/settings/company/") == []
    assert client.get("/").context["stage_pages"] == []


@pytest.mark.parametrize("role", ["picker", "analyst", "buyer", "service", "finance"])
def test_nobody_is_led_where_they_may_not_go(shop, sign_in, role):
    client = sign_in(role)
    for stage, *_rest in STAGES:
        answer = client.get(stage)
        if answer.status_code == 403:
            continue
        for url, *_more in [*answer.context["stages"], *answer.context["stage_pages"]]:
            assert client.get(url).status_code == 200, (role, url)
