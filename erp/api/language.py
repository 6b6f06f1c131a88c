"""Answers programs in the language that they accept."""

from collections.abc import Callable
from functools import lru_cache

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils import translation
from django.utils.cache import patch_vary_headers
from django.utils.translation.trans_real import language_code_re, parse_accept_lang_header

ANY = "*"


class AcceptedLanguage:
    """As Django's LocaleMiddleware, for what has neither cookies nor languages in its paths: a fifth of its time."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        language = accepted_language(request.META.get("HTTP_ACCEPT_LANGUAGE", ""))
        translation.activate(language)
        request.LANGUAGE_CODE = language
        response = self.get_response(request)
        patch_vary_headers(response, ("Accept-Language",))
        response.headers.setdefault("Content-Language", language)
        return response


@lru_cache(maxsize=256)
def accepted_language(header: str) -> str:
    """The first language of ours that an Accept-Language header (RFC 9110, 12.5.4) names; else the house's."""
    for name, _priority in parse_accept_lang_header(header):
        if name == ANY:
            break
        if not language_code_re.search(name):
            continue
        try:
            return translation.get_supported_language_variant(name)
        except LookupError:
            continue
    return translation.get_supported_language_variant(settings.LANGUAGE_CODE)
