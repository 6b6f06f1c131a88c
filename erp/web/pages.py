"""Guards page views, performs an action for the person and reports its outcome."""

from collections.abc import Callable
from datetime import datetime
from functools import wraps
from typing import TypeVar

from django.contrib import messages
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _

from erp.access.models import Actor
from erp.access.reauthentication import must_reauthenticate
from erp.bounds import read_moment
from erp.errors import DomainError, NotAllowed
from erp.jobs.models import Job
from erp.jobs.wake import wake_jobs
from erp.once import perform
from erp.security.actions import record_security_event
from erp.shapes import Words
from erp.web.sign_in import (
    OPENS,
    ask_to_reauthenticate,
    to_come_back_to,
    where_from,
)

T = TypeVar("T")
SIGNED_IN = ""  # the right of what anybody who signed in may do; the view itself may ask for more


class StaffRequest(HttpRequest):
    """A request of somebody signed in."""

    actor: Actor


def page(
    right: str, *, is_sensitive: bool = False, changed_by: str = "", gives_file: bool = False
) -> Callable[[Callable[..., HttpResponseBase]], Callable[..., HttpResponseBase]]:
    """A view for signed-in people who have `right`; others are asked to sign in, or told no.

    is_sensitive   a POST to it makes or changes credentials, or takes data away: whoever entered their password
                   some time ago enters it again first, when they open the page already
    changed_by     the right of what is posted: who only reads the page is not asked when they open it
    gives_file     a GET is sensitive too: it answers with a file of data
    """

    def decorate(view: Callable[..., HttpResponseBase]) -> Callable[..., HttpResponseBase]:
        @wraps(view)
        def guarded(request: StaffRequest, *args: object, **kwargs: object) -> HttpResponseBase:
            if not request.actor:
                return redirect_to_login(to_come_back_to(request))
            if right and right not in request.actor.verbs:
                _note_denial(request, right)
                return refused(request, _("Your role does not have this permission."), 403)
            opens = request.method in OPENS and not gives_file
            may_change = not changed_by or changed_by in request.actor.verbs
            is_asked = gives_file or (is_sensitive and (may_change or not opens))
            if is_asked and must_reauthenticate(request, to_fill_in=opens):
                return ask_to_reauthenticate(request)
            try:
                return view(request, *args, **kwargs)
            except DomainError as refusal:
                if isinstance(refusal, NotAllowed):
                    _note_denial(request, right)
                if request.method == "POST" and (back := where_from(request)):
                    messages.error(request, words_of(refusal))
                    return redirect(back)
                return refused(request, words_of(refusal), refusal.status)

        # Functions are known to have no such attributes; laws of all pages read them.
        guarded.right = right  # type: ignore[attr-defined]
        guarded.is_sensitive = is_sensitive  # type: ignore[attr-defined]
        guarded.gives_file = gives_file  # type: ignore[attr-defined]
        return guarded

    return decorate


def _note_denial(request: StaffRequest, right: str) -> None:
    route = request.resolver_match.route if request.resolver_match else ""
    facts = {"right": right, "route": route, "method": request.method}
    perform(record_security_event, kind="denied", actor=request.actor.pk, facts=facts)


def words_of(refusal: DomainError) -> str:
    """Word a refusal as a sentence, with what is wrong in each field."""
    said = refusal.detail if refusal.errors else str(refusal)
    return " ".join([said, *(error.detail for error in refusal.errors)]).strip()


def refused(request: HttpRequest, why: str, status: int) -> HttpResponse:
    """Show a page that refuses the request, with the reason."""
    return render(request, "web/refused.html", {"why": why, "status": status}, status=status)


def take(
    request: StaffRequest,
    action: Callable[..., T],
    done: str | Callable[[T], Words],
    back: str,
    undo: Callable[[T], str] | None = None,
    /,
    **arguments: object,
) -> HttpResponse:
    """Perform an action for the person who asked, report the outcome and go back.

    done    what is said when it went well, or a function of what the action returned that gives it
    undo    a function that, given what the action returned, gives the address that a POST to takes it back
    """
    try:
        result = perform(action, by=request.actor, now=timezone.now(), **arguments)
    except DomainError as refusal:
        if isinstance(refusal, NotAllowed):
            _note_denial(request, action.__name__)
        messages.error(request, words_of(refusal))
    else:
        said = str(done(result)) if callable(done) else done
        messages.success(request, said, extra_tags=undo(result) if undo else "")
    return redirect(back)


def start_job(
    request: StaffRequest, begin: Callable[..., Job], /, **arguments: object
) -> HttpResponse:
    """Begin a job for the person who asked, wake a worker for it and show how far it is."""
    job = perform(begin, by=request.actor, now=timezone.now(), **arguments)
    wake_jobs()
    return redirect(f"/jobs/{job.pk}/")


def moment_of(text: str) -> datetime | None:
    """What a field of day and time holds, in the reader's zone; None where it is empty. Raises Invalid."""
    return read_moment(text, timezone.get_current_timezone())


def note_export(request: StaffRequest, **facts: object) -> None:
    """Record that somebody takes data out of the house: which list or sheet, and what of it."""
    perform(record_security_event, kind="exported", actor=request.actor.pk, facts=facts)
