"""Serves address tools over the API: parsing pasted Chinese addresses, listing divisions."""

from dataclasses import asdict

import msgspec
from django.http import HttpResponse
from django.utils.translation import gettext as _
from rest_framework.request import Request

from erp.api.endpoint import Endpoint, answer_json, body_of, check_parameters
from erp.api.schema import operation
from erp.errors import Invalid
from orders.customers.chinese_addresses import PastedAddress, read_address
from orders.customers.chinese_places import divisions


class PastedBody(msgspec.Struct, forbid_unknown_fields=True):
    text: str


class ParsedAddresses(Endpoint):
    rights = {"post": "orders.view"}

    @operation("Parse a Chinese address pasted as free text", body=PastedBody, idempotency=False)
    def post(self, request: Request) -> HttpResponse:
        body = body_of(request, PastedBody)
        if len(body.text) > 1000:
            raise Invalid(_("At most 1,000 characters."))
        return answer_json({"object": "parsed_address", **parsed_document(body.text)})


def parsed_document(text: str) -> dict[str, object]:
    """What a text says, its parts apart and as an order's shipping address."""
    found = read_address(text)
    return {**asdict(found), "shipping_address": as_address(found)}


def as_address(found: PastedAddress) -> dict[str, str]:
    """As an order takes it: the district stands before the street."""
    return {
        "name": found.name,
        "phone": found.phone,
        "line1": f"{found.district}{found.street}",
        "city": found.city,
        "region": found.region,
        "postal_code": found.postal_code,
        "country": "CN",
    }


class Divisions(Endpoint):
    rights = {"get": "orders.view"}

    @operation(
        "List China's provinces, a province's cities, a city's districts",
        query={"region": "", "city": ""},
    )
    def get(self, request: Request) -> HttpResponse:
        check_parameters(request, {"region", "city"})
        asked = request.query_params
        return answer_json({"data": below(asked.get("region", ""), asked.get("city", ""))})


def below(region: str, city: str) -> list[str]:
    """The names one level below: provinces, the cities of one, the districts of a city."""
    provinces = divisions()
    if not region:
        return list(provinces)
    cities = provinces.get(region, {})
    return list(cities.get(city, ())) if city else list(cities)
