"""Founds a business: what every order needs, made from the country; and its first products."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from django.db import transaction
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from erp.access.actions import change_company, open_channel, save_checked
from erp.access.models import Actor, Channel, Company
from erp.access.queries import require, sign_history
from erp.errors import FieldError, Invalid, NotFound
from erp.money import DIGITS, decimals, minor_unit
from inventory.catalogue.codes import MOST_UNITS
from inventory.catalogue.models import Sku
from inventory.stock.actions.ledger import Change
from inventory.stock.actions.places import open_warehouse
from inventory.stock.actions.receive import receive_stock
from inventory.stock.models.places import Warehouse
from orders.onboarding.queries import first_price_list
from orders.policies.models import ChannelPolicy
from orders.pricing.models.prices import Price, PriceList, TaxRate
from orders.routing.models.carriers import ShippingService

STANDARD = "standard"  # the tax class of goods, and the service, where nothing else is said


@transaction.atomic(savepoint=False)
def found_business(
    *,
    name: str,
    country: str,
    currency: str,
    time_zone: str,
    tax_percent: Decimal | None,
    includes_tax: bool,
    by: Actor,
    now: datetime,
) -> Company:
    """Describe the company, and make what its orders need as far as it is not there.

    That is a warehouse; a price list and a shipping service in its currency; a channel for orders by phone, with its
    policy; the tax rate of its country.
    country       ISO 3166-1; where the warehouse is and the tax rate holds
    tax_percent   13 is 13 %; None: no rate is made, and orders are taxed at none
    includes_tax  whether prices are entered with tax
    Raises Invalid naming the fields that are wrong. The same once more changes nothing.
    """
    require(by, "settings.edit")
    sign_history(by)
    if not name.strip():
        raise Invalid(
            _("Some fields are not right."),
            errors=[FieldError("/name", "required", _("Give the name of your company."))],
        )
    company = change_company(
        name=name.strip(), currency=currency, time_zone=time_zone, by=by, now=now
    )
    if not Warehouse.objects.exists():
        fields = {"country": country, "time_zone": time_zone}
        open_warehouse(code="main", name=_("Main warehouse"), by=by, now=now, **fields)
    prices = _price_list(currency, includes_tax)
    if not ChannelPolicy.objects.exists():
        channel = _phone_channel(currency, time_zone, by, now)
        save_checked(ChannelPolicy(channel=channel, price_list=prices, order_type="phone"))
    rates = TaxRate.objects.filter(country=country, tax_class=STANDARD)
    if tax_percent is not None and not rates.exists():
        save_checked(TaxRate(country=country, tax_class=STANDARD, rate=tax_percent / 100))
    if not ShippingService.objects.filter(currency=currency).exists():
        service = ShippingService(code=STANDARD, name=_("Standard shipping"), currency=currency)
        service.fee = Decimal(0)
        save_checked(service)
    return company


def _price_list(currency: str, includes_tax: bool) -> PriceList:
    """The list that the channel for phone orders sells by."""
    found = PriceList.objects.filter(currency=currency).order_by("pk").first()
    if found is None:
        made = PriceList(code="retail", name=_("Retail"), currency=currency)
        made.includes_tax = includes_tax
        found = save_checked(made)
    return found


def _phone_channel(currency: str, time_zone: str, by: Actor, now: datetime) -> Channel:
    """The channel of orders that people enter: one that is there, or a new one."""
    found = Channel.objects.filter(kind=Channel.Kind.DESK).order_by("pk").first()
    return found or open_channel(
        code="phone",
        kind=Channel.Kind.DESK,
        name=_("Phone orders"),
        currency=currency,
        language=get_language() or "en",
        time_zone=time_zone,
        by=by,
        now=now,
    )


@dataclass(frozen=True, slots=True)
class FirstProduct:
    """A product as a new business enters it.

    price   in the currency of its price list; None: it is not sold yet
    units   on the shelf; 0: none
    """

    code: str
    name: str
    price: Decimal | None
    units: int


@transaction.atomic(savepoint=False)
def add_first_products(
    *, products: Sequence[FirstProduct], by: Actor, now: datetime
) -> Sequence[Sku]:
    """Add products with their prices and what lies on the shelf of the first warehouse; all, or none of them.

    Raises Invalid naming the rows ("/products/0/code") that are wrong, NotFound where no business was founded.
    """
    require(by, "inventory.edit")
    sign_history(by)
    prices = first_price_list()
    warehouse = Warehouse.objects.filter(is_active=True).order_by("priority", "code").first()
    if prices is None or warehouse is None:
        raise NotFound
    if errors := _wrong_rows(products, prices.currency):
        raise Invalid(_("Some rows are not right. Nothing was added."), errors=errors)
    skus = [_added(n, one, prices) for n, one in enumerate(products)]
    changes = [
        Change(sku.pk, one.units) for sku, one in zip(skus, products, strict=True) if one.units
    ]
    if changes:
        receive_stock(
            warehouse_id=warehouse.pk,
            changes=changes,
            reference=_("Opening stock"),
            by=by,
            now=now,
        )
    return skus


def _added(n: int, one: FirstProduct, prices: PriceList) -> Sku:
    """Add one product with its price. Raises Invalid naming its row for what the fields themselves refuse."""
    try:
        sku = save_checked(Sku(code=one.code, name=one.name))
        if one.price is not None:
            save_checked(Price(price_list=prices, sku=sku, amount=one.price))
    except Invalid as wrong:
        errors = [_in_row(n, e.pointer.strip("/"), e.code, e.detail) for e in wrong.errors]
        raise Invalid(wrong.detail, errors=errors) from wrong
    return sku


def _wrong_rows(products: Sequence[FirstProduct], currency: str) -> list[FieldError]:
    if not products:
        return [FieldError("/products", "required", _("Enter at least one product."))]
    codes = [one.code for one in products]
    known = set(Sku.objects.filter(code__in=codes).values_list("code", flat=True))
    errors: list[FieldError] = []
    for n, one in enumerate(products):
        errors += [_in_row(n, *wrong) for wrong in _wrong_fields(one, known, currency)]
        known.add(one.code)
    return errors


def _in_row(n: int, field: str, code: str, why: str) -> FieldError:
    text = _("Row %(row)s: %(why)s") % {"row": n + 1, "why": why}
    return FieldError(f"/products/{n}/{field}", code, text)


def _wrong_fields(
    one: FirstProduct, known: set[str], currency: str
) -> Iterator[tuple[str, str, str]]:
    """(field, code, why) of what is wrong with a product, beside what its own fields refuse."""
    if not one.code:
        yield "code", "required", _("Give the SKU, such as TEA-001.")
    elif one.code in known:
        yield "code", "conflict", _("The SKU %(code)s is there already.") % {"code": one.code}
    if not one.name:
        yield "name", "required", _("Give the product's name.")
    if one.price is not None and one.price < 0:
        yield "price", "invalid", _("A price is not below zero.")
    elif one.price is not None and decimals(one.price) > DIGITS[currency]:
        smallest = {"currency": currency, "unit": minor_unit(currency)}
        yield "price", "invalid", _("The smallest amount of %(currency)s is %(unit)s.") % smallest
    if not 0 <= one.units <= MOST_UNITS:
        yield "units", "invalid", _("Enter from 0 to %(most)s units.") % {"most": f"{MOST_UNITS:,}"}
