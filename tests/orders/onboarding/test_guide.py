"""A new business is founded by its country, and sells what it has entered."""

from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from django.utils.html import escape

from erp.access.models import Channel, Company
from erp.countries import COUNTRIES
from erp.money import is_currency
from inventory.models import Sku, StockLevel, Warehouse
from orders.models import ChannelPolicy, Order, Price, PriceList, ShippingService, TaxRate
from orders.onboarding.decisions import propose
from orders.onboarding.queries import STEPS, progress
from tests.sessions import let_in

pytestmark = pytest.mark.django_db
BERLIN = {
    "name": "Teehaus Nord",
    "country": "DE",
    "currency": "EUR",
    "time_zone": "Europe/Berlin",
    "tax_percent": "19",
    "includes_tax": "1",
}


@pytest.mark.parametrize("country", sorted(COUNTRIES))
def test_every_country_has_something_to_begin_with(country):
    found = propose(country)
    assert is_currency(found.currency)
    assert ZoneInfo(found.time_zone)
    assert found.tax_percent is None or 0 < found.tax_percent < 30


@pytest.mark.parametrize(
    ("country", "currency", "zone", "tax"),
    [
        ("DE", "EUR", "Europe/Berlin", "19"),
        ("CN", "CNY", "Asia/Shanghai", "13"),
        ("US", "USD", "America/New_York", None),
        ("CH", "CHF", "Europe/Zurich", "8.1"),
        ("BT", "BTN", "Asia/Thimphu", None),
        ("AU", "AUD", "Australia/Sydney", "10"),
    ],
)
def test_what_is_proposed(country, currency, zone, tax):
    found = propose(country)
    expected = None if tax is None else Decimal(tax)
    assert (found.currency, found.time_zone, found.tax_percent) == (currency, zone, expected)


@pytest.fixture
def owner(system):
    """The first person of an installation in which there is nothing."""
    from django.test import Client

    from erp.access.actions import add_person

    person = add_person(
        username="olga", name="Olga", email="", role="owner", password=None, by=system
    )
    client = Client()
    let_in(client, person.user)
    return client


IDS = {
    "name": "name",
    "country": "country",
    "currency": "currency",
    "time_zone": "zone",
    "tax_percent": "tax",
}


def rows(*products: tuple[str, str, str, str]) -> dict[str, list[str]]:
    columns = zip(*products, strict=True)
    return dict(zip(("code", "name", "price", "units"), map(list, columns), strict=True))


def test_what_an_order_needs_is_made_once(owner):
    for _again in range(2):
        assert owner.post("/setup/company/", BERLIN).status_code == 302
    company = Company.objects.get()
    assert (company.name, company.currency, company.time_zone) == (
        "Teehaus Nord",
        "EUR",
        "Europe/Berlin",
    )
    assert Warehouse.objects.get().country == "DE"
    assert PriceList.objects.get().includes_tax
    assert ChannelPolicy.objects.get().channel == Channel.objects.get(kind="desk")
    assert TaxRate.objects.get().rate == Decimal("0.19")
    assert ShippingService.objects.get().currency == "EUR"
    assert progress().done == {"company", "channel"}
    assert progress().next_step == "products"


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("name", ""),
        ("country", "XX"),
        ("currency", "ABC"),
        ("time_zone", "Mars/Olympus"),
        ("tax_percent", "13,5"),
        ("tax_percent", "100"),
        ("tax_percent", "-1"),
    ],
)
def test_what_is_wrong_is_said_beside_its_field_and_nothing_is_made(owner, field, value):
    answer = owner.post("/setup/company/", BERLIN | {field: value})
    assert answer.status_code == 422
    why = str(answer.context["errors"][field])
    assert f'<p class="error" id="setup-{IDS[field]}-error">{escape(why)}</p>' in (
        answer.content.decode()
    )
    assert Company.objects.get().name == ""
    assert not Warehouse.objects.exists()
    assert not Channel.objects.exists()


