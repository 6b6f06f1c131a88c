"""Gives endpoints strict bodies, rights, idempotency, ETags and cursor pages."""

import hashlib
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, ClassVar, TypeVar

import msgspec
from django.db.models import Model, QuerySet
from django.http import HttpResponse, HttpResponseNotModified
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _
from rest_framework.renderers import BaseRenderer
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from erp.access.models import Actor
from erp.access.queries import require
from erp.api.rates import Allowance, count_call
from erp.bounds import check_bounds, check_moment
from erp.errors import (
    DomainError,
    FieldError,
    Invalid,
    KeyMissing,
    Malformed,
    PreconditionFailed,
    PreconditionRequired,
    RateLimited,
    TooLarge,
)
from erp.keyset import decode_cursor, encode_cursor, first_full_page
from erp.once import Answer, OnceKey, perform_answered, perform_once, told, wants_attempt

T = TypeVar("T")
R = TypeVar("R", bound=Model)
JSON = "application/json"
MOST_BYTES = 5 * 1024 * 1024
MOST_ROWS = 100
FIELD_NAMED = re.compile(r"(?:required|unknown) field `([^`]+)`")


class Endpoint(APIView):
    """One resource or verb. Subclasses define get, post, … and the right each needs.

    rights   right by HTTP method: {"get": "orders.view"}; the action checks its own as well
    """

    rights: ClassVar[Mapping[str, str]] = {}
    allowance: Allowance | None = None

    def initial(self, request: Request, *args: object, **kwargs: object) -> None:
        super().initial(request, *args, **kwargs)
        self.allowance = count_call(self.actor)
        if self.allowance and self.allowance.remaining < 0:
            raise RateLimited(
                _("Rate limit exceeded: too many calls this minute."),
                retry_after_s=self.allowance.reset_s,
            )
        right = self.rights.get((request.method or "").lower())
        if right:
            require(self.actor, right)

    def finalize_response(
        self, request: Request, response: Response, *args: object, **kwargs: object
    ) -> Response:
        for name, value in (self.allowance.headers() if self.allowance else {}).items():
            response[name] = value
        return super().finalize_response(request, response, *args, **kwargs)

    def perform_content_negotiation(
        self, request: Request, force: bool = False
    ) -> tuple[BaseRenderer, str]:
        """Every answer is JSON; asking for it in other words is no reason to refuse."""
        return self.renderer_classes[0](), JSON

    @property
    def actor(self) -> Actor:
        """Who calls: the actor of the API key."""
        return self.request.user  # type: ignore[return-value]


_decoders: dict[type, msgspec.json.Decoder[Any]] = {}


def body_of(request: Request, kind: type[T]) -> T:
    """Decode the request's body as `kind`; raises Malformed naming the field that is wrong."""
    return decoded(raw_body(request), kind)


def raw_body(request: Request) -> bytes:
    """Return the body's bytes, checked for size, type and forbidden characters."""
    content_type = request.META.get("CONTENT_TYPE", "").partition(";")[0].strip().lower()
    if content_type and content_type != JSON and not content_type.endswith("+json"):
        from rest_framework.exceptions import UnsupportedMediaType

        raise UnsupportedMediaType(content_type)
    raw = request._request.body
    if len(raw) > MOST_BYTES:
        raise TooLarge(_("The body is larger than 5 MB."))
    if b"\\u0000" in raw or b"\x00" in raw:
        raise Malformed(_("Text may not hold the character U+0000."))
    return raw


def decoded(raw: bytes, kind: type[T]) -> T:
    """Decode bytes as `kind`, unknown fields refused; raises Malformed, or Invalid for a moment that cannot be."""
    decoder = _decoders.get(kind)
    if decoder is None:
        decoder = _decoders[kind] = msgspec.json.Decoder(kind)
    try:
        found: T = decoder.decode(raw or b"{}")
    except msgspec.ValidationError as error:
        raise _misshapen(str(error)) from error
    except UnicodeDecodeError as error:
        raise Malformed(_("The body is not UTF-8.")) from error
    except RecursionError as error:
        raise Malformed(_("The body is nested too deeply.")) from error
    except msgspec.DecodeError as error:
        raise Malformed(_("The body is not JSON: %(why)s") % {"why": error}) from error
    check_bounds(found)
    return found


