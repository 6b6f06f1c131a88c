"""Every kind of credential, every way to change it: a security event, and a mail to whose it is or to every owner."""

from collections.abc import Callable
from typing import Any, NamedTuple

import pytest
from allauth.account.adapter import get_adapter
from django.contrib.admin import site
from django.test import RequestFactory
from django.utils import timezone

from erp.access import actions
from erp.access.adapter import RECORDED, TOLD
from erp.access.models import AccountMail, ApiKey, User
from erp.events import webhooks
from erp.security.models import SecurityEvent
from erp.security.sign_in import SAID
from inventory.channels.actions import save_feed
from orders.intake.mail.actions.mailboxes import connect_mailbox
from orders.intake.shops.actions.control_totals import connect_shop
from orders.models import PaymentProvider, RiskProvider

pytestmark = pytest.mark.django_db


class Change(NamedTuple):
    """A way to change a credential, what is recorded of it, and which mail goes out."""

    credential: str
    way: str
    do: Callable[[Any], Any]
    event: str
    mail: str


class House:
    """What there is to change."""

    def __init__(self, shop: Any, owner: Any) -> None:
        self.shop, self.owner = shop, owner
        self.given = {"by": shop.system, "now": timezone.now()}
        self.endpoint = webhooks.create_endpoint(
            url="https://93.184.216.34/hook", topics=[], channel=shop.web, **self.given
        )
        self.person = actions.add_person(
            username="ben", name="Ben", email="ben@merchant.example", role="buyer", password=None,
            by=shop.system,
        )  # fmt: skip
        actions.create_api_key(channel_id=shop.web.pk, name="till", **self.given)
        self.key = ApiKey.objects.latest("pk").pk
        self.payments = PaymentProvider.objects.create(channel=shop.web, kind="stripe", secret="s")
        self.risk = RiskProvider.objects.create(channel=shop.web, secret="s")
        shop.desk.kind = "shopify"
        shop.desk.save()

    def in_admin(self, row: Any, way: str) -> None:
        request = RequestFactory().post("/admin/")
        request.actor, request.user = self.owner, self.owner.user
        admin = site.get_model_admin(type(row))
        if way == "save":
            admin.save_model(request, row, None, True)
        elif way == "delete":
            admin.delete_model(request, row)
        else:
            admin.delete_queryset(request, type(row).objects.all())


SECRET = ("secret_changed", "secret_changed")
CHANGES = [
    Change("API key", "made", lambda h: actions.create_api_key(
        channel_id=h.shop.web.pk, name="x", **h.given), "key_made", "key_made"),
    Change("API key", "revoked", lambda h: actions.revoke_api_key(key_id=h.key, **h.given),
        "key_revoked", "key_revoked"),
    Change("person", "added", lambda h: actions.add_person(
        username="eve", name="Eve", email="", role="owner", password=None, by=h.shop.system),
        "person_added", "person_added"),
    Change("person", "role changed", lambda h: actions.change_person(
        actor_id=h.person.pk, role="finance", is_active=True, **h.given),
        "role_changed", "account_changed"),
    Change("person", "switched off", lambda h: actions.change_person(
        actor_id=h.person.pk, role="buyer", is_active=False, **h.given),
        "person_disabled", "account_changed"),
    Change("sign-in rules", "changed", lambda h: actions.change_sign_in_policy(
        second_factor_roles=["owner"], allowed_networks=[], **h.given),
        "sign_in_policy_changed", "sign_in_policy_changed"),
    Change("channel's webhook secret", "set or rotated", lambda h: actions.set_webhook_secret(
        channel_id=h.shop.web.pk, secret="new", **h.given), *SECRET),
    Change("webhook endpoint's secret", "made", lambda h: webhooks.create_endpoint(
        url="https://93.184.216.34/2", topics=[], channel=h.shop.web, **h.given), *SECRET),
    Change("webhook endpoint's secret", "rotated", lambda h: webhooks.rotate_secret(
        endpoint_id=h.endpoint.pk, **h.given), *SECRET),
    Change("stock feed's secret", "made, or sent elsewhere", lambda h: save_feed(
        channel_id=h.shop.web.pk, url="https://93.184.216.34/stock", **h.given), *SECRET),
    Change("shop's token", "set", lambda h: connect_shop(
        channel_id=h.shop.desk.pk, url="https://tea.example", key="", secret="s",
        since=timezone.now(), **h.given), *SECRET),
    Change("mailbox's password", "set", lambda h: connect_mailbox(
        channel_id=h.shop.desk.pk, host="mail.example", port=993, user="u", password="p",
        folder="", since=timezone.now().date(), **h.given), *SECRET),
    *(
        Change(f"{name} provider's secret", f"{way} in the admin",
            lambda h, name=name, way=way: h.in_admin(getattr(h, name), way), *SECRET)
        for name in ("payments", "risk") for way in ("save", "delete", "delete many")
    ),
]  # fmt: skip


@pytest.fixture
def house(shop, sign_in) -> House:
    owner = sign_in("owner", "olga").actor
    User.objects.filter(actor=owner).update(email="olga@merchant.example")
    made = House(shop, owner)
    AccountMail.objects.all().delete()
    made.before = SecurityEvent.objects.latest("pk").pk
    return made


@pytest.mark.parametrize("change", CHANGES, ids=lambda c: f"{c.credential}: {c.way}")
def test_it_is_recorded_and_mailed(house, change):
    change.do(house)
    assert SecurityEvent.objects.filter(kind=change.event, pk__gt=house.before).exists()
    to = "ben@merchant.example" if change.mail == "account_changed" else "olga@merchant.example"
    mail = AccountMail.objects.get(kind=change.mail, recipient=to)
    assert "secret=" not in mail.detail


@pytest.mark.parametrize("prefix", TOLD)
def test_what_people_change_of_how_they_sign_in_is_recorded_and_mailed(house, rf, prefix):
    """allauth tells of each by a mail of its own; of most a signal is recorded, of the others the mail is."""
    kind = TOLD[prefix]
    adapter = get_adapter()
    adapter.request = rf.get("/")
    adapter.request.META["HTTP_USER_AGENT"] = "x"
    adapter.send_notification_mail(prefix, house.person.user, {"provider": "Merchant ID"})
    assert AccountMail.objects.get().kind == kind
    if kind in RECORDED:
        event = SecurityEvent.objects.get(pk__gt=house.before)
        assert (event.kind, event.actor_id) == (kind, house.person.pk)
    else:
        assert kind in {*SAID.values(), "password_changed"}


def test_every_account_mail_has_its_words(house):
    """A kind without a template would fail when it is sent."""
    from erp.access.account_mails import queue_account_mail, worded

    for kind in AccountMail.Kind.values:
        queue_account_mail(user=house.person.user, kind=kind, detail="what it was")
        sent = worded(AccountMail.objects.get(kind=kind))
        assert sent.subject
