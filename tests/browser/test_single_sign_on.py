"""The way to an identity provider and back, in a browser that holds forms to the content security policy."""

import pytest

from tests.browser.visitor import Visitor
from tests.identity_provider import Provider, standing

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.browser]


@pytest.fixture
def provider(settings):
    with standing(settings):
        yield Provider


def test_the_button_leads_to_the_provider_and_back(chromium, live_server, shop, owner, provider):
    """Chromium stopped the redirect that answered the form, since the policy names no other address."""
    provider.person = {"sub": "77", "email": "o@example.com", "email_verified": True}
    visitor = Visitor(chromium, live_server.url, "en")
    page = visitor.page
    page.goto(f"{visitor.base}/accounts/login/")
    page.click("text=Sign in by Merchant ID")
    page.wait_for_url(f"{visitor.base}/")

    owner.user.set_unusable_password()
    owner.user.save(update_fields=["password"])
    provider.claims = {"auth_time": 1}  # a cookie of a long time ago
    visitor.context.clear_cookies()
    page.goto(f"{visitor.base}/accounts/login/")
    page.click("text=Sign in by Merchant ID")
    page.wait_for_url(f"{visitor.base}/")
    page.goto(f"{visitor.base}/settings/keys/")
    page.click("text=Sign in again by Merchant ID")
    page.wait_for_selector("text=did not ask you")
    provider.claims = {}
    page.click("text=Sign in again by Merchant ID")
    page.wait_for_url("**/settings/keys/")
    assert not [said for said in visitor.complaints if "Security Policy" in said]