def _misshapen(told: str) -> DomainError:
    """The refusal of a body that its decoder cannot read, naming the field."""
    text, _sep, path = told.partition(" - at `")
    pointer, code = _pointer(path.rstrip("`")), _code(text)
    if named := FIELD_NAMED.search(text):  # the decoder points at what holds the field
        pointer = f"{pointer}/{named[1]}"
    errors = [FieldError(pointer, code, text)]
    if code in {"too-long", "out-of-range"}:
        return Invalid(errors=errors)
    return Malformed(_("The body does not have the expected shape."), errors=errors)


def _pointer(path: str) -> str:
    """`$.lines[0].sku` as the JSON pointer `/lines/0/sku`."""
    steps = re.split(r"[.\[]", path.removeprefix("$").replace("]", ""))
    return "".join(f"/{step}" for step in steps if step and step != "...")


def _code(text: str) -> str:
    if "unknown field" in text:
        return "unknown-field"
    if "of length" in text:
        return "too-long" if "<=" in text else "too-short"
    if "<=" in text or ">=" in text:
        return "out-of-range"
    return "required" if "missing required" in text else "wrong-type"


def answer_json(document: object, status: int = 200) -> HttpResponse:
    """Respond with a document."""
    return HttpResponse(msgspec.json.encode(document), status=status, content_type=JSON)


def answer_of(given: Answer, headers: Mapping[str, str] | None = None) -> HttpResponse:
    """Respond with the answer of `perform_once`: new or replayed."""
    response = HttpResponse(given.body, status=given.status, content_type=JSON, headers=headers)
    if given.replayed:
        response["Idempotent-Replayed"] = "true"
    return response


def once_key(request: Request, *, content_hash: str, required: bool) -> OnceKey | None:
    """Return the request's idempotency key, bound to method, path and content.

    Raises KeyMissing when there is none and the endpoint requires one.
    """
    key = request.META.get("HTTP_IDEMPOTENCY_KEY", "")
    if not key:
        if required:
            raise KeyMissing(_("This request needs an Idempotency-Key header."))
        return None
    if len(key) > 255:
        raise Malformed(_("An Idempotency-Key has at most 255 characters."))
    text = f"{request.method} {request.path} {content_hash}"
    return OnceKey(f"api:{request.user.pk}", key, hashlib.sha256(text.encode()).hexdigest())


def answer_once(
    request: Request,
    raw: bytes,
    action: Callable[..., T],
    show: Callable[[T], object],
    look_up: Callable[[], Mapping[str, object]] = dict,
    *,
    http_status: int = 200,
    required: bool = False,
    **arguments: object,
) -> HttpResponse:
    """Run an action and answer with its document; with an Idempotency-Key at most once.

    raw         the body, which a repeated key must bring again
    show        makes of what the action returned a document to encode, or bytes
    look_up     more arguments of the action, of what path and body name: looked up only once the key is claimed,
                so that a call that is repeated gets its answer, though what it named is gone or has changed since
    required    whether the call must bring a key; raises KeyMissing
    """

    def answer(done: T) -> Answer:
        shown = show(done)
        return Answer(
            http_status, shown if isinstance(shown, bytes) else msgspec.json.encode(shown)
        )

    return answer_of(once(request, raw, action, answer, look_up, required=required, **arguments))


def once(
    request: Request,
    raw: bytes,
    action: Callable[..., T],
    answer: Callable[[T], Answer],
    look_up: Callable[[], Mapping[str, object]] = dict,
    *,
    required: bool = False,
    **arguments: object,
) -> Answer:
    """Run an action, with an Idempotency-Key at most once, and return the answer made of what it returned."""
    key = once_key(request, content_hash=hash_of(raw), required=required)
    return once_claimed(key, action, answer, look_up, **arguments)


def once_claimed(
    key: OnceKey | None,
    action: Callable[..., T],
    answer: Callable[[T], Answer],
    look_up: Callable[[], Mapping[str, object]],
    **arguments: object,
) -> Answer:
    """Run an action under a key, where there is one, that is claimed before anything is looked up."""

    @wants_attempt
    def performed(*, attempt: int) -> T:
        return action(**told(action, {**arguments, **look_up()}, attempt))

    if key is None:
        return perform_answered(performed, answer=answer)
    return perform_once(performed, once=key, answer=answer)


