"""Routes every page at the root and the API below /api/v1/."""

from django.contrib import admin
from django.urls import include, path, re_path
from drf_spectacular.views import SpectacularSwaggerSplitView

from erp.api import problems
from erp.api.description import describe
from erp.web import health, single_sign_on_views
from erp.web.problem_views import is_not_here

handler404 = "erp.web.problem_views.page_missing"
handler500 = "erp.web.problem_views.server_error"

urlpatterns = [
    path("livez", health.livez),
    path("readyz", health.readyz),
    # Orders first: Django tries one path after another, and fifty before it took 5 % of placing one.
    path("api/v1/", include("orders.api_urls")),
    path("api/v1/", include("inventory.api_urls")),
    path("api/v1/", include("fulfillment.api_urls")),
    path("api/v1/", include("returns.api_urls")),
    path("api/v1/", include("analytics.api_urls")),
    path("api/v1/", include("erp.api.urls")),
    path("api/schema/", describe, name="schema"),
    path(
        "api/docs/",
        # OPTIONS of it had no template, and failed.
        SpectacularSwaggerSplitView.as_view(
            url_name="schema", authentication_classes=[], http_method_names=["get", "head"]
        ),
    ),
    re_path(r"^api/", problems.not_found),  # a path with a line break in it too
    # Whoever finds a session open must not move its account to an address of their own: owners change addresses.
    path("accounts/email/", is_not_here),
    path("accounts/confirm-email/", is_not_here),
    path("accounts/confirm-email/<str:key>/", is_not_here),
    path(
        "accounts/reauthenticate/elsewhere/",
        single_sign_on_views.reauthenticate,
        name="reauthenticate_elsewhere",
    ),
    path(
        "accounts/oidc/<str:provider_id>/login/",
        single_sign_on_views.sign_in,
        name="openid_connect_login",
    ),
    path("accounts/", include("allauth.urls")),
    path("admin/", admin.site.urls),
    path("", include("erp.web.urls")),
    path("", include("inventory.urls")),
    path("", include("orders.urls")),
    path("", include("fulfillment.urls")),
    path("", include("returns.urls")),
    path("", include("analytics.urls")),
]
