"""The person behind a page request, loaded when first asked for."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.utils.functional import SimpleLazyObject

from erp.access.queries import actor_of_user


class Person:
    """`request.actor`: the signed-in person's actor, in one statement, or None."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        def load() -> object:
            return actor_of_user(request.user.pk) if request.user.is_authenticated else None

        request.actor = SimpleLazyObject(load)  # type: ignore[attr-defined]
        return self.get_response(request)
