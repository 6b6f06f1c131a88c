"""Verbs of orders over the API and from pages: both faces do the same, and no other state accepts them."""

import pytest

from erp.verbs import noun_named, verbs_of
from orders.models import Hold, Order, OrderClaim, OrderEvent, OrderLine
from orders.order.states import OrderStatus
from orders.order.wording import event_text
from tests.conftest import order_body
from tests.orders.steps import hold

pytestmark = pytest.mark.django_db(transaction=True)

# What each verb is tried with. A verb that is not here fails the test below.
BODIES = {
    "pay": {"method": "bank", "reference": "r1", "amount": {"amount": "1.00", "currency": "CNY"}},
    "authorise": {
        "method": "bank",
        "reference": "a1",
        "amount": {"amount": "1.00", "currency": "CNY"},
    },
    "release": {},
    "hold": {"kind": "review", "reason": "looks odd"},
    "cancel": {"reason": "asked for"},
    "mark": {"flag": "red"},
    "note": {"text": "Leave it at the door"},
    "claim": {},
    "withdraw_links": {},
    "give_back": {},
    "change": {"lines": [{"line": "?", "quantity": 1}], "reason": "one less"},
    "undo_change": {},
    "edit": {"note": "Ring twice"},
    "offer_choice": {},
    "merge": {"orders": ["?"]},
    "unmerge": {},
    "split": {"lines": [{"line": "?", "quantity": 1}], "reason": "sooner"},
    "unsplit": {},
    "seal": {"sealed": True},
    "reroute": {"reason": "nearer"},
    "set_carrier": {"carrier": ""},
    "prioritise": {"priority": 5},
    "allocate_first": {},
    "buy": {},
    "request_invoice": {"title": "李娜"},
    "note_invoice": {"number": "77"},
    "issue_invoice": {},
    "assess": {"source": "own", "reference": "s1", "score": 12},
}
STATUSES = [status for status in OrderStatus.values if status != "draft"]


@pytest.fixture
def order(api):
    placed = api.post("orders", order_body()).json()
    return Order.objects.get(number=placed["number"])


@pytest.fixture
def browser(sign_in):
    return sign_in()


def body_for(verb, order, document):
    """A body that would do: line ids are the order's own."""
    line = document["lines"][0]["id"]
    return {
        key: [{**row, "line": line} for row in value] if key == "lines" else value
        for key, value in BODIES[verb.name].items()
    }


def shape(order):
    """All that a refused verb must leave as it is."""
    order.refresh_from_db()
    return (
        order.status,
        order.version,
        order.updated_at,
        OrderEvent.objects.filter(order=order).count(),
        Hold.objects.filter(order=order, released_at=None).count(),
        list(OrderLine.objects.filter(order=order).order_by("pk").values()),
    )


def test_a_change_names_the_version_that_it_changes(api, order):
    """Whoever changes an order has read it (docs/api.md): without If-Match nothing is done, nor with an older one."""
    document = api.get(f"orders/{order.number}").json()
    body = body_for(noun_named("order").verb("change"), order, document)
    path = f"orders/{order.number}/changes"

    assert api.post(path, body).status_code == 428
    assert api.post(path, body, **{"If-Match": '"0.x"'}).status_code == 412
    assert Order.objects.get().version == 1
    tag = api.get(f"orders/{order.number}")["ETag"]
    assert api.post(path, body, **{"If-Match": tag}).status_code == 200


# Who a customer is, a person vouches for; no key has that right.
BY_PEOPLE = {"verify_customer"}


def verbs_of_keys():
    return [verb for verb in verbs_of("order") if verb.name not in BY_PEOPLE]


def test_every_verb_is_tried():
    assert set(BODIES) | BY_PEOPLE == {verb.name for verb in verbs_of("order")}


def test_what_people_alone_may_do_no_key_does(api, order):
    for name in BY_PEOPLE:
        verb = noun_named("order").verb(name)
        assert api.post(f"orders/{order.number}/{verb.address}", {}).status_code == 403


@pytest.mark.parametrize("status", STATUSES)
def test_where_a_state_does_not_allow_it_nothing_happens(api, order, status):
    """Each verb in each status: one that may not start there is not offered, is refused, and changes nothing."""
    Order.objects.filter(pk=order.pk).update(status=status)
    document = api.get(f"orders/{order.number}").json()
    noun = noun_named("order")
    for verb in verbs_of_keys():
        if noun.may_start(verb, status):
            continue
        assert verb.name not in document["allowed_actions"]
        before = shape(order)
        answer = api.post(
            f"orders/{order.number}/{verb.address}",
            body_for(verb, order, document),
            key=f"k-{verb.name}",
            **{"If-Match": "*"},
        )
        assert answer.status_code == 409, (verb.name, answer.content)
        assert shape(order) == before, verb.name


