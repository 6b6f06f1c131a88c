"""Registers the app."""

from django.apps import AppConfig


class OrdersConfig(AppConfig):
    name = "orders"
    sql_files = ("placement/sql/place.sql", "order/sql/derive.sql")
