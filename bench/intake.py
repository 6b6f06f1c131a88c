"""Measures bulk order intake beside COPY of the same rows, with webhooks arriving meanwhile.

- 20 × 1,000 orders of two lines through `POST /orders/bulk` from two connections, and COPY of every
  row that this wrote, into tables of the same columns and indexes;
- a CSV of 100,000 orders of two lines through `import_orders`, its speed beside COPY and its memory;
- 50 webhooks a second while that CSV loads: how long each waits for its 2xx;
- all 720 orders of arrival of {create, update, paid, fulfilled, refund, cancel}: one end state.
"""

import base64
import contextlib
import hashlib
import hmac
import http.client
import json
import os
import shutil
import subprocess
import sys
import tempfile
import threading
import time
import uuid
from concurrent.futures import ThreadPoolExecutor
from itertools import count
from pathlib import Path

from bench.placing import SEED, _request
from bench.product import Product, fresh_product

BATCHES, SIZE, PORT, SECRET = 20, 1000, 8935, "bench"
FILED = int(os.environ.get("FILED", "100000"))  # orders of the CSV
PER_SECOND = 50
TABLES = (
    "orders_order",
    "orders_orderline",
    "orders_orderaddress",
    "orders_ordersearch",
    "orders_customer",
    "orders_customeridentity",
    "orders_payment",
    "orders_paymentevent",
    "orders_decision",
    "orders_orderevent",
    "erp_event",
    "erp_eventdelivery",
    "inventory_reservation",
)
SHOP = f"""
from erp.access.actions import set_webhook_secret
from erp.access.models import Channel
from erp.access.queries import job_actor
from erp.once import perform
from orders.models import ChannelPolicy, PriceList
from django.utils import timezone
shop = Channel.objects.create(code="shop", name="Shop", kind="shopify", currency="CNY")
ChannelPolicy.objects.create(channel=shop, price_list=PriceList.objects.get(), review="record")
perform(set_webhook_secret, channel_id=shop.pk, secret="{SECRET}", by=job_actor("scheduler"), now=timezone.now())
"""


def main() -> None:
    """Measure and print."""
    with fresh_product() as product:
        key = product.shell(SEED).split()[-1]
        product.shell(SHOP)
        with product.served(PORT) as web:
            _bulk(key, 2)
            product.psql("ANALYZE")
            floor = _compare(key, product, web)
            _file(product, floor)
            _permute()


def _body(key: str) -> bytes:
    orders = [_request(key).partition(b"\r\n\r\n")[2].decode() for _ in range(SIZE)]
    return f'{{"orders": [{",".join(orders)}]}}'.encode()


def _bulk(key: str, batches: int) -> tuple[int, float, list[float]]:
    """Orders placed, seconds, and how long each batch took."""
    bodies = [_body(key) for _ in range(batches)]

    def send(body: bytes) -> tuple[int, float]:
        connection = http.client.HTTPConnection("127.0.0.1", PORT, timeout=120)
        headers = {
            "Authorization": f"Bearer {key}",
            "Idempotency-Key": uuid.uuid4().hex,
            "Content-Type": "application/json",
        }
        began = time.perf_counter()
        connection.request("POST", "/api/v1/orders/bulk", body, headers)
        answer = json.loads(connection.getresponse().read())
        if "data" not in answer:
            raise SystemExit(f"a batch was refused: {answer}")
        rows = answer["data"]
        return sum(row["status"] == 201 for row in rows), time.perf_counter() - began

    began = time.perf_counter()
    with ThreadPoolExecutor(int(os.environ.get("CONNS", "2"))) as pool:
        answers = list(pool.map(send, bodies))
    return sum(n for n, _s in answers), time.perf_counter() - began, [s for _n, s in answers]


def _compare(key: str, product: Product, web: subprocess.Popen[bytes]) -> float:
    before = {t: int(product.psql(f"SELECT count(*) FROM {t}")) for t in ("orders_order",)}
    memory = _memory(web)
    placed, seconds, waits = _bulk(key, BATCHES)
    rate = placed / seconds
    assert int(product.psql("SELECT count(*) FROM orders_order")) == before["orders_order"] + placed
    place = Path(tempfile.mkdtemp(prefix="tl-copy-"))
    place.chmod(0o777)
    for table in TABLES:
        product.psql(f"CREATE TABLE copy_{table} (LIKE {table} INCLUDING ALL)")
        product.psql(f"COPY {table} TO '{place}/{table}.copy'")
    began = time.perf_counter()
    for table in TABLES:
        product.psql(f"COPY copy_{table} FROM '{place}/{table}.copy'")
    taken = time.perf_counter() - began
    shutil.rmtree(place, ignore_errors=True)
    rows = sum(int(product.psql(f"SELECT count(*) FROM copy_{t}")) for t in TABLES)
    copied = int(product.psql("SELECT count(*) FROM copy_orders_order"))
    floor = copied / taken
    print(
        f"bulk: {placed:,} orders in {seconds:.1f} s from 2 connections: {rate:,.0f} orders/s;"
        f" the slowest batch of {SIZE:,} {max(waits):.2f} s; web memory {memory:,.0f} -> {_memory(web):,.0f} MB\n"
        f"COPY of the same {rows:,} rows: {floor:,.0f} orders/s; ratio {rate / floor:.2f}"
    )
    return floor