@pytest.mark.parametrize("held", [False, True])
@pytest.mark.parametrize("status", ["pending", "confirmed", "completed", "cancelled"])
def test_what_is_allowed_is_accepted(api, order, system, status, held):
    """What allowed_actions names is not refused for the state that the order is in."""
    if held and status in {"pending", "confirmed"}:
        hold(order, system)
    Order.objects.filter(pk=order.pk).update(status=status)
    document = api.get(f"orders/{order.number}").json()
    for verb in verbs_of_keys():
        if verb.name not in document["allowed_actions"] or verb.name == "cancel":
            continue
        answer = api.post(
            f"orders/{order.number}/{verb.address}",
            body_for(verb, order, document),
            key=f"k-{verb.name}",
            **{"If-Match": "*"},
        )
        assert answer.status_code < 300, (verb.name, answer.content)
        Order.objects.filter(pk=order.pk).update(status=status)
    if "cancel" in document["allowed_actions"]:
        answer = api.post(f"orders/{order.number}/cancel", BODIES["cancel"])
        assert answer.json()["status"] == "cancelled"


@pytest.mark.parametrize("name", ["note", "edit", "claim", "prioritise", "set_carrier", "seal"])
def test_a_verb_that_had_a_page_alone_has_an_api(api, order, name):
    verb = noun_named("order").verb(name)
    document = api.get(f"orders/{order.number}").json()
    path = f"orders/{order.number}/{verb.address}"

    answer = api.post(path, body_for(verb, order, document), key="once")
    again = api.post(path, body_for(verb, order, document), key="once")

    assert answer.status_code == 200, answer.content
    assert answer.json()["number"] == order.number
    assert again["Idempotent-Replayed"] == "true"
    assert again.content == answer.content


def test_a_body_with_what_nobody_knows_is_refused(api, order):
    for verb in verbs_of_keys():
        answer = api.post(f"orders/{order.number}/{verb.address}", {"nonsense": 1}, key=verb.name)
        assert answer.status_code == 400, verb.name


def test_a_version_that_is_old_is_refused(api, order):
    answer = api.post(f"orders/{order.number}/notes", {"text": "x"}, **{"If-Match": '"77"'})

    assert answer.status_code == 412
    order.refresh_from_db()
    assert order.note == ""


class TestFromThePage:
    """The dialogs post what the API takes, and end in the same action."""

    def test_every_button_has_a_form_that_works(self, browser, order):
        page = browser.get(f"/orders/{order.number}/").content.decode()
        for name in ("hold", "cancel", "reroute", "prioritise", "note", "set_carrier"):
            assert f'id="{name}-dialog"' in page
            assert f'action="/orders/{order.number}/{name}/"' in page
        assert 'data-command="' in page

    def test_hold_with_an_end_and_its_undo(self, browser, order):
        path = f"/orders/{order.number}/"
        said = {"kind": "review", "reason": "odd", "until": "2100-03-01T09:30"}
        answer = browser.post(f"{path}hold/", said, follow=True)
        hold = Hold.objects.get(order=order, reason="odd")
        assert hold.until.year == 2100
        undo = next(m.extra_tags for m in answer.context["messages"])

        browser.post(undo)

        hold.refresh_from_db()
        assert hold.released_at is not None

    def test_what_cannot_be_read_is_said_at_its_field_and_nothing_is_done(self, browser, order):
        for name, said, words in (
            ("prioritise", {"priority": "high"}, "whole number"),
            ("hold", {"kind": "review", "reason": "x", "until": "tomorrow"}, "a day and a time"),
        ):
            path = f"/orders/{order.number}/"
            before = shape(order)
            answer = browser.post(
                f"{path}{name}/", said, HTTP_REFERER=f"http://testserver{path}", follow=True
            )
            assert words in answer.content.decode()
            assert shape(order) == before

    def test_marks_of_every_kind(self, browser, order):
        said = {"flag": "blue", "tags": "gift，fragile", "remark": "call", "print_remark": ""}
        browser.post(f"/orders/{order.number}/mark/", said)

        order.refresh_from_db()
        assert (order.flag, order.tags, order.remark) == ("blue", ["fragile", "gift"], "call")

    def test_an_unknown_verb_and_anothers_order_are_not_there(self, browser, order):
        assert browser.post(f"/orders/{order.number}/explode/").status_code == 404
        assert browser.post("/orders/NOPE/hold/", {"kind": "x"}).status_code == 404
        assert browser.get(f"/orders/{order.number}/hold/").status_code == 405

    def test_a_claim_is_taken_and_given_back(self, browser, order):
        browser.post(f"/orders/{order.number}/claim/")
        assert OrderClaim.objects.filter(order=order).count() == 1
        browser.post(f"/orders/{order.number}/give_back/")
        assert OrderClaim.objects.filter(order=order).count() == 0
        kinds = OrderEvent.objects.filter(order=order).values_list("kind", "data")
        assert all(event_text(kind, data) != kind for kind, data in kinds)

    @pytest.mark.parametrize("back", ["//evil.example", "/\\evil.example", "https://evil.example"])
    def test_a_form_leads_back_to_our_own_pages_only(self, browser, order, back):
        path = f"/orders/{order.number}/"

        assert browser.post(f"{path}note/", {"text": "x", "back": back})["Location"] == path
        assert (
            browser.post(f"{path}note/", {"text": "x", "back": "/orders/"})["Location"]
            == "/orders/"
        )
