"""A form changes a row only whole, and only while the row is what the form was made from."""

from collections.abc import Callable
from typing import Any

import pytest
from django.db import models
from django.urls import resolve

from erp.access.models import Actor, Channel, Company
from erp.form_rows import MADE_FROM, made_from
from inventory.models import Place, StockFeed, Supplier, Warehouse
from orders.models import ShippingService
from tests.attacks.pages import forms_of
from tests.contract.world import World

pytestmark = pytest.mark.django_db


def _bin(world: World) -> Place:
    world.post("stock/bins", {"warehouse": "east", "codes": ["B-01"]})
    return Place.objects.get(code="B-01")


def _supplier(world: World) -> Supplier:
    return Supplier.objects.get(code=world.named("suppliers", ""))


def _feed(world: World) -> StockFeed:
    body = {"channel": "web", "url": "https://93.184.216.34/f", "pause_s": 60}
    world.post("stock/feeds", body)
    return StockFeed.objects.get()


# Every form of a page that changes a row of master data: (page, where it is sent, row), and a field to change.
Made = Callable[[World], tuple[str, str, models.Model]]
FORMS: dict[str, tuple[Made, str]] = {
    "company": (lambda _w: ("/settings/company/", "", Company.objects.get()), "tax_id"),
    "channel": (lambda _w: _of("/settings/channels/", Channel.objects.get(code="desk")), "name"),
    "warehouse": (
        lambda _w: _of("/settings/warehouses/", Warehouse.objects.get(code="east")),
        "name",
    ),
    "carrier": (lambda _w: _of("/settings/carriers/", ShippingService.objects.get()), "name"),
    "person": (lambda _w: _of("/settings/people/", Actor.objects.get(role="picker")), "role"),
    "bin": (lambda w: (f"/stock/bins/{(place := _bin(w)).pk}/", "", place), "pick_sequence"),
    "supplier": (
        lambda w: (
            (at := f"/purchasing/suppliers/{(one := _supplier(w)).code}/"),
            f"{at}change/",
            one,
        ),
        "name",
    ),
    "feed": (lambda w: ("/stock/feeds/", "", _feed(w)), "zero_below"),
}
CHANGED = {"role": "service", "pick_sequence": "7", "zero_below": "7"}
TICKS = {"is_active", "tells_customers", "orders_itself", "masks_contacts"}


def _of(page: str, row: models.Model) -> tuple[str, str, models.Model]:
    return page, f"{page}{row.pk}/", row


class Shown:
    """A form as a page shows it, and the row that it changes."""

    def __init__(self, browser: Any, made: tuple[str, str, models.Model]) -> None:
        self.browser, (self.page, action, self.row) = browser, made
        self.action = action or self.page
        self.row.refresh_from_db()
        said = forms_of(self.page, browser.get(self.page).content.decode())
        [self.fields] = [
            dict(fields)
            for at, fields in said
            if at == self.action
            and MADE_FROM in dict(fields)
            and dict(fields)[MADE_FROM] == made_from(self.row)
        ]
        self.fields.pop("csrfmiddlewaretoken")
        for name in TICKS & self.fields.keys():  # a browser leaves out what is not ticked
            if not getattr(self.row, name):
                self.fields.pop(name)

    def post(self, fields: dict[str, str]) -> str:
        """Post it; what is said then."""
        answer = self.browser.post(
            self.action, fields, headers={"Referer": f"http://testserver{self.page}"}, follow=True
        )
        said = answer.context.get("messages", ()) if answer.context else ()
        return " ".join(str(message) for message in said) or answer.content.decode()

    def is_as_it_was(self) -> bool:
        now = type(self.row)._base_manager.get(pk=self.row.pk)
        return made_from(now) == made_from(self.row)


@pytest.fixture
def shown(request, api, sign_in) -> Shown:
    sign_in("picker")
    browser = sign_in()
    return Shown(browser, FORMS[request.param][0](World(api)))


every_form = pytest.mark.parametrize("shown", FORMS, indirect=True)


@every_form
def test_what_does_not_arrive_whole_changes_nothing(shown):
    ticked = {name: value for name, value in shown.fields.items() if name in TICKS}
    for left_out in [name for name in shown.fields if name not in TICKS]:
        said = shown.post({n: v for n, v in shown.fields.items() if n != left_out})
        assert shown.is_as_it_was(), left_out
        assert "did not arrive whole" in said or left_out in {"channel"}, left_out
    assert "did not arrive whole" in shown.post({}) or "channel" in shown.fields
    shown.post(ticked)
    assert shown.is_as_it_was()
    assert "Saved" in shown.post(shown.fields)
    assert shown.is_as_it_was()


@every_form
def test_what_somebody_changed_meanwhile_is_kept(shown, request):
    name = FORMS[request.node.callspec.params["shown"]][1]
    first = shown.fields | {name: CHANGED.get(name, "First")}
    assert "Saved" in shown.post(first)
    shown.row.refresh_from_db()
    said = shown.post(shown.fields | {name: CHANGED.get(name, "Second")})
    label = str(shown.row._meta.get_field(name).verbose_name)
    assert f"Somebody changed {label[:1].upper()}{label[1:]} meanwhile" in said
    assert shown.is_as_it_was()


@pytest.mark.parametrize("token", ["", "x", "ü", "bnVsbA==", "e30=", "W10=", "eyJ4IjogMX0="])
def test_a_crafted_token_lets_nothing_in(token, sign_in, api):
    shown = Shown(sign_in(), FORMS["channel"][0](World(api)))
    shown.post(shown.fields | {"name": "Mine", MADE_FROM: token})
    assert shown.is_as_it_was()


def test_every_place_that_changes_master_data_is_tried(api, sign_in):
    """A view that changes a row that its address names, in the settings, is one of these."""
    sign_in("picker")
    tried = {
        resolve(at or page).route
        for page, at, _row in (made(World(api)) for made, _n in FORMS.values())
    }
    from tests.architecture.test_rights import PAGES

    changing = {
        route for route in PAGES if route.startswith("settings/") and route.endswith("<int:pk>/")
    }
    assert changing <= tried