def test_what_stands_beside_no_field_is_said_all_the_same(owner):
    answer = owner.post("/setup/company/", BERLIN | {"tax_percent": "19.123456"})
    assert answer.status_code == 422
    assert 'role="alert"' in answer.content.decode()
    assert not TaxRate.objects.exists()


def test_prices_are_those_of_the_channel_that_was_founded(owner):
    PriceList.objects.create(code="other", name="Other", currency="USD")
    owner.post("/setup/company/", BERLIN)
    assert "Price (EUR)" in owner.get("/setup/").content.decode()
    owner.post("/setup/products/", rows(("TEA-001", "Green tea", "12.50", "20")))
    assert Price.objects.get().price_list.currency == "EUR"


def test_products_have_prices_and_stock(owner):
    owner.post("/setup/company/", BERLIN)
    typed = rows(
        ("TEA-001", "Green tea", "12.50", "20"), ("", "", "", ""), ("MUG-001", "Mug", "", "")
    )
    assert owner.post("/setup/products/", typed).status_code == 302
    assert Price.objects.get().amount == Decimal("12.50")
    assert StockLevel.objects.get(sku__code="TEA-001").on_hand == 20
    assert set(Sku.objects.values_list("code", flat=True)) == {"TEA-001", "MUG-001"}
    assert progress().next_step == "order"


@pytest.mark.parametrize(
    ("row", "said"),
    [
        (("TEA-001", "Again", "1", "1"), "Row 2: The SKU TEA-001 is there already."),
        (("", "Nameless", "1", "1"), "Row 2: Give the SKU"),
        (("POT", "", "1", "1"), "Row 2: Give the product"),
        (("POT", "Pot", "12,50", "1"), "Row 2: Enter the price as 12.50."),
        (("POT", "Pot", "1", "1.5"), "Row 2: Enter the units as a whole number."),
        (("POT", "Pot", "-1", "1"), "Row 2: A price is not below zero."),
        (("POT", "Pot", "1.005", "1"), "Row 2: The smallest amount of EUR is 0.01."),
        (("POT", "Pot", "1", "9999999"), "Row 2: Enter from 0 to 1,000,000 units."),
        (("P" * 61, "Pot", "1", "1"), "Row 2: Ensure this value has at most 60 characters"),
        (("POT", "\u200b", "1", "1"), "Row 2: "),
        (("POT", "Pot", "1" * 30, "1"), "Row 2: Ensure that there are no more than"),
    ],
)
def test_a_wrong_row_is_named_and_no_row_is_added(owner, row, said):
    owner.post("/setup/company/", BERLIN)
    typed = rows(("TEA-001", "Green tea", "12.50", "20"), row)
    answer = owner.post("/setup/products/", typed)
    assert answer.status_code == 422
    assert said in answer.content.decode()
    assert not Sku.objects.exists()


def test_the_first_order_leaves(owner, laws_hold):
    owner.post("/setup/company/", BERLIN)
    owner.post("/setup/products/", rows(("TEA-001", "Green tea", "12.50", "20")))
    assert owner.get("/setup/card/").context["count"] == len(STEPS) - 2
    page = owner.get("/setup/").content.decode()
    assert 'href="/orders/new/"' in page
    entered = {
        "channel": "phone",
        "service": "standard",
        "payment": "on_account",
        "name": "Ada",
        "line1": "Unter den Linden 1",
        "postal_code": "10117",
        "city": "Berlin",
        "country": "DE",
        "phone": "+49301234567",
        "sku": ["TEA-001"],
        "quantity": ["2"],
        "token": "a" * 32,
    }
    answer = owner.post("/orders/new/", entered)
    assert answer.status_code == 302, answer.content.decode()[:3000]
    order = Order.objects.get()
    assert (order.currency, order.total, order.tax) == ("EUR", Decimal(25), Decimal("3.99"))
    laws_hold()
