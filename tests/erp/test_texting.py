"""Text messages: to whom has no e-mail address, where a provider is set up; sent again when it is down."""

import base64
import json
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer
from urllib.parse import parse_qs

import pytest
from django.utils import timezone

from erp.messages.models import Message
from erp.messages.sending import send_due_messages
from tests.conftest import order_body
from tests.relay import run_relay

pytestmark = pytest.mark.django_db(transaction=True)


class Twilio(BaseHTTPRequestHandler):
    asked: list = []
    status = 201

    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"])).decode()
        fields = {name: values[0] for name, values in parse_qs(body).items()}
        Twilio.asked.append((self.path, self.headers["Authorization"], fields))
        data = json.dumps({"sid": "SM1", "message": "no"}).encode()
        self.send_response(Twilio.status)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, *_):
        pass


@pytest.fixture
def twilio(settings):
    server = HTTPServer(("127.0.0.1", 0), Twilio)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    Twilio.asked, Twilio.status = [], 201
    settings.WEBHOOK_PRIVATE_HOSTS = ["127.0.0.1"]
    settings.SMS_URL = f"http://127.0.0.1:{server.server_port}"
    settings.SMS_ACCOUNT, settings.SMS_SECRET, settings.SMS_FROM = "AC1", "secret", "+15550100"
    yield
    server.shutdown()
    server.server_close()


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
