"""Registers the app."""

from django.apps import AppConfig


class InventoryConfig(AppConfig):
    name = "inventory"
    sql_files = (
        "stock/sql/costs.sql",
        "stock/sql/levels.sql",
        "stock/sql/split.sql",
        "stock/sql/carts.sql",
    )
