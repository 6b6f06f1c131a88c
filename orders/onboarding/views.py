"""Shows the setup guide: a page of steps, each done in its place."""

from decimal import Decimal

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from erp.access.queries import own_company
from erp.bounds import LONGEST
from erp.countries import COUNTRIES, is_country
from erp.errors import DomainError, FieldError, Invalid
from erp.money import DIGITS, written
from erp.names import country_name
from erp.once import perform
from erp.web.pages import StaffRequest, page, words_of
from orders.onboarding.actions import FirstProduct, add_first_products, found_business
from orders.onboarding.decisions import propose
from orders.onboarding.queries import STEPS, first_price_list, progress

GUIDE = "/setup/"
ROWS = 5  # of products that the page begins with
MOST_ROWS = 50
COLUMNS = ("code", "name", "price", "units")
TITLES = {
    "company": gettext_lazy("Describe your company"),
    "products": gettext_lazy("Add your first products"),
    "prices": gettext_lazy("Set prices"),
    "stock": gettext_lazy("Count what is on the shelf"),
    "channel": gettext_lazy("Choose where orders come from"),
    "order": gettext_lazy("Place a test order"),
    "shipment": gettext_lazy("Ship it"),
}


@page("settings.edit")
def guide(request: StaffRequest) -> HttpResponse:
    """What is done, and the form of what is next."""
    return _shown(request, {}, [], {})


@page("settings.edit")
def card(request: StaffRequest) -> HttpResponse:
    """How far the guide has come, on the home page; nothing once it is done."""
    done = progress()
    context = {
        "steps": [(TITLES[step], step in done.done) for step in STEPS],
        "next_title": TITLES.get(done.next_step, ""),
        "count": len(done.done),
    }
    return render(request, "orders/onboarding/card.html", context)


@page("settings.edit")
def proposal(request: StaffRequest) -> HttpResponse:
    """The fields that follow from a country, as they are proposed for it."""
    country = request.GET.get("country", "")
    if not is_country(country):
        country = _country_asked_from(request)
    return render(request, "orders/onboarding/country_fields.html", _proposed(country))


@require_POST
@page("settings.edit")
def found(request: StaffRequest) -> HttpResponse:
    """Describe the company, and make what orders need."""
    values = {
        name: request.POST.get(name, "").strip()[:LONGEST]
        for name in ("name", "country", "currency", "time_zone", "tax_percent")
    }
    values["includes_tax"] = "1" if request.POST.get("includes_tax") == "1" else ""
    try:
        perform(
            found_business,
            by=request.actor,
            now=timezone.now(),
            name=values["name"],
            country=values["country"],
            currency=values["currency"],
            time_zone=values["time_zone"],
            tax_percent=_percent(values["tax_percent"]),
            includes_tax=bool(values["includes_tax"]),
        )
    except DomainError as refusal:
        errors = {error.pointer.strip("/"): error.detail for error in refusal.errors}
        if not errors.keys() <= values.keys() or not errors:
            errors["company"] = words_of(refusal)  # what stands beside no field of the form
        return _shown(request, values, [], errors, status=422)
    return redirect(f"{GUIDE}#products")


@require_POST
@page("inventory.edit")
def add_products(request: StaffRequest) -> HttpResponse:
    """Add the first products, with prices and stock."""
    rows = _typed(request)
    try:
        products = [_read(n, row) for n, row in enumerate(rows)]
        perform(add_first_products, products=products, by=request.actor, now=timezone.now())
    except DomainError as refusal:
        errors = {error.pointer: error.detail for error in refusal.errors}
        if not errors.keys() <= _pointers(len(rows)):
            errors["/products"] = words_of(refusal)  # what stands in no row
        return _shown(request, {}, rows, errors or {"/products": words_of(refusal)}, status=422)
    return redirect(f"{GUIDE}#order")


def _country_asked_from(request: HttpRequest) -> str:
    """The country of the first language with a country that a browser asks for; China where it names none."""
    for asked in request.META.get("HTTP_ACCEPT_LANGUAGE", "").split(","):
        region = asked.partition(";")[0].strip().rpartition("-")[2].upper()
        if is_country(region):
            return str(region)
    return "CN"


