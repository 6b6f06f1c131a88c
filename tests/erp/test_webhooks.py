"""Outgoing webhooks: signed, tried again, paused, replayed, and never sent into our own network."""

import base64
import contextlib
import hashlib
import hmac
import json
import socket
import ssl
import subprocess
import threading
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import standardwebhooks
from django.utils import timezone

from erp.backups.actions import pause_effects
from erp.events import webhook_client, webhooks
from erp.events.models import Event, WebhookDelivery, WebhookEndpoint
from erp.events.tasks import send_webhooks
from erp.events.topics import TOPICS
from erp.ids import primary_key
from erp.once import perform
from tests.conftest import order_body, settle
from tests.servers import Server, serving

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def receiver():
    class Handler(Server):
        got: list = []
        answer = 200
        wish = ""

        def reply(self):
            Handler.got.append((dict(self.headers), self.body()))
            self.send_response(Handler.answer)
            self.send_header("Location", "http://127.0.0.1:1/")
            if Handler.wish:
                self.send_header("Retry-After", Handler.wish)
            self.end_headers()

    with serving(Handler, "/hook"):
        yield Handler


@pytest.fixture
def endpoint(api, receiver, settings):
    settings.WEBHOOK_PRIVATE_HOSTS = ["127.0.0.1"]
    answer = api.post("webhook-endpoints", {"url": receiver.url, "types": ["order.confirmed"]})
    assert answer.status_code == 201, answer.content
    return answer.json()


def run(now=None):
    settle()
    perform(webhooks.fan_out, now=now or timezone.now())
    return webhooks.send_due(now=now or timezone.now())


def test_an_event_arrives_once_and_its_signature_is_right(api, endpoint, receiver):
    number = api.post("orders", order_body()).json()["number"]

    run()
    run()

    ((headers, body),) = receiver.got
    assert json.loads(body)["type"] == "order.confirmed"
    assert json.loads(body)["data"]["order"]["number"] == number
    headers = {name.lower(): value for name, value in headers.items()}
    key = base64.b64decode(endpoint["secret"].removeprefix("whsec_"))
    text = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode() + body
    expected = base64.b64encode(hmac.new(key, text, hashlib.sha256).digest()).decode()
    assert headers["webhook-signature"] == f"v1,{expected}"
    verifier = standardwebhooks.Webhook(endpoint["secret"])  # the standard's own, unmodified
    assert verifier.verify(body, headers)["type"] == "order.confirmed"
    with pytest.raises(standardwebhooks.WebhookVerificationError):
        verifier.verify(body + b" ", headers)
    assert "secret" not in api.get(f"webhook-endpoints/{endpoint['id']}").json()


@pytest.mark.parametrize("answer", [500, 302, 404])
def test_a_failure_is_tried_again_later_and_counted(api, endpoint, receiver, answer):
    api.post("orders", order_body())
    receiver.answer = answer
    now = timezone.now()
    assert run(now) == 1
    assert run(now) == 0  # not before ten seconds or so have gone by

    receiver.answer = 200
    assert run(now + timedelta(seconds=15)) == 1

    row = api.get(f"webhook-endpoints/{endpoint['id']}/deliveries").json()["data"][0]
    assert (row["status"], row["attempts"], row["answered"]) == ("sent", 2, 200)


def test_an_endpoint_that_fails_for_days_is_paused_and_misses_nothing(api, endpoint, receiver):
    api.post("orders", order_body())
    receiver.answer = 500
    now = timezone.now()
    tries = 0
    while WebhookEndpoint.objects.get().status == "active":
        tries += run(now)
        now += timedelta(hours=2) if tries > 5 else timedelta(minutes=40)
    assert tries == 11
    assert timedelta(days=2.5) < now - timezone.now() < timedelta(days=5)
    assert WebhookDelivery.objects.get().status == "failed"

    api.post("orders", order_body())
    assert run() == 0
    receiver.answer = 200
    assert api.post(f"webhook-endpoints/{endpoint['id']}/resume", {}).json()["status"] == "active"
    assert run() == 1  # what happened meanwhile
    event = api.get(f"webhook-endpoints/{endpoint['id']}/deliveries").json()["data"][1]["event"]
    replayed = api.post(f"webhook-endpoints/{endpoint['id']}/replay", {"event": event})
    assert replayed.json() == {"replayed": 1}
    assert run() == 1
    assert {d.status for d in WebhookDelivery.objects.all()} == {"sent"}