def hash_of(raw: bytes) -> str:
    """Hash a body with SHA-256, for the idempotency key."""
    return hashlib.sha256(raw).hexdigest()


def check_if_match(request: Request, version: int, *, required: bool = False) -> None:
    """Compare If-Match with the version of what is about to change.

    Raises PreconditionRequired (428) or PreconditionFailed (412).
    """
    header = request.META.get("HTTP_IF_MATCH", "").strip()
    if not header:
        if required:
            raise PreconditionRequired(_("This request needs an If-Match header."))
        return
    stated = {tag.strip().strip('"').partition(".")[0] for tag in header.split(",")}
    if header != "*" and str(version) not in stated:
        raise PreconditionFailed(
            _("The resource is now at version %(version)s; read it again.") % {"version": version}
        )


def tagged(request: Request, body: bytes, tag: str) -> HttpResponse:
    """Respond with an ETag; 304 without a body when the caller has it already."""
    if tag in request.META.get("HTTP_IF_NONE_MATCH", ""):
        return HttpResponseNotModified(headers={"ETag": tag})
    return HttpResponse(body, content_type=JSON, headers={"ETag": tag})


# Lists


def page_of(
    request: Request,
    rows: QuerySet[R],
    *,
    order: Sequence[str],
    known: Iterable[str],
    show: Callable[[list[R]], Sequence[object]],
    find: Callable[..., Iterable[QuerySet[R]]] | None = None,
) -> HttpResponse:
    """Return one page of a list: keyset, no count, never more than 100 rows.

    find    narrows the rows by what is costly to look for, given (rows, query, before, page): querysets
            to try in turn until one fills the page
    order   field names, "-" for descending, the last one unique
    known   the query parameters that this list understands; others are refused
    """
    check_parameters(request, {*known, "limit", "cursor"})
    limit = whole_number(request, "limit", 50, 1, MOST_ROWS)
    cursor = request.query_params.get("cursor", "")
    before = decode_cursor(cursor, order, rows) if cursor else []
    ways = find(rows, request.query_params, before=before, page=limit + 1) if find else [rows]
    found = first_full_page(ways, order, before, limit)
    has_more = len(found) > limit
    found = found[:limit]
    last = found[-1] if has_more else None
    return answer_json(
        {
            "data": show(found),
            "has_more": has_more,
            "next_cursor": encode_cursor(order, last) if last is not None else None,
        }
    )


def check_parameters(request: Request, known: set[str]) -> None:
    """Refuse query parameters that would otherwise be silently ignored."""
    unknown = [name for name in request.query_params if name not in known]
    if unknown:
        raise Malformed(
            _("Unknown query parameters: %(names)s.") % {"names": ", ".join(sorted(unknown))},
            errors=[FieldError(f"?{name}", "unknown-parameter", name) for name in unknown],
        )


def whole_number(request: Request, name: str, default: int, least: int, most: int) -> int:
    """Parse a query parameter as a number within bounds; raises Malformed."""
    text = request.query_params.get(name, "")
    if not text:
        return default
    readable = text.isascii() and text.isdecimal() and len(text) < 10
    if not readable or not least <= int(text) <= most:
        raise Malformed(
            _("%(name)s is a number from %(least)s to %(most)s.")
            % {"name": name, "least": least, "most": most}
        )
    return int(text)


def moment(request: Request, name: str) -> datetime | None:
    """Parse a query parameter as a point in time with its zone; raises Malformed."""
    text = request.query_params.get(name, "")
    if not text:
        return None
    try:
        value = parse_datetime(text.replace(" ", "+"))
    except ValueError:
        value = None
    if value is None or value.tzinfo is None:
        raise Malformed(_("%(name)s is a time such as 2026-03-01T00:00:00Z.") % {"name": name})
    check_moment(value, f"?{name}")
    return value


def choices(request: Request, name: str, allowed: Iterable[str]) -> list[str]:
    """Parse a query parameter with one or several (comma-separated) of a fixed set."""
    text = request.query_params.get(name, "")
    values = [value for value in text.split(",") if value]
    wrong = [value for value in values if value not in set(allowed)]
    if wrong:
        raise Invalid(_("%(name)s cannot be %(value)s.") % {"name": name, "value": wrong[0]})
    return values
