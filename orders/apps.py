"""Registers the app."""

from django.apps import AppConfig


class OrdersConfig(AppConfig):
    name = "orders"
    sql_files = ("pricing/sql/coupon_uses.sql", "placement/sql/place.sql", "order/sql/derive.sql")
