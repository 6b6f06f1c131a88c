"""Shows what the types of the API's problems mean: the pages that their `type` leads to."""

import sys

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.utils.translation import gettext as _

from erp.access.models import Company
from erp.api.problem_types import PROBLEM_TYPES, title_of
from erp.api.problems import is_outage
from erp.logs.origin import current_request_id
from erp.web.pages import refused


def server_error(request: HttpRequest) -> HttpResponse:
    """Show that something of ours failed, with the request's id; without session, person or database.

    503 where it is the database that is not there: whoever asks again soon is answered.
    """
    page = render_to_string("web/broken.html", {"request_id": current_request_id()})
    error = sys.exception()
    if error is not None and is_outage(error):
        return HttpResponse(page, status=503, headers={"Retry-After": "2"})
    return HttpResponse(page, status=500)


def page_missing(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Show that there is no such page: in the frame to whoever is signed in, alone to anybody else."""
    if getattr(request, "actor", None):
        why = _("This page does not exist, or what it showed is gone.")
        return refused(request, why, 404)
    return render(request, "web/missing_alone.html", status=404)


def is_not_here(request: HttpRequest, key: str = "") -> HttpResponse:
    """Answer as where there is no page: what a library brings, and is done elsewhere here. Raises Http404."""
    raise Http404


def problem_types(request: HttpRequest) -> HttpResponse:
    """List every type of problem, to anybody: they hold no data."""
    company = Company.objects.filter(pk=1).first()
    return render(
        request, "web/problems.html", {"problems": PROBLEM_TYPES.items(), "company": company}
    )


def problem_type(request: HttpRequest, code: str) -> HttpResponse:
    """Show a type of problem: when it is answered, and what to do then."""
    kind = PROBLEM_TYPES.get(code)
    if kind is None:
        raise Http404
    company = Company.objects.filter(pk=1).first()
    shown = {"code": code, "problem": kind, "title": title_of(code), "company": company}
    return render(request, "web/problem.html", shown)
