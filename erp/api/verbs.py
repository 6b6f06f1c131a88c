"""Endpoints of verbs: each is made of its declaration, and posts to the noun's path with the verb's."""

from collections.abc import Callable, Mapping
from typing import Any, ClassVar

from django.http import HttpResponse
from django.urls import URLPattern, path
from django.utils import timezone
from rest_framework.request import Request

from erp.api.endpoint import Endpoint, answer_once, check_if_match, decoded, raw_body
from erp.api.schema import operation
from erp.verbs import Noun, Verb, noun_named, verbs_of


class VerbEndpoint(Endpoint):
    """A verb over the API: idempotent, If-Match where its noun has versions, answers the document."""

    noun: ClassVar[Noun[Any]]
    verb: ClassVar[Verb[Any, Any]]

    def perform_verb(self, request: Request, *names: str) -> HttpResponse:
        """Find what the verb is done to, do it once, and answer."""
        noun, verb, actor = self.noun, self.verb, self.actor
        raw = raw_body(request)
        body = decoded(raw, verb.body)
        found: list[int] = []

        def look_up() -> Mapping[str, object]:
            row = noun.find(actor, *names)
            found[:] = [row.pk]  # once more where a rival was quicker
            _check_version(request, verb, noun, row.pk)
            return {verb.on(noun): row.pk, **verb.arguments(row, body, actor)}

        def shown(result: object) -> object:
            (pk,) = found
            return verb.shows(result, pk, actor) if verb.shows else noun.show(pk, actor)

        return answer_once(
            request,
            raw,
            verb.action,
            shown,
            look_up,
            http_status=verb.status,
            required=verb.is_key_required,
            now=timezone.now(),
            by=actor,
        )


def _check_version(request: Request, verb: Verb[Any, Any], noun: Noun[Any], pk: int) -> None:
    """Lock what is about to change and compare its version with If-Match, where the request has one.

    Raises PreconditionRequired for a verb that nobody may do without having read what it changes.
    """
    if noun.lock is not None and (verb.is_version_required or request.META.get("HTTP_IF_MATCH")):
        check_if_match(request, noun.lock(pk).version, required=verb.is_version_required)


def post_of(verb: Verb[Any, Any]) -> Callable[..., HttpResponse]:
    """The method that takes a verb, described from its declaration."""

    @operation(verb.summary, body=verb.body, status=verb.status, idempotency=verb.is_key_required)
    def post(self: VerbEndpoint, request: Request, **names: str) -> HttpResponse:
        return self.perform_verb(request, *names.values())

    return post


def endpoint_of(noun: Noun[Any], verb: Verb[Any, Any]) -> type[VerbEndpoint]:
    """The endpoint of a verb that nothing else is done at."""
    name = "".join(part.title() for part in (*verb.name.split("_"), noun.name))
    rights = {"post": verb.right}
    members = {"noun": noun, "verb": verb, "rights": rights, "post": post_of(verb)}
    return type(name, (VerbEndpoint,), {**members, "__module__": __name__})


def verb_paths(noun_name: str, own: Mapping[str, type[Endpoint]] | None = None) -> list[URLPattern]:
    """The routes of a noun's verbs.

    own   endpoints that are read as well, by the verb's name
    """
    noun, own = noun_named(noun_name), own or {}
    return [
        path(
            f"{noun.path}/{verb.address}",
            (own.get(verb.name) or endpoint_of(noun, verb)).as_view(),
        )
        for verb in verbs_of(noun_name)
    ]
