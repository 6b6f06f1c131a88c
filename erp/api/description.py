"""Serves the API's OpenAPI description from the file that `make openapi` writes."""

import hashlib
from functools import lru_cache
from pathlib import Path

from django.http import HttpRequest, HttpResponse
from django.utils.cache import patch_cache_control
from django.views.decorators.http import condition, require_safe

FILE = Path(__file__).with_name("openapi.json")
FRESH_S = 300


@lru_cache(maxsize=1)
def _written() -> tuple[bytes, str]:
    """The description and its ETag. It is part of the code, so it changes with a release alone."""
    body = FILE.read_bytes()
    return body, f'"{hashlib.sha256(body).hexdigest()[:32]}"'


@require_safe
@condition(etag_func=lambda _request: _written()[1])
def describe(request: HttpRequest) -> HttpResponse:
    """Respond with the description; building it took seconds of a call, and failed where two threads began at once."""
    response = HttpResponse(_written()[0], content_type="application/json")
    patch_cache_control(response, public=True, max_age=FRESH_S)
    return response
