"""Builds the OpenAPI 3.1 description from the structures that read request bodies."""

from collections.abc import Callable, Mapping
from typing import TypedDict, TypeVar

import msgspec
from drf_spectacular.extensions import OpenApiAuthenticationExtension
from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.openapi import AutoSchema
from drf_spectacular.utils import OpenApiParameter, extend_schema

F = TypeVar("F", bound=Callable[..., object])
_bodies: set[type] = set()

PROBLEM = {
    "type": "object",
    "required": ["type", "title", "status", "code", "detail", "errors"],
    "properties": {
        "type": {"type": "string"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "code": {"type": "string"},
        "detail": {"type": "string"},
        "errors": {
            "type": "array",
            "items": {
                "type": "object",
                "properties": {n: {"type": "string"} for n in ("pointer", "code", "detail")},
            },
        },
    },
}
PAGE = {
    "type": "object",
    "required": ["data", "has_more", "next_cursor"],
    "properties": {
        "data": {"type": "array", "items": {"type": "object"}},
        "has_more": {"type": "boolean"},
        "next_cursor": {"type": ["string", "null"]},
    },
}


# Every operation refers to these: written out in each they were nine tenths of the document.
SHARED = {"Problem": PROBLEM, "Page": PAGE}


def _shared(name: str) -> dict[str, object]:
    return {"$ref": f"#/components/schemas/{name}"}


class ApiKeyScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]
    """Says how a call names its key, so that other people's tools can make calls from the description."""

    target_class = "erp.api.authentication.ApiKeyAuthentication"
    name = "ApiKey"

    def get_security_definition(self, auto_schema: AutoSchema) -> dict[str, object]:
        return {"type": "http", "scheme": "bearer"}


class OperationSchema(AutoSchema):
    """Operation ids as SDK users want them, the idempotency header on every POST."""

    def get_tags(self) -> list[str]:
        parts = self.path.split("/")
        return [parts[3] if len(parts) > 3 else "api"]

    def get_operation_id(self) -> str:
        name: str = super().get_operation_id()
        is_list = self.method == "GET" and not self.path.endswith("}")
        return name.removesuffix("_retrieve") + "_list" if is_list else name


def operation(
    summary: str,
    *,
    body: type | None = None,
    status: int = 200,
    answer: Mapping[str, object] | None = None,
    query: Mapping[str, str] | None = None,
    page: bool = False,
    idempotency: bool | None = None,
) -> Callable[[F], F]:
    """Describe one operation.

    body         the msgspec structure its body is read into
    query        query parameters with what they mean
    idempotency  True: the Idempotency-Key header is required; False: optional; None: no header
    """
    parameters = [
        OpenApiParameter(name, str, OpenApiParameter.QUERY, description=text)
        for name, text in (query or {}).items()
    ]
    if page:
        parameters += [
            OpenApiParameter("limit", int, OpenApiParameter.QUERY, description="1 to 100"),
            OpenApiParameter("cursor", str, OpenApiParameter.QUERY, description="next_cursor"),
        ]
    if idempotency is not None:
        parameters.append(
            OpenApiParameter("Idempotency-Key", str, OpenApiParameter.HEADER, required=idempotency)
        )
    request = None
    if body is not None:
        _bodies.add(body)
        request = {"application/json": _shared(body.__name__)}
    shape = dict(answer or (_shared("Page") if page else {"type": "object"}))
    responses: dict[object, object] = {(status, "application/json"): shape}
    failures = (400, 401, 403, 404, 409, 412, 422, 428, 429, 503)
    responses |= {(code, "application/problem+json"): _shared("Problem") for code in failures}
    return extend_schema(
        summary=summary, request=request, responses=responses, parameters=parameters
    )


class Components(TypedDict, total=False):
    """What the parts of an OpenAPI document refer to."""

    schemas: dict[str, object]


class OpenApi(TypedDict, total=False):
    """What of an OpenAPI document is changed here."""

    components: Components


def add_components(result: OpenApi, **_: object) -> OpenApi:
    """Put the bodies' schemas where the operations refer to them."""
    kinds = sorted(_bodies, key=lambda kind: kind.__name__)
    _schemas, components = msgspec.json.schema_components(
        kinds, ref_template="#/components/schemas/{name}"
    )
    result.setdefault("components", {}).setdefault("schemas", {}).update(components | SHARED)
    return result


def description() -> dict[str, object]:
    """Build the description of the whole API; it takes seconds (erp/api/description.py serves it)."""
    return SchemaGenerator().get_schema(request=None, public=True)  # type: ignore[no-untyped-call, no-any-return]
