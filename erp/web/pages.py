"""What every page view shares: who may see it, taking a verb, saying how it went."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib import messages
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _

from erp.access.models import Actor
from erp.errors import DomainError
from erp.once import perform


class StaffRequest(HttpRequest):
    """A request of somebody signed in."""

    actor: Actor


def page(right: str) -> Callable[[Callable[..., HttpResponse]], Callable[..., HttpResponse]]:
    """A view for signed-in people who have `right`; others are asked to sign in, or told no."""

    def decorate(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
        @wraps(view)
        def guarded(request: StaffRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            if not request.actor:
                return redirect_to_login(request.get_full_path())
            if right not in request.actor.verbs:
                return refused(request, _("Your role does not include this."), 403)
            try:
                return view(request, *args, **kwargs)
            except DomainError as refusal:
                return refused(request, str(refusal), refusal.status)

        guarded.right = right  # type: ignore[attr-defined]
        return guarded

    return decorate


def refused(request: HttpRequest, why: str, status: int) -> HttpResponse:
    """A page that says no, and why."""
    return render(request, "web/refused.html", {"why": why, "status": status}, status=status)


def take(
    request: StaffRequest, action: Callable[..., Any], done: str, back: str, **arguments: Any
) -> HttpResponse:
    """Perform an action for the person who asked, say how it went, and go back."""
    try:
        perform(action, by=request.actor, now=timezone.now(), **arguments)
    except DomainError as refusal:
        details = " ".join(error.detail for error in refusal.errors)
        messages.error(request, f"{refusal} {details}".strip())
    else:
        messages.success(request, done)
    return redirect(back)
