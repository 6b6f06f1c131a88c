"""A draft over the API: listed and read, placed once, dismissed; contacts for those alone who may see them."""

import pytest
from django.utils import timezone

from orders.intake.inbox.tasks import read_some
from orders.models import Order, OrderDraft
from tests.conftest import order_body
from tests.orders.intake.mail.test_letters import LETTER, mail

pytestmark = pytest.mark.django_db(transaction=True)


def drafted(api) -> OrderDraft:
    """The draft of a letter that has come in, the newest."""
    api.client.post("/api/v1/channels/web/messages", mail(LETTER), content_type="message/rfc822")
    while read_some():
        pass
    return OrderDraft.objects.latest("pk")


def shown(api, **query: str) -> dict:
    """The only draft that the list has."""
    (row,) = api.get("drafts", **query).json()["data"]
    return row


def test_a_draft_is_read_and_placed_once(api, shop, laws_hold):
    drafted(api)
    draft = shown(api, status="open")
    assert [(x["sku"], x["quantity"]) for x in draft["lines"]] == [("TEA-001", 2), ("MUG-001", 1)]
    assert draft["ship_to"]["value"].endswith("62704")
    assert draft["sender"] == "ann@tea.example"
    assert "2 x Green tea" in draft["text"]
    assert api.get(f"drafts/{draft['id']}").json() == draft

    body, path = order_body(), f"drafts/{draft['id']}/place"
    placed = api.post(path, body, key="k1")
    again = api.post(path, body, key="k1")
    other_key = api.post(path, body, key="k2")
    another = api.post(path, order_body(), key="k3")

    assert placed.status_code == 200, placed.content
    assert placed.json()["status"] == "placed"
    assert placed.json()["order"] == Order.objects.get().number
    assert again.content == other_key.content == placed.content
    assert another.status_code == 409
    assert Order.objects.count() == 1
    assert OrderDraft.objects.get().message.order == Order.objects.get()
    laws_hold()


def test_an_order_that_is_there_already_becomes_one_draft_s_alone(api, shop):
    body = order_body()
    first, second = drafted(api), drafted(api)
    ids = [row["id"] for row in api.get("drafts").json()["data"]]
    number = api.post("orders", body).json()["number"]

    of_second = api.post(f"drafts/{ids[0]}/place", body)
    of_first = api.post(f"drafts/{ids[1]}/place", body)

    assert of_second.json()["order"] == number
    assert of_first.status_code == 409
    assert number in of_first.json()["detail"]
    first.refresh_from_db()
    second.refresh_from_db()
    assert (first.status, second.status) == ("open", "placed")


def test_what_is_refused_leaves_the_draft_open(api, shop):
    drafted(api)
    draft = shown(api)
    path = f"drafts/{draft['id']}/place"

    short = api.post(path, order_body(lines=[{"sku": "TEA-001", "quantity": 100_000}]))
    keyless = api.post(path, order_body(), key=None)

    assert short.status_code == 409
    assert keyless.status_code == 400
    assert shown(api) == draft


def test_a_dismissed_draft_is_not_placed_any_more(api, shop):
    drafted(api)
    draft = shown(api)

    dismissed = api.post(f"drafts/{draft['id']}/dismiss", {})
    placed = api.post(f"drafts/{draft['id']}/place", order_body())

    assert dismissed.json()["status"] == "dismissed"
    assert placed.status_code == 409
    assert not Order.objects.exists()


def test_another_channel_s_key_knows_nothing_of_it(api, shop, make_client):
    pk = shown(api)["id"] if drafted(api) else ""
    stranger = make_client(channel=shop.desk)

    assert stranger.get("drafts").json()["data"] == []
    assert stranger.get(f"drafts/{pk}").status_code == 404
    assert stranger.post(f"drafts/{pk}/dismiss", {}).status_code == 404
    assert stranger.post(f"drafts/{pk}/place", order_body()).status_code == 404


def test_contacts_are_masked_for_keys_that_may_not_see_them(api, shop, make_client):
    drafted(api)
    blind = make_client(scopes=["customers.view"])

    draft = shown(blind)

    assert draft["sender"] == "a*@tea.example"
    assert (draft["text"], draft["name"], draft["ship_to"]) == (None, None, None)
    assert draft["lines"]


def test_the_page_dismisses_by_the_same_verb(api, shop, sign_in):
    draft, client = drafted(api), sign_in("service")
    page = f"/orders/drafts/{draft.pk}/"
    assert f"{page}dismiss/" in client.get(page).content.decode()

    assert client.post(f"{page}dismiss/").status_code == 302
    draft.refresh_from_db()
    assert draft.status == "dismissed"
    assert draft.ended_at <= timezone.now()
    assert f"{page}dismiss/" not in client.get(page).content.decode()
