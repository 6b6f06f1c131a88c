"""Serves what every list can do: bulk actions, exports, saved views, columns, counts."""

from django.contrib import messages
from django.db.models import Model
from django.http import HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from erp.access.queries import require
from erp.bounds import read_whole
from erp.errors import FieldError, Invalid, NotFound
from erp.jobs.actions import begin_bulk, begin_job
from erp.lists import actions as lists_actions
from erp.lists import row_counts
from erp.lists.models import SavedView
from erp.lists.page import Asked, ListPage, list_by_name
from erp.once import perform
from erp.web.pages import SIGNED_IN, StaffRequest, note_export, page, start_job, take

FORMATS = ("csv", "xlsx")


def _list(request: StaffRequest, name: str) -> tuple[ListPage[Model], Asked]:
    """The list, and what the page it was asked from showed; refuses what cannot be understood."""
    found = list_by_name(name)
    require(request.actor, found.right)
    asked = Asked.of(found, QueryDict(request.POST.get("query", "")))
    found.order_of(asked)
    found.narrowed(request.actor, asked)
    return found, asked


@require_POST
@page(SIGNED_IN)
def bulk(request: StaffRequest, name: str) -> HttpResponse:
    """Begin a bulk action as a job: on the rows ticked, or on all that match."""
    found, asked = _list(request, name)
    verb = found.verb(request.POST.get("verb", ""))
    arguments: dict[str, object] = {}
    for field in verb.fields:
        given = request.POST.get(field.name, "").strip()
        if not given and not field.may_be_empty:
            raise Invalid(
                _("%(field)s is required.") % {"field": field.label},
                errors=[FieldError(f"/{field.name}", "required", str(field.label))],
            )
        if given and field.options and given not in dict(field.options):
            raise Invalid(_("%(field)s is required.") % {"field": field.label})
        arguments[field.name] = field.of(given)
    rows = found.everything(request.actor, asked)
    if request.POST.get("all") != "1":
        ticked = [read_whole(pk, "/row") for pk in request.POST.getlist("row") if pk]
        rows = found.rows(request.actor).filter(pk__in=ticked)
    return start_job(
        request,
        begin_bulk,
        name=f"{found.title}: {verb.label}",
        asked={
            "list": name,
            "verb": verb.name,
            "arguments": arguments,
            "language": get_language(),
            "query": dict(asked.values),
        },
        rows=rows,
        label=found.names,
        right=verb.right,
    )


@require_POST
@page(SIGNED_IN, is_sensitive=True)
def export(request: StaffRequest, name: str) -> HttpResponse:
    """Begin an export as a job: every row that matches, the columns that are shown."""
    found, asked = _list(request, name)
    kind = request.POST.get("format", "csv")
    if kind not in FORMATS:
        raise Invalid(_("A file is CSV or XLSX."))
    asked_for: dict[str, object] = {
        "list": name,
        "query": {**asked.values, "sort": asked.sort},
        "columns": [
            c.name for c in found.columns_for(request.actor, request.POST.getlist("column"))
        ],
        "format": kind,
        "language": get_language(),
        "zone": timezone.get_current_timezone_name(),
    }
    note_export(request, list=name, columns=asked_for["columns"])
    return start_job(
        request,
        begin_job,
        kind="export",
        name=f"{found.title}: {kind.upper()}",
        asked=asked_for,
        total=None,
    )


@require_POST
@page(SIGNED_IN)
def save_view(request: StaffRequest, name: str) -> HttpResponse:
    """Keep what the page shows under a name."""
    found, asked = _list(request, name)
    query = asked.address().removeprefix("?")
    return take(
        request,
        lists_actions.save_view,
        _("View saved."),
        f"{found.path}?{query}",
        list_name=name,
        name=request.POST.get("name", ""),
        query=query,
        is_team=request.POST.get("team") == "1",
    )


@require_POST
@page(SIGNED_IN)
def delete_view(request: StaffRequest, name: str, pk: int) -> HttpResponse:
    found, _asked = _list(request, name)
    if not SavedView.objects.visible_to(request.actor).filter(pk=pk, list=name).exists():
        raise NotFound
    return take(
        request,
        lists_actions.delete_view,
        _("View deleted."),
        found.path,
        list_name=name,
        view_id=pk,
    )


@require_POST
@page(SIGNED_IN)
def choose_columns(request: StaffRequest, name: str) -> HttpResponse:
    """Remember the columns that were ticked; "reset" forgets them."""
    found, asked = _list(request, name)
    known = {c.name for c in found.columns_for(request.actor, [c.name for c in found.columns])}
    chosen = [c for c in request.POST.getlist("column") if c in known]
    perform(
        lists_actions.choose_columns,
        list_name=name,
        columns=[] if request.POST.get("reset") else chosen,
        by=request.actor,
        now=timezone.now(),
    )
    messages.success(request, _("Columns changed."))
    return redirect(f"{found.path}{asked.address()}")


@page(SIGNED_IN)
def counts(request: StaffRequest, name: str) -> HttpResponse:
    """How many rows each view has: one lazy request, capped and cached."""
    found = list_by_name(name)
    require(request.actor, found.right)
    views = SavedView.objects.visible_to(request.actor).filter(list=name)
    queries = [tab.query for tab in found.tabs] + [view.query for view in views]
    wanted = {
        f"{name}?{query}": lambda query=query: found.everything(
            request.actor, Asked.of(found, QueryDict(query))
        )
        for query in queries
    }
    numbers = row_counts.counted(wanted)
    shown = [row_counts.shown(numbers[f"{name}?{query}"]) for query in queries]
    return render(
        request, "components/tab_counts.html", {"counts": list(enumerate(shown)), "name": name}
    )
