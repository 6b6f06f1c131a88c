"""Defines the filters of the customer list and the access log."""

import django_filters
from django.db.models import Model, QuerySet
from django.utils.translation import gettext_lazy as _

from erp.lists.filters import ListFilter, Yes
from orders.customers.models import TermsProposal


class CustomerFilter(ListFilter):
    """`q` is looked for by `orders.customers.search.customers_found`."""

    blocked = Yes(label=_("Blocked"), field_name="is_blocked")
    proposed = Yes(label=_("Terms to approve"), method="with_proposals")
    q = django_filters.CharFilter(label=_("Search"), method="as_it_is")

    def with_proposals(self, rows: QuerySet[Model], name: str, value: bool) -> QuerySet[Model]:
        """Customers with terms that wait for a second person."""
        waiting = TermsProposal.objects.filter(status="waiting").values("customer")
        return rows.filter(pk__in=waiting) if value else rows

    def as_it_is(self, rows: QuerySet[Model], name: str, value: str) -> QuerySet[Model]:
        return rows


class RevealFilter(ListFilter):
    by = django_filters.NumberFilter(label=_("By"))