def test_who_answers_410_is_left_alone(api, endpoint, receiver):
    api.post("orders", order_body())
    receiver.answer = 410
    run()

    assert WebhookEndpoint.objects.get().status == "paused"


@pytest.mark.parametrize(
    "url",
    [
        "http://example.com/",
        "ftp://example.com/",
        "https://127.0.0.1/",
        "https://[::1]/",
        "https://169.254.169.254/latest",
        "https://10.0.0.8/",
        "https://0x7f000001/",
        "https://[::ffff:127.0.0.1]/",
        "https://user:pw@93.184.216.34/",
        "https://localhost/",
        "nonsense",
        "https://93.184.216.34:99999/",
        "https://224.0.0.1/",
        "https://0.0.0.0/",
        "https://[64:ff9b::7f00:1]/",
        "https://[64:ff9b:1::7f00:1]/",
        "https://[::127.0.0.1]/",
        "https://[::ffff:0:127.0.0.1]/",
        "https://[2002:7f00:1::]/",
        "https://[2001:0:7f00:1::80ff:fffe]/",
        "https://[fec0::1]/",
        "https://[fe80::1%25eth0]/",
        "https://100.64.0.1/",
        "https://198.18.0.1/",
        "https://93.184.216.34:25/",
        "https://93.184.216.34:5432/",
        "https://93.184.216.34:6379/",
        "https://93.184.216.34/hé",
        f"https://{'a' * 70}.com/",
        f"https://93.184.216.34/{'a' * 500}",
    ],
)
def test_addresses_that_are_not_posted_to(api, url):
    answer = api.post("webhook-endpoints", {"url": url})

    assert answer.status_code == 422
    assert answer.json()["errors"][0]["pointer"] == "/url"
    assert not WebhookEndpoint.objects.exists()


def test_a_name_that_moves_inside_later_is_refused_then(api, monkeypatch, receiver):
    """DNS rebinding: public when the endpoint is made, private when it is posted to."""
    lead = {"to": "93.184.216.34"}
    monkeypatch.setattr(
        webhook_client.socket, "getaddrinfo", lambda *a, **k: [(2, 1, 6, "", (lead["to"], 443))]
    )
    made = api.post("webhook-endpoints", {"url": "https://hooks.example.com/"})
    assert made.status_code == 201
    api.post("orders", order_body())
    lead["to"] = "127.0.0.1"
    run()

    delivery = WebhookDelivery.objects.first()
    assert delivery.status == "pending"
    assert "not on the public internet" in delivery.error
    assert receiver.got == []


def test_another_channel_sees_no_endpoint_of_ours(endpoint, make_client, shop):
    other = make_client(channel=shop.desk)

    assert other.get("webhook-endpoints").json()["data"] == []
    assert other.get(f"webhook-endpoints/{endpoint['id']}").status_code == 404


@pytest.mark.parametrize(
    "wrong", ["Orders", "order.confimred", "order.", "订单.确认", "", "order.*"]
)
def test_a_type_that_is_none_is_refused(api, wrong):
    types = ["order.confirmed", wrong]
    answer = api.post("webhook-endpoints", {"url": "https://93.184.216.34/", "types": types})

    assert answer.status_code == 422
    (error,) = answer.json()["errors"]
    assert (error["pointer"], error["code"]) == ("/types/1", "unknown-type")
    assert "Did you mean: " in error["detail"]
    assert len(error["detail"]) < 200


def test_every_type_of_the_catalogue_can_be_subscribed_to(api):
    for topic in sorted(TOPICS):
        wanted = {"url": f"https://93.184.216.34/{topic}", "types": [topic]}
        answer = api.post("webhook-endpoints", wanted)

        assert answer.status_code == 201, (topic, answer.content)
        assert answer.json()["types"] == [topic]


