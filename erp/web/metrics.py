"""Answers Prometheus: to this machine, and to whoever brings the token of the settings."""

import hmac
import shutil
from collections.abc import Iterator
from ipaddress import ip_address

from django.conf import settings
from django.db import DatabaseError, InterfaceError
from django.http import HttpRequest, HttpResponse

from erp.metrics.expose import CONTENT_TYPE, exposition
from erp.metrics.readings import Measured
from erp.web.health import degraded

# What a proxy adds: whoever comes by one is not this machine, although the proxy is.
FORWARDED = ("HTTP_X_FORWARDED_FOR", "HTTP_FORWARDED", "HTTP_X_REAL_IP", "HTTP_VIA")


def metrics(request: HttpRequest) -> HttpResponse:
    """Respond with all series; 404 to strangers, or 401 where a token would let them in."""
    if not _may_read(request):
        if not settings.METRICS_TOKEN:
            return HttpResponse(status=404)
        return HttpResponse(status=401, headers={"WWW-Authenticate": 'Bearer realm="metrics"'})
    if request.method not in {"GET", "HEAD"}:
        return HttpResponse(status=405, headers={"Allow": "GET, HEAD"})
    answer = HttpResponse(exposition(_known_here()), content_type=CONTENT_TYPE)
    answer["Cache-Control"] = "no-store"
    return answer


def _may_read(request: HttpRequest) -> bool:
    scheme, _space, token = request.META.get("HTTP_AUTHORIZATION", "").partition(" ")
    known = settings.METRICS_TOKEN
    if known and scheme.lower() == "bearer":
        return hmac.compare_digest(token.strip().encode(), known.encode())
    if any(name in request.META for name in FORWARDED):
        return False
    try:
        return ip_address(request.META.get("REMOTE_ADDR", "")).is_loopback
    except ValueError:
        return False


def _known_here() -> Iterator[Measured]:
    yield Measured("build", (str(settings.SPECTACULAR_SETTINGS["VERSION"]),), 1)
    yield Measured("backup_configured", (), int(bool(settings.BACKUP_DIR)))
    folder = settings.ERP_DATA_DIR if settings.ERP_DATA_DIR.exists() else settings.BASE_DIR
    yield Measured("disk_free_bytes", (), shutil.disk_usage(folder).free)
    try:
        for what, is_so in degraded().items():
            yield Measured("degraded", (what,), int(is_so))
    except (DatabaseError, InterfaceError):
        pass  # `up` says so
