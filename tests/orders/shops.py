"""Shopify and WooCommerce as tests drive them: channels, signatures, deliveries, bodies of orders."""

import base64
import hashlib
import hmac
import itertools
import json
import os

from django.test import Client

from erp.access.actions import set_webhook_secret
from erp.access.models import Channel
from orders.intake.inbox.tasks import read_some
from orders.models import (
    ChannelPolicy,
    PriceList,
)
from tests.conftest import NOON

SECRET = "a secret between two"


def open_channel(kind, shop, system) -> Channel:
    channel = Channel.objects.create(code=kind[:7], name=kind, kind=kind, currency="USD")
    prices = PriceList.objects.create(code=kind, name=kind, currency="USD")
    ChannelPolicy.objects.create(channel=channel, price_list=prices, review="record")
    set_webhook_secret(channel_id=channel.pk, secret=SECRET, by=system, now=NOON)
    return channel


def sign(body: bytes, secret: str = SECRET) -> str:
    return base64.b64encode(hmac.new(secret.encode(), body, hashlib.sha256).digest()).decode()


_deliveries = itertools.count()


def post(channel, topic, body, *, delivery="", signature=None, secret=SECRET):
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    delivery = delivery or f"d-{os.getpid()}-{next(_deliveries)}"
    signature = sign(raw, secret) if signature is None else signature
    if channel.kind == "shopify":
        headers = {
            "X-Shopify-Topic": topic,
            "X-Shopify-Hmac-Sha256": signature,
            "X-Shopify-Webhook-Id": delivery,
            "X-Shopify-Shop-Domain": "tea.myshopify.com",
        }
    else:
        headers = {
            "X-WC-Webhook-Topic": topic,
            "X-WC-Webhook-Signature": signature,
            "X-WC-Webhook-Delivery-ID": delivery,
            "X-WC-Webhook-Source": "https://tea.example/",
        }
    return Client().post(
        f"/api/v1/channels/{channel.code}/webhooks/{channel.kind}",
        raw,
        content_type="application/json",
        headers=headers,
    )


def read_all() -> None:
    while read_some():
        pass


def body_of(**changes):
    """An order as Shopify tells it: two teas and a mug, a discount, shipping, tax on top."""
    body = {
        "id": 450789469,
        "admin_graphql_api_id": "gid://shopify/Order/450789469",
        "name": "#1001",
        "created_at": "2026-03-01T10:00:00-05:00",
        "updated_at": "2026-03-01T10:00:01-05:00",
        "currency": "USD",
        "financial_status": "pending",
        "fulfillment_status": None,
        "cancelled_at": None,
        "cancel_reason": None,
        "taxes_included": False,
        "test": False,
        "email": "li.na@example.com",
        "phone": None,
        "note": None,
        "total_price": "54.60",
        "total_outstanding": "54.60",
        "total_discounts": "5.00",
        "total_tax": "4.60",
        "payment_gateway_names": ["shopify_payments"],
        "refunds": [],
        "fulfillments": [],
        "customer": {
            "id": 207119551,
            "first_name": "Li",
            "last_name": "Na",
            "email": "li.na@example.com",
        },
        "shipping_address": {
            "name": "Li Na",
            "address1": "1 Main St",
            "address2": None,
            "city": "Springfield",
            "province": "Illinois",
            "zip": "62704",
            "country_code": "US",
            "phone": "+12175550100",
        },
        "line_items": [
            {
                "id": 1,
                "sku": "TEA-001",
                "variant_id": 11,
                "title": "Green tea",
                "quantity": 2,
                "price": "15.00",
                "tax_lines": [{"price": "2.60"}],
                "discount_allocations": [{"amount": "5.00"}],
            },
            {
                "id": 2,
                "sku": "MUG-001",
                "variant_id": 12,
                "title": "Mug",
                "quantity": 1,
                "price": "20.00",
                "tax_lines": [{"price": "2.00"}],
                "discount_allocations": [],
            },
        ],
        "shipping_lines": [{"title": "Standard", "price": "5.00", "tax_lines": []}],
    }
    return body | changes


def paid(**changes):
    known = {
        "financial_status": "paid",
        "total_outstanding": "0.00",
        "updated_at": "2026-03-01T10:01:00-05:00",
    }
    return body_of(**(known | changes))


WOO_ORDER = {
    "id": 727,
    "number": "727",
    "currency": "USD",
    "status": "processing",
    "total": "40.00",
    "prices_include_tax": False,
    "date_created_gmt": "2026-03-01T10:00:00",
    "date_modified_gmt": "2026-03-01T10:00:00",
    "date_paid_gmt": "2026-03-01T10:00:01",
    "billing": {
        "first_name": "Li",
        "last_name": "Na",
        "email": "li@example.com",
        "address_1": "1 Main St",
        "city": "Springfield",
        "postcode": "62704",
        "state": "IL",
        "country": "US",
    },
    "shipping": {
        "first_name": "Li",
        "last_name": "Na",
        "address_1": "1 Main St",
        "city": "Springfield",
        "postcode": "62704",
        "state": "IL",
        "country": "US",
    },
    "line_items": [
        {
            "id": 315,
            "name": "Tea",
            "sku": "TEA-001",
            "quantity": 2,
            "subtotal": "40.00",
            "total": "40.00",
            "price": 20,
        }
    ],
    "shipping_lines": [],
    "fee_lines": [],
    "refunds": [],
    "tax_lines": [],
    "coupon_lines": [],
    "meta_data": [],
}