@pytest.fixture(scope="module")
def certificate(tmp_path_factory):
    """A certificate of localhost and its key, in one file."""
    file = tmp_path_factory.mktemp("tls") / "both.pem"
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
         "-keyout", file, "-out", f"{file}.crt", "-subj", "/CN=localhost",
         "-addext", "subjectAltName=DNS:localhost", "-days", "2"],
        check=True, capture_output=True,
    )  # fmt: skip
    file.write_bytes(file.read_bytes() + Path(f"{file}.crt").read_bytes())
    return file


@pytest.mark.parametrize("scheme", ["http", "https"])
def test_a_receiver_that_drips_its_answer_is_hung_up_on(monkeypatch, scheme, certificate):
    """Each byte comes in time; the answer as a whole does not. Over https nobody hung up: TLS had taken the socket."""
    monkeypatch.setattr(webhook_client, "ANSWER_S", 0.5)
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    listener = socket.create_server(("127.0.0.1", 0))
    ended = threading.Event()

    def drip():
        channel, _ = listener.accept()
        with contextlib.suppress(OSError):
            if scheme == "https":
                context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
                context.load_cert_chain(certificate)
                channel = context.wrap_socket(channel, server_side=True)
            while not ended.wait(0.1):
                channel.sendall(b"x")

    threading.Thread(target=drip, daemon=True).start()
    target = webhook_client.Target(scheme, "localhost", listener.getsockname()[1], "/", "127.0.0.1")

    started = time.monotonic()
    with pytest.raises(OSError, match=r"in time|closed|reset"):
        webhook_client.post(target, b"{}", {})
    ended.set()

    assert time.monotonic() - started < 5


def test_one_unforeseen_failure_does_not_stop_the_others(api, endpoint, receiver, monkeypatch):
    other = api.post("webhook-endpoints", {"url": receiver.url + "/b"}).json()
    api.post("orders", order_body())
    posted = webhook_client.post

    def post(target, body, headers):
        if target.path == "/hook":
            raise RuntimeError("nobody thought of this")
        return posted(target, body, headers)

    monkeypatch.setattr(webhooks, "post", post)
    run()

    rows = {
        d.endpoint_id: d for d in WebhookDelivery.objects.filter(event__topic="order.confirmed")
    }
    mine = rows[primary_key("whe", endpoint["id"])]
    assert (mine.status, mine.error) == ("pending", "RuntimeError: nobody thought of this")
    assert rows[primary_key("whe", other["id"])].status == "sent"


def test_a_delivery_whose_last_try_was_never_recorded_is_failed(api, endpoint, receiver):
    api.post("orders", order_body())
    run()
    WebhookDelivery.objects.update(status="pending", attempts=11, due_at=timezone.now())

    assert webhooks.send_due(now=timezone.now()) == 0
    assert WebhookDelivery.objects.get().status == "failed"


def test_a_replay_with_a_key_happens_once(api, endpoint, receiver):
    api.post("orders", order_body())
    run()
    since = {"since": "2020-01-01T00:00:00Z"}

    path = f"webhook-endpoints/{endpoint['id']}/replay"
    first = api.post(path, since, key="again")
    run()
    second = api.post(path, since, key="again")

    assert first.json() == second.json() == {"replayed": 1}
    assert run() == 0


@pytest.mark.parametrize(
    ("said", "seconds"),
    [
        ("120", 120),
        (" 120 ", 120),
        ("Sun, 29 Nov 2026 12:02:00 GMT", 120),
        ("Sun, 29 Nov 2026 11:00:00 GMT", 0),
        ("Fri, 31 Dec 9999 23:59:59 GMT", 86_400),
        ("999999999999999999999", 86_400),
        ("-5", 0),
        ("2.0", 2),
        ("1e3", 0),
        ("soon", 0),
        ("\u0663", 0),
        ("", 0),
    ],
)
def test_how_long_a_receiver_asks_to_be_left_alone(said, seconds):
    now = datetime(2026, 11, 29, 12, 0, tzinfo=UTC)
    wish = webhook_client.asked_to_wait({"retry-after": said}, now)
    assert wish == timedelta(seconds=seconds)


