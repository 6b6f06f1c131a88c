"""Text messages: to whom has no e-mail address, where a provider is set up; sent again when it is down."""

import base64

import pytest
from django.utils import timezone

from erp.messages.models import Message
from erp.messages.send import send_due_messages
from tests.conftest import order_body
from tests.relay import run_relay
from tests.servers import Server, serving

pytestmark = pytest.mark.django_db(transaction=True)


class Twilio(Server):
    asked: list = []
    status = 201

    def reply(self):
        Twilio.asked.append((self.path, self.headers["Authorization"], self.form()))
        self.say(Twilio.status, {"sid": "SM1", "message": "no"})


@pytest.fixture
def twilio(settings):
    Twilio.asked, Twilio.status = [], 201
    settings.WEBHOOK_PRIVATE_HOSTS = ["127.0.0.1"]
    settings.SMS_ACCOUNT, settings.SMS_SECRET, settings.SMS_FROM = "AC1", "secret", "+15550100"
    with serving(Twilio) as settings.SMS_URL:
        yield


def by_phone(api):
    body = order_body(customer={"name": "李娜", "email": "", "phone": "13812345678"})
    return api.post("orders", body).json()["number"]


def test_who_has_no_email_address_gets_a_text(api, twilio, sign_in):
    number = by_phone(api)
    run_relay()
    message = Message.objects.get()
    assert (message.medium, message.recipient, message.attachment) == (
        "sms",
        "+8613812345678",
        "",
    )
    assert number in message.text
    assert "/track/?t=" in message.text
    assert send_due_messages(now=timezone.now()) == 1
    (path, authorization, fields) = Twilio.asked[0]
    assert path == "/2010-04-01/Accounts/AC1/Messages.json"
    assert base64.b64decode(authorization.removeprefix("Basic ")) == b"AC1:secret"
    assert fields == {"To": "+8613812345678", "From": "+15550100", "Body": message.text}
    assert "+8613812345678" in sign_in().get(f"/orders/{number}/").content.decode()


def test_it_is_tried_again(api, twilio):
    by_phone(api)
    run_relay()
    Twilio.status = 503
    assert send_due_messages(now=timezone.now()) == 0
    message = Message.objects.get()
    assert (message.status, "503" in message.error) == ("waiting", True)
    Twilio.status = 201
    assert send_due_messages(now=message.due_at) == 1


def test_without_a_provider_nobody_is_texted_and_mail_comes_first(api, settings, twilio):
    api.post("orders", order_body())
    run_relay()
    assert Message.objects.get().medium == "email"
    settings.SMS_ACCOUNT = ""
    by_phone(api)
    run_relay()
    assert Message.objects.count() == 1
