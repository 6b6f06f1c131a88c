"""Defines the filters of the customer list and the access log."""

import django_filters
from django.db.models import Model, QuerySet
from django.utils.translation import gettext_lazy as _

from erp.lists.filters import ListFilter, Yes


class CustomerFilter(ListFilter):
    """`q` is looked for by `orders.customers.search.customers_found`."""

    blocked = Yes(label=_("Blocked"), field_name="is_blocked")
    q = django_filters.CharFilter(label=_("Search"), method="as_it_is")

    def as_it_is(self, rows: QuerySet[Model], name: str, value: str) -> QuerySet[Model]:
        return rows


class RevealFilter(ListFilter):
    by = django_filters.NumberFilter(label=_("By"))