def test_a_receiver_that_says_when_is_left_alone_until_then(api, endpoint, receiver):
    api.post("orders", order_body())
    api.post("orders", order_body())
    receiver.answer, receiver.wish = 429, "600"
    now = timezone.now()
    run(now)
    asked = len(receiver.got)

    api.post("orders", order_body())  # of the next minute: its receiver is left alone all the same
    assert run(now + timedelta(seconds=590)) == 0
    receiver.answer, receiver.wish = 200, ""
    later = now + timedelta(seconds=610)
    assert [run(later), run(later)] == [1, 2]  # one first: whether it is there again
    assert asked == 2
    assert {d.status for d in WebhookDelivery.objects.all()} == {"sent"}


@pytest.mark.parametrize("answer", [429, 503])
def test_a_wish_to_wait_costs_no_try_and_ends_with_the_events_age(api, endpoint, receiver, answer):
    api.post("orders", order_body())
    receiver.answer, receiver.wish = answer, "1"
    now, waits = timezone.now(), []
    while True:
        run(now)
        delivery = WebhookDelivery.objects.get()
        if delivery.status != "pending" or now - delivery.event.at > webhooks.LONGEST:
            break
        assert delivery.attempts == 0
        waits.append(delivery.due_at - now)
        now = delivery.due_at
    assert len(waits) < 150  # less and less often
    assert waits[-1] > timedelta(hours=6)
    assert delivery.attempts == 1  # too old: tries are counted from here on
    for _ in webhooks.WAITS:
        now = WebhookDelivery.objects.get().due_at
        run(now)
    assert WebhookDelivery.objects.get().status == "failed"


def test_what_is_answered_without_a_wish_costs_a_try(api, endpoint, receiver):
    api.post("orders", order_body())
    receiver.answer = 429
    run()
    assert WebhookDelivery.objects.get().attempts == 1


def test_a_turn_posts_more_than_one_batch(api, endpoint, receiver, monkeypatch):
    monkeypatch.setattr(webhooks, "BATCH", 2)
    monkeypatch.setattr("erp.events.tasks.TURN_S", 60.0)
    for _order in range(5):
        api.post("orders", order_body())
    settle()

    send_webhooks()

    assert len(receiver.got) == 5
    assert {row.status for row in WebhookDelivery.objects.all()} == {"sent"}


@pytest.fixture
def silent_and_sound(endpoint, receiver, shop):
    """An endpoint whose receiver never answers, with forty due deliveries, and one that does, with two due later."""
    silent = WebhookEndpoint.objects.create(
        channel=shop.web,
        url="https://silent.example/",
        secret=webhook_client.new_secret(),
        created_at=timezone.now(),
    )
    now = timezone.now()
    events = [Event.objects.create(topic="x", subject=f"x:{n}") for n in range(40)]
    sound = WebhookEndpoint.objects.exclude(pk=silent.pk).get().pk
    for pk, some, due in [(silent.pk, events, 60), (sound, events[:2], 1)]:
        WebhookDelivery.objects.bulk_create(
            WebhookDelivery(endpoint_id=pk, event=event, due_at=now - timedelta(seconds=due))
            for event in some
        )
    return silent.pk, sound


def test_a_silent_receiver_has_no_round_to_itself_and_is_left_alone(silent_and_sound, monkeypatch):
    """Its ten thousand deliveries, the oldest of all, held every slow process for forty minutes."""
    silent, sound = silent_and_sound
    posted: list[int] = []

    def post(delivery, _body, _now):
        posted.append(delivery.endpoint_id)
        quiet = delivery.endpoint_id == silent
        return webhooks._Answer(None if quiet else 200, "TimeoutError" * quiet, is_silent=quiet)

    monkeypatch.setattr(webhooks, "_post", post)
    now = timezone.now()
    webhooks.send_due(now=now)
    assert posted.count(sound) == 2
    assert posted.count(silent) == webhooks.BATCH - 2
    assert webhooks.send_due(now=now + webhooks.SILENCE / 2) == 0
    tries = 0
    for minute in range(1, 4):  # then one, and that which was tried most
        assert webhooks.send_due(now=now + minute * 2 * webhooks.SILENCE) == 1
        tries = max(WebhookDelivery.objects.values_list("attempts", flat=True))
    assert tries == 3


