"""Measures what 10,000 orders at once do to everything else, until nothing is due any more.

Bulk orders come over HTTP while the workers run as `manage.py up` starts them, and another channel sells one order a
second beside them. Told, each second: how late each schedule is against its period, what `/readyz` says, when the
first and the last mail came, deliveries a second, rows parked; and how long after its order the webhook of each of the
orders beside them came. ORDERS=1000 for fewer.
"""

import json
import os
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from http.client import HTTPConnection
from typing import ClassVar

from bench.placing import SEED, order_request
from bench.product import Product, cpu_of, fresh_product
from erp.celery import PROCESSES, QUICK, SLOW, app
from tests.servers import Server, mailbox, serving

ORDERS, SIZE, PORT, LONGEST_S = int(os.environ.get("ORDERS", "10000")), 1000, 8937, 1500.0
BESIDE = 10  # events, mails and webhooks of the orders beside that may be under way when the bulk's are done
WORKERS = {"worker": QUICK, "slow worker": SLOW}
SEED_BESIDE = """
from erp.events.webhooks import create_endpoint
beside = Channel.objects.create(code="beside", name="Beside", kind="storefront", currency="CNY")
ChannelPolicy.objects.create(channel=beside, price_list=prices, review="record")
for channel, url in ((web, {bulk!r}), (beside, {beside!r})):
    perform(create_endpoint, url=url, topics=["order.placed"], channel=channel, by=by, now=now)
print(perform(create_api_key, channel_id=beside.pk, name="beside", purpose="owner", by=by, now=now))
"""
DUE = """
SELECT json_build_object(
    'deliveries', (SELECT count(*) FROM erp_eventdelivery WHERE status = 'pending'),
    'webhooks', (SELECT count(*) FROM erp_webhookdelivery WHERE status = 'pending'),
    'mails', (SELECT count(*) FROM erp_message WHERE status = 'waiting'),
    'sent', (SELECT count(*) FROM erp_message WHERE status = 'sent'),
    'done', (SELECT count(*) FROM erp_eventdelivery WHERE status = 'done'),
    'parked', (SELECT count(*) FROM erp_eventdelivery WHERE status = 'parked')
            + (SELECT count(*) FROM erp_message WHERE status = 'failed')
            + (SELECT count(*) FROM erp_webhookdelivery WHERE status = 'failed'),
    'beats', (SELECT json_object_agg(name, extract(epoch FROM now() - at)) FROM erp_heartbeat))
"""


def main() -> None:
    """Measure and print the table."""
    with (
        fresh_product() as product,
        mailbox() as server,
        serving(_OfTheBulk) as bulk_url,
        serving(_OfThoseBeside) as beside_url,
    ):
        beside = _Beside()
        product.env.update(
            {
                "EMAIL_URL": f"smtp://127.0.0.1:{server.port}",
                "ERP_PLAIN_HTTP": "1",
                "WEBHOOK_PRIVATE_HOSTS": "127.0.0.1",
            }
        )
        seed = SEED + SEED_BESIDE.format(bulk=bulk_url, beside=beside_url)
        key, beside.key = product.shell(seed).split()[-2:]
        with product.served(PORT), _background(product) as parts, beside.selling():
            time.sleep(15)
            before = {name: cpu_of(process) for name, process in parts.items()}
            watched = _Watched(product)
            began = time.monotonic()
            placing = threading.Thread(target=_place, args=(key,), daemon=True)
            placing.start()
            took = watched.until_nothing_is_due(began, placing)
            print(f"{ORDERS} orders in {watched.placed_s:.1f} s; nothing due after {took:.0f} s")
            watched.show(took)
            print(f"webhooks of the {ORDERS}: {len(_OfTheBulk.heard_at)}")
            beside.show()
            for name, process in parts.items():
                print(f"{name:12} {cpu_of(process) - before[name]:7.1f} CPU-s")


