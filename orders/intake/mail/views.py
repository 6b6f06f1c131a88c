"""Shows order drafts beside their e-mail, and creates orders from them."""

from collections.abc import Sequence
from typing import Any

import django_filters
from django.db.models import QuerySet
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from erp.errors import NotFound
from erp.lists.filters import AnyOf, ListFilter
from erp.lists.page import Column, ListPage, Tab
from erp.web.columns import lines_column, state_column, text_column, time_column
from erp.web.list_page import show_list
from erp.web.pages import StaffRequest, page
from erp.web.verbs import offers
from inventory.models import Sku
from orders.customers.readers import CLEAR, MASKED
from orders.customers.views import reveal
from orders.intake.mail.models import OrderDraft
from orders.intake.mail.queries import drafts_visible_to
from orders.intake.mail.states import DraftStatus
from orders.intake.mail.verbs import PLACE, find_draft
from orders.intake.messages.wording import issue_text


class DraftFilter(ListFilter):
    status = AnyOf(choices=DraftStatus.choices, label=gettext_lazy("State"))
    q = django_filters.CharFilter(label=gettext_lazy("Search"), method="named")

    def named(self, rows: QuerySet[OrderDraft], name: str, text: str) -> QuerySet[OrderDraft]:
        return rows.filter(sender__icontains=text) | rows.filter(subject__icontains=text)


def _who(draft: OrderDraft) -> SafeString:
    return format_html("{}<span class='two'>{}</span>", draft.sender, draft.subject[:80])


DRAFTS: ListPage[OrderDraft] = ListPage(
    name="drafts",
    path="/orders/drafts/",
    title=gettext_lazy("Drafts"),
    right="customers.view",
    rows=drafts_visible_to,
    columns=(
        Column("id", gettext_lazy("Draft"), lambda d: f"#{d.pk}", main=True),
        Column(
            "sender",
            gettext_lazy("From"),
            _who,
            value=lambda d: d.sender,
            masked=(CLEAR, lambda d: MASKED.email(d.sender)),
        ),
        Column(
            "subject",
            gettext_lazy("Subject"),
            lambda d: d.subject[:80],
            value=lambda d: d.subject,
            right=CLEAR,
            extra=True,
        ),
        lines_column(
            "asked",
            gettext_lazy("Requested quantity"),
            (("SKU", False), (gettext_lazy("Quantity"), True)),
            lambda d: [(x["sku"], x["quantity"]) for x in d.reading.get("lines", [])],
        ),
        Column(
            "issues",
            gettext_lazy("To review"),
            lambda d: len(d.reading.get("issues", [])) or "–",
            value=lambda d: len(d.reading.get("issues", [])),
            numeric=True,
        ),
        state_column("status", gettext_lazy("State"), "status"),
        text_column("order", gettext_lazy("Order"), lambda d: d.order.number if d.order else ""),
        time_column("came", gettext_lazy("Came in"), lambda d: d.created_at),
    ),
    order=("-id",),
    names="id",  # a subject is its sender's words
    filters=DraftFilter,
    tabs=(Tab(gettext_lazy("To process"), "status=open"), Tab(gettext_lazy("All"))),
    noun="draft",
    search=gettext_lazy("Sender or subject"),
    empty=gettext_lazy(
        "E-mails that mention products wait here until someone turns them into orders."
    ),
    link=lambda d: f"/orders/drafts/{d.pk}/",
)


@page("customers.view")
def draft_list(request: StaffRequest) -> HttpResponse:
    """Letters that were understood, newest first."""
    return show_list(request, DRAFTS, crumbs=[("/orders/", _("Orders"))])


# What says of a line why it is a guess.
PRECISE = frozenset({"quantity_unclear", "several_quantities", "unit_unknown", "could_be_another"})


def _told(issues: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """What a person is told of a draft: that a line is a guess only where nothing else says why."""
    said = {issue["params"].get("sku") for issue in issues if issue["code"] in PRECISE}
    return [x for x in issues if x["code"] != "doubtful_line" or x["params"].get("sku") not in said]


@page("customers.reveal")
def draft_page(request: StaffRequest, pk: int) -> HttpResponse:
    """One letter beside what was understood of it, each part with the words that say so."""
    try:
        draft = find_draft(request.actor, pk)
    except NotFound:
        raise Http404 from None
    reveal(request, f"draft:{pk}")  # a letter cannot be masked: who opens it is written down
    lines = draft.reading.get("lines", [])
    names = dict(Sku.objects.filter(code__in=[x["sku"] for x in lines]).values_list("code", "name"))
    fields = [
        (label, draft.reading.get(name) or {})
        for name, label in (
            ("name", _("Customer")),
            ("ship_to", _("Ship to")),
            ("need_by", _("Requested by date")),
        )
    ]
    return render(
        request,
        "orders/intake/mail/draft.html",
        {
            "draft": draft,
            "lines": [
                line
                | {"name": names.get(line["sku"], ""), "percent": round(line["confidence"] * 100)}
                for line in lines
            ],
            "fields": [
                (label, said, round(said.get("confidence", 0) * 100)) for label, said in fields
            ],
            "issues": [issue_text(issue) for issue in _told(draft.reading.get("issues", []))],
            "offers": offers("draft", draft, draft, request.actor),
            "may_place": draft.status == "open" and PLACE.right in request.actor.verbs,
        },
    )