def test_a_receiver_that_answers_again_gets_as_many_as_others(silent_and_sound, monkeypatch):
    silent, _sound = silent_and_sound
    monkeypatch.setattr(webhooks, "_post", lambda *_: webhooks._Answer(200, ""))
    now = timezone.now()
    WebhookEndpoint.objects.filter(pk=silent).update(wait_until=now)
    assert [webhooks.send_due(now=now), webhooks.send_due(now=now)] == [3, webhooks.BATCH]


def test_who_says_nothing_for_seconds_is_silent(silent_and_sound, monkeypatch):
    def post(*_):
        raise TimeoutError

    monkeypatch.setattr(webhooks, "checked", str)
    monkeypatch.setattr(webhooks, "post", post)
    delivery = WebhookDelivery.objects.select_related("endpoint").first()
    assert not webhooks._post(delivery, b"", timezone.now()).is_silent
    monkeypatch.setattr(webhooks, "SILENT_S", 0.0)
    assert webhooks._post(delivery, b"", timezone.now()).is_silent


def test_who_is_slow_to_answer_holds_up_nobody_else(silent_and_sound, shop, monkeypatch):
    """A receiver that took fourteen seconds for each event held its round, and all places of webhooks with a few."""
    slow, sound = silent_and_sound
    goes_on, posted = threading.Event(), []

    def post(delivery, _body, _now):
        posted.append(delivery.endpoint_id)
        if delivery.endpoint_id == slow:
            goes_on.wait(20)
        return webhooks._Answer(200, "")

    monkeypatch.setattr(webhooks, "_post", post)
    monkeypatch.setattr(webhooks, "PATIENCE_S", 0.1)
    now = timezone.now()
    with webhooks.Sender() as sender:
        sender.post_round(now=now)
        of_slow = posted.count(slow)
        assert 0 < of_slow < webhooks.BATCH
        WebhookDelivery.objects.filter(endpoint=sound).update(status="pending", due_at=now)
        sender.post_round(now=now)
        assert (posted.count(sound), posted.count(slow)) == (4, of_slow)
        assert sender.is_waiting()
        perform(pause_effects, by=shop.system, now=now)
        before = time.monotonic()
        assert (
            sender.post_round(now=now) == 0
        )  # which waits all the same, and does not ask again at once
        assert time.monotonic() - before >= webhooks.PATIENCE_S
        goes_on.set()
        assert sender.post_round(now=now) == 0
        assert not sender.is_waiting()
    assert WebhookDelivery.objects.filter(endpoint=slow, status="sent").count() == of_slow


def test_who_takes_half_a_second_makes_nobody_as_slow(silent_and_sound, monkeypatch):
    """A round waited for its answers for a second: all receivers were as slow as the slowest that kept to that."""
    slow, sound = silent_and_sound
    now = timezone.now()
    events = [Event.objects.create(topic="y", subject=f"y:{n}") for n in range(38)]
    WebhookDelivery.objects.bulk_create(
        WebhookDelivery(endpoint_id=sound, event=event, due_at=now) for event in events
    )
    answered: list[int] = []

    def post(delivery, _body, _now):
        if delivery.endpoint_id == slow:
            time.sleep(0.5)
        answered.append(delivery.endpoint_id)
        return webhooks._Answer(200, "")

    monkeypatch.setattr(webhooks, "_post", post)
    with webhooks.Sender() as sender:
        waited = True
        while sender.post_round(now=now) or waited:
            waited = sender.is_waiting()
    assert answered.count(sound) == answered.count(slow) == 40
    last_sound = max(n for n, pk in enumerate(answered) if pk == sound)
    assert answered[:last_sound].count(slow) <= 20  # of rounds, as many as of the sound one
