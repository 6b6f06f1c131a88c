"""What every page's frame needs."""

from django.http import HttpRequest


def frame(request: HttpRequest) -> dict[str, object]:
    """The person, their theme and the CSP nonce under the name that django-htmx reads."""
    return {"csp_nonce": str(getattr(request, "csp_nonce", ""))}