def _memory(process: subprocess.Popen[bytes]) -> float:
    """Megabytes that a process and its children hold."""
    total = 0
    with contextlib.suppress(OSError):  # it has just ended
        children = Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split()
        for pid in [str(process.pid), *children]:
            for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
                if line.startswith("Pss:"):
                    total += int(line.split()[1])
    return total / 1024


def _file(product: Product, floor: float) -> None:
    """A CSV of many orders, taken in by the command, webhooks coming in meanwhile."""
    path = product.folder / "orders.csv"
    names = (
        "order number,order date,email,recipient,address line 1,city,region,postal code,country,sku,quantity,"
        "unit price,payment status"
    )
    with path.open("w") as file:
        print(names, file=file)
        for n in range(FILED):
            for sku in (n % 200, (n * 7 + 1) % 200):
                print(
                    f"F-{n},2026-08-01 09:15,f{n}@example.com,Li Na,1 Road,上海市,上海,200040,CN,S{sku:03d},1,19.90,paid",
                    file=file,
                )
    command = [
        sys.executable,
        "manage.py",
        "import_orders",
        str(path),
        "--channel",
        "shop",
        "--layout",
        "auto",
        "--json",
    ]
    began = time.perf_counter()
    run = subprocess.Popen(
        command, env=product.env, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
    )
    stop = threading.Event()
    watched = threading.Thread(target=_acknowledge, args=(stop,))
    watched.start()
    early = late = 0.0
    while run.poll() is None:
        time.sleep(1)
        late = _memory(run) or late
        early = early or (late if time.perf_counter() - began > 10 else 0.0)
    taken = time.perf_counter() - began
    stop.set()
    watched.join()
    assert run.stdout is not None
    figures = json.loads(run.stdout.read().splitlines()[-1])
    assert figures["orders"] == FILED, figures
    rate = FILED / taken
    print(
        f"CSV: {FILED:,} orders, {figures['rows']:,} rows in {taken:.1f} s: {rate:,.0f} orders/s;"
        f" ratio to COPY {rate / floor:.2f}; memory {early:,.0f} MB after 10 s, {late:,.0f} MB at the end"
    )


def _acknowledge(stop: threading.Event) -> None:
    """50 webhooks a second until told to stop."""
    waits: list[float] = []
    bad: list[int] = []

    def send(n: int) -> None:
        body = json.dumps({"id": n, "note": "x" * 4000}).encode()
        sign = base64.b64encode(hmac.new(SECRET.encode(), body, hashlib.sha256).digest()).decode()
        headers = {
            "X-Shopify-Topic": "orders/create",
            "X-Shopify-Hmac-Sha256": sign,
            "X-Shopify-Webhook-Id": uuid.uuid4().hex,
            "Content-Type": "application/json",
        }
        began = time.perf_counter()
        connection = http.client.HTTPConnection("127.0.0.1", PORT, timeout=30)
        connection.request("POST", "/api/v1/channels/shop/webhooks/shopify", body, headers)
        if connection.getresponse().status != 200:
            bad.append(n)
        waits.append(time.perf_counter() - began)
        connection.close()

    began = time.perf_counter()
    with ThreadPoolExecutor(32) as pool:
        for n in count():
            time.sleep(max(0.0, began + n / PER_SECOND - time.perf_counter()))
            if stop.is_set():
                break
            pool.submit(send, n)
    waits.sort()
    print(
        f"webhooks: {len(waits):,} at {PER_SECOND}/s while the CSV loads, p50 {waits[len(waits) // 2] * 1000:.0f} ms,"
        f" p99 {waits[int(len(waits) * 0.99)] * 1000:.0f} ms, longest {waits[-1] * 1000:.0f} ms, {len(bad)} not 200"
    )


def _permute() -> None:
    done = subprocess.run(
        [
            sys.executable,
            "-m",
            "pytest",
            "-q",
            "-n",
            "0",
            "tests/orders/intake/shops/test_webhooks.py",
            "-k",
            "order_of_arrival",
        ],
        env={**os.environ, "EVERY_ORDER_OF_ARRIVAL": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise SystemExit(done.stdout[-3000:] + done.stderr[-1000:])
    print("720 orders of arrival:", done.stdout.strip().splitlines()[-1])


if __name__ == "__main__":
    main()
