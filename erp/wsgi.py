"""Serves pages, and the API without the middleware that only pages need."""

import os
from collections.abc import Iterable
from importlib import import_module
from typing import TYPE_CHECKING

from django.conf import settings
from django.core.handlers.wsgi import WSGIHandler
from django.core.wsgi import get_wsgi_application

from erp.sandbox.call import warm_up

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "erp.settings")


def _api() -> WSGIHandler:
    """A handler for programs, which have no session, cookie, form or frame.

    Those layers took a tenth of the time of placing an order (`make bench NAME=placing`).
    """
    layers = settings.MIDDLEWARE
    settings.MIDDLEWARE = settings.API_MIDDLEWARE
    try:
        return WSGIHandler()
    finally:
        settings.MIDDLEWARE = layers


_pages = get_wsgi_application()
# Before the workers are forked, which share both: what reads foreign files, and all views. Loaded with the first
# request, views were in each worker by themselves, and the garbage collector went through them.
warm_up()
import_module(settings.ROOT_URLCONF)
_programs = _api()


def application(environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
    """Answer one request."""
    programs = environ["PATH_INFO"].startswith("/api/v1/")
    return (_programs if programs else _pages)(environ, start_response)