class _Beside:
    """A channel that sells one order a second, and hears of each by a webhook."""

    def __init__(self) -> None:
        self.key = ""
        self.placed: dict[str, float] = {}  # when each order was answered, by its number
        self._over = threading.Event()

    @contextmanager
    def selling(self) -> Iterator[None]:
        """Sell until this is left."""
        seller = threading.Thread(target=self._sell, daemon=True)
        seller.start()
        try:
            yield
        finally:
            self._over.set()
            seller.join(30)
            self._wait_for_the_last(10.0)

    def _wait_for_the_last(self, seconds: float) -> None:
        until = time.monotonic() + seconds
        while time.monotonic() < until and not self.placed.keys() <= _OfThoseBeside.heard_at.keys():
            time.sleep(0.1)

    def _sell(self) -> None:
        while not self._over.wait(1.0):
            body = order_request(self.key, (("S001", 1),)).partition(b"\r\n\r\n")[2]
            order = _post("/api/v1/orders", self.key, body)
            self.placed[order["number"]] = time.monotonic()

    def show(self) -> None:
        """Print how long after its order a webhook came."""
        heard = _OfThoseBeside.heard_at
        took = sorted(
            max(0.0, heard[number] - at) for number, at in self.placed.items() if number in heard
        )
        if not took:
            raise SystemExit("no webhook of the orders beside came")
        p50, p99 = took[len(took) // 2], took[min(len(took) - 1, len(took) * 99 // 100)]
        print(
            f"webhooks of {len(self.placed)} orders beside: {len(took)} came,"
            f" p50 {p50:.1f} s, p99 {p99:.1f} s, the slowest {took[-1]:.1f} s after its order"
        )


class _OfTheBulk(Server):
    """A receiver that remembers when it first heard of each order, by its number."""

    heard_at: ClassVar[dict[str, float]] = {}

    def reply(self) -> None:
        order = json.loads(self.body())["data"]["order"]
        self.heard_at.setdefault(order["number"], time.monotonic())
        self.say(200, {})


class _OfThoseBeside(_OfTheBulk):
    heard_at: ClassVar[dict[str, float]] = {}


class _Watched:
    """What is seen of the product while its queues are worked off."""

    def __init__(self, product: Product) -> None:
        self.product = product
        self.late: dict[str, float] = {}
        self.ready: dict[str, int] = {}
        self.first_mail = self.last_mail = 0.0
        self.peak = self.placed_s = 0.0
        self.parked = self.sent = self.done = 0

    def until_nothing_is_due(self, began: float, placing: threading.Thread) -> float:
        """Look each second; return the seconds until all is placed and nothing of it is due."""
        start, quiet, last = self._seen()["done"], 0, (began, None)
        while quiet < 3:
            time.sleep(1.0)
            now, seen = time.monotonic(), self._seen()
            if placing.is_alive():
                self.placed_s = now - began
            if now - began > LONGEST_S:
                print(f"still due: {seen}")
                break
            self._note(seen, now - began)
            if last[1] is not None and now > last[0] + 5:
                self.peak = max(self.peak, (seen["done"] - last[1]) / (now - last[0]))
                last = (now, seen["done"])
            elif last[1] is None:
                last = (now, seen["done"])
            due = seen["deliveries"] + seen["mails"] + seen["webhooks"]
            is_due = placing.is_alive() or due > BESIDE
            quiet = 0 if is_due else quiet + 1
        self.done = seen["done"] - start
        return time.monotonic() - began

    def _note(self, seen: dict, at: float) -> None:
        if seen["sent"] > self.sent:
            self.first_mail = self.first_mail or at
            self.last_mail, self.sent = at, seen["sent"]
        self.parked = max(self.parked, seen["parked"])
        for name, age in (seen["beats"] or {}).items():
            self.late[name] = max(self.late.get(name, 0.0), float(age))
        said = _ready()
        self.ready[said] = self.ready.get(said, 0) + 1

    def _seen(self) -> dict:
        return json.loads(self.product.psql(DUE))

    def show(self, took: float) -> None:
        """Print what was seen."""
        print(
            f"mails: {self.sent}, the first after {self.first_mail:.1f} s, the last {self.last_mail:.0f} s"
        )
        print(
            f"deliveries: {self.done}, {self.done / took:.0f}/s, {self.peak:.0f}/s at best; parked {self.parked}"
        )
        print("readyz: " + ", ".join(f"{said} × {times}" for said, times in self.ready.items()))
        os.environ.update(self.product.env)  # the schedule is read with the settings
        periods = {name: entry["schedule"] for name, entry in app.conf.beat_schedule.items()}
        worst = sorted(
            (self.late.get(f"schedule:{name}", 0.0) / max(period, 10.0), name, period)
            for name, period in periods.items()
            if period <= 300 and f"schedule:{name}" in self.late
        )
        for ratio, name, period in reversed(worst[-8:]):
            age = self.late[f"schedule:{name}"]
            print(
                f"  {name:10} every {period:5.0f} s, last seen {age:6.1f} s ago at most ({ratio:.1f} periods)"
            )


def _ready() -> str:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{PORT}/readyz", timeout=5) as answer:
            return ",".join(json.load(answer)["degraded"]) or "ok"
    except (urllib.error.URLError, TimeoutError) as error:
        return f"{error}"


def _place(key: str) -> None:
    for _batch in range(ORDERS // SIZE):
        _bulk(key)


def _bulk(key: str) -> None:
    pairs = [[(f"S{n % 200:03d}", 1), (f"S{(n * 7 + 3) % 200:03d}", 2)] for n in range(SIZE)]
    orders = [order_request(key, pair).partition(b"\r\n\r\n")[2].decode() for pair in pairs]
    answer = _post("/api/v1/orders/bulk", key, f'{{"orders": [{",".join(orders)}]}}'.encode())
    if "data" not in answer:
        raise SystemExit(f"a batch was refused: {answer}")


def _post(path: str, key: str, body: bytes) -> dict:
    connection = HTTPConnection("127.0.0.1", PORT, timeout=120)
    headers = {
        "Authorization": f"Bearer {key}",
        "Idempotency-Key": uuid.uuid4().hex,
        "Content-Type": "application/json",
    }
    connection.request("POST", path, body, headers)
    return json.loads(connection.getresponse().read())


@contextmanager
def _background(product: Product) -> Iterator[dict[str, "subprocess.Popen[bytes]"]]:
    """The workers and the scheduler, as `manage.py up` starts them."""
    celery = [sys.executable, "-m", "celery", "-A", "erp.celery"]
    commands = {
        name: [
            *celery,
            "worker",
            "-n",
            f"{name[:4]}@%h",
            "-Q",
            ",".join(queues),
            "-c",
            str(PROCESSES[queues]),
            "--without-gossip",
        ]
        for name, queues in WORKERS.items()
    }
    commands["scheduler"] = [
        *celery,
        "beat",
        "--schedule",
        f"{product.folder}/beat",
        "--pidfile",
        "",
    ]
    with (product.folder / "background.log").open("wb") as log:
        found = {
            name: subprocess.Popen(
                [*command, "--loglevel", "WARNING"], env=product.env, stdout=log, stderr=log
            )
            for name, command in commands.items()
        }
        try:
            time.sleep(6)
            yield {**found, **product.engines.processes}
        finally:
            for process in found.values():
                process.terminate()
            for process in found.values():
                process.wait()


if __name__ == "__main__":
    main()