def _shown(
    request: StaffRequest,
    values: dict[str, str],
    rows: list[dict[str, str]],
    errors: dict[str, str],
    *,
    status: int = 200,
) -> HttpResponse:
    done = progress()
    company = own_company()
    country = values.get("country") or _country_asked_from(request)
    proposed = _proposed(country if is_country(country) else "CN")
    prices = first_price_list()
    empty_rows = [dict.fromkeys(COLUMNS, "") for _n in range(max(1, ROWS - len(rows)))]
    context = {
        "steps": [(step, TITLES[step], step in done.done) for step in STEPS],
        "next_step": done.next_step,
        "is_founded": {"company", "channel"} <= done.done,
        "is_done": done.done,
        "countries": _countries(),
        **proposed,
        "name": company.name,
        **values,
        "errors": errors,
        "rows": _with_errors([*rows, *empty_rows], errors),
        "rows_error": errors.get("/products", ""),
        "currency_of_prices": prices.currency if prices else company.currency,
    }
    return render(request, "orders/onboarding/guide.html", context, status=status)


def _proposed(country: str) -> dict[str, object]:
    found = propose(country)
    percent = found.tax_percent
    return {
        "country": country,
        "currency": found.currency,
        "time_zone": found.time_zone,
        "tax_percent": "" if percent is None else f"{percent.normalize():f}",
        "includes_tax": found.includes_tax,
        "currencies": [(code, code) for code in sorted(DIGITS)],
    }


def _countries() -> list[tuple[str, str]]:
    """Every country by its name in the reader's language, in the order of those names."""
    language = get_language() or "en"
    named = [(code, country_name(code, language)) for code in COUNTRIES]
    return sorted(named, key=lambda one: one[1])


def _pointers(rows: int) -> set[str]:
    """What errors of a form with so many rows point at, where they are shown beside it."""
    return {"/products"} | {f"/products/{n}/{column}" for n in range(rows) for column in COLUMNS}


def _with_errors(rows: list[dict[str, str]], errors: dict[str, str]) -> list[dict[str, object]]:
    """Each row with what is wrong in it, by column."""
    return [
        {
            **row,
            "errors": [
                errors[pointer]
                for column in COLUMNS
                if (pointer := f"/products/{n}/{column}") in errors
            ],
        }
        for n, row in enumerate(rows)
    ]


def _percent(text: str) -> Decimal | None:
    if not text:
        return None
    found = written(text)
    if found is None or not 0 <= found < 100:
        why = _("A percentage such as 13, or 25.5; empty where you charge no tax.")
        raise Invalid(errors=[FieldError("/tax_percent", "malformed", why)])
    return found


def _typed(request: StaffRequest) -> list[dict[str, str]]:
    """The rows of the form in which something was typed."""
    columns = [request.POST.getlist(name)[:MOST_ROWS] for name in COLUMNS]
    rows = [
        dict(zip(COLUMNS, (text.strip()[:LONGEST] for text in cells), strict=True))
        for cells in zip(*columns, strict=False)
    ]
    return [row for row in rows if any(row.values())]


def _read(n: int, row: dict[str, str]) -> FirstProduct:
    """One row as a product. Raises Invalid naming the field that cannot be read."""
    price, units = None, 0
    if row["price"]:
        price = written(row["price"])
        if price is None:
            raise _unreadable(n, "price", _("Enter the price as 12.50."))
    if row["units"]:
        if not row["units"].isascii() or not row["units"].isdecimal() or len(row["units"]) > 8:
            raise _unreadable(n, "units", _("Enter the units as a whole number."))
        units = int(row["units"])
    return FirstProduct(row["code"], row["name"], price, units)


def _unreadable(n: int, field: str, why: str) -> Invalid:
    text = _("Row %(row)s: %(why)s") % {"row": n + 1, "why": why}
    return Invalid(errors=[FieldError(f"/products/{n}/{field}", "malformed", text)])
