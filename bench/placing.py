"""Measures orders placed over HTTP with everything on, beside its floors in the same run.

The order: two lines of 200 SKUs, prepaid, a new customer each; key, idempotency, pricing, review,
routing, promise, reservation, payment, decisions, events and outbox; gunicorn 2 × 4 threads, the
worker stopped, PostgreSQL with fsync. CPU is what the web and PostgreSQL processes say of themselves.
"""

import json
import random
import subprocess
import sys
import time
import uuid
from collections.abc import Iterable
from pathlib import Path

from bench.product import Product, cpu_of, fresh_product

SECONDS, ROUNDS, SKUS = 6.0, 3, 200
SEED = """
from django.utils import timezone
from erp.access.actions import create_api_key, ensure_ground
from erp.access.models import Channel
from erp.access.queries import job_actor
from erp.once import perform
from inventory.stock.actions.ledger import Change
from inventory.stock.actions.places import open_warehouse
from inventory.stock.actions.receive import receive_stock
from inventory.models import Sku
from orders.models import ChannelPolicy, Price, PriceList, ShippingService, TaxRate
perform(ensure_ground)
by, now = job_actor("scheduler"), timezone.now()
web = Channel.objects.create(code="web", name="Web", kind="storefront", currency="CNY")
prices = PriceList.objects.create(code="retail", name="Retail", currency="CNY")
ChannelPolicy.objects.create(channel=web, price_list=prices, review="record")
TaxRate.objects.create(country="CN", rate="0.13")
ShippingService.objects.create(code="standard", name="Standard", currency="CNY", fee=12, free_from=199)
skus = Sku.objects.bulk_create(Sku(code=f"S{n:03d}", name=f"SKU {n}", weight_g=300) for n in range(200))
Price.objects.bulk_create(Price(price_list=prices, sku=sku, amount="19.90") for sku in skus)
for code in ("A", "B", "C"):
    warehouse = perform(open_warehouse, by=by, code=code, name=code, country="CN", priority=ord(code))
    perform(receive_stock, warehouse_id=warehouse.pk, changes=[Change(s.pk, 1_000_000) for s in skus],
            reference="bench", by=by, now=now)
print(perform(create_api_key, channel_id=web.pk, name="bench", purpose="owner", by=by, now=now))
"""


def main() -> None:
    """Measure and print the table."""
    with fresh_product(settings=("shared_preload_libraries=pg_stat_statements",)) as product:
        key = product.shell(SEED).split()[-1]
        with product.served(8931) as web, product.served(8932, "bench.noop") as noop:
            _fire(product, 8931, key, 8, 3.0)  # warm up: plans, caches, a few thousand rows
            product.psql("ANALYZE; CREATE EXTENSION IF NOT EXISTS pg_stat_statements")
            _count_statements(product, False)
            postgres = product.engines.processes["postgres"]
            rows = []
            for connections in (1, 8):
                rows += [
                    _row("no-op, same gunicorn", product, 8932, key, connections, noop, None),
                    _row("placing an order", product, 8931, key, connections, web, postgres),
                    _floor(product, connections),
                ]
            _show(rows)


def _row(name, product, port, key, connections, web, postgres) -> dict:
    runs = []
    statements = _statements(product, port, key, connections) if postgres else 0.0
    for _ in range(ROUNDS):
        before = cpu_of(web), cpu_of(postgres)
        run = _fire(product, port, key, connections, SECONDS)
        after = cpu_of(web), cpu_of(postgres)
        run["web_ms"] = (after[0] - before[0]) / run["count"] * 1000
        run["db_ms"] = (after[1] - before[1]) / run["count"] * 1000
        runs.append(run)
    middle = sorted(runs, key=lambda r: r["per_second"])[ROUNDS // 2]
    return {
        "name": name,
        "connections": connections,
        **middle,
        "statements": statements,
        "bad": sum(r["bad"] for r in runs),
    }


def _fire(product: Product, port: int, key: str, connections: int, seconds: float) -> dict:
    file = product.folder / "requests"
    file.write_bytes(b"\x00\x00\x00".join(_request(key) for _ in range(int(900 * seconds))))
    done = subprocess.run(
        [sys.executable, "-m", "bench.load", str(port), str(file), str(connections), str(seconds)],
        capture_output=True,
        check=True,
    )
    return json.loads(done.stdout)


def _request(key: str) -> bytes:
    one, two = random.sample(range(SKUS), 2)
    return order_request(key, ((f"S{one:03d}", 1), (f"S{two:03d}", 2)))


def order_request(key: str, lines: Iterable[tuple[str, int]]) -> bytes:
    """An order over HTTP as its bytes: a new customer, prepaid; `lines` are (SKU, units)."""
    unique = uuid.uuid4().hex
    body = json.dumps(
        {
            "external_id": unique,
            "currency": "CNY",
            "customer": {"name": "Bench", "email": f"{unique}@example.com", "phone": ""},
            "shipping_address": {
                "name": "Bench",
                "line1": "1 Road",
                "line2": "",
                "city": "上海市",
                "region": "上海",
                "postal_code": "200040",
                "country": "CN",
                "phone": "+8613812345678",
            },
            "billing_address": None,
            "lines": [{"sku": sku, "quantity": units} for sku, units in lines],
            "coupon_codes": [],
            "shipping_service": "standard",
            "payment": {"method": "prepaid", "reference": f"pay_{unique}"},
            "note": "",
            "metadata": {},
        }
    ).encode()
    head = (
        f"POST /api/v1/orders HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer {key}\r\n"
        f"Idempotency-Key: {unique}\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body


def _floor(product: Product, clients: int) -> dict:
    """The same rows by one call of the same writer, sent by pgbench: no web, no decisions."""
    product.psql((Path(__file__).parent / "floor.sql").read_text())
    script = product.folder / "floor.pgbench"
    script.write_text("SELECT bench_place();\n")
    runs = []
    for _ in range(ROUNDS):
        before = cpu_of(product.engines.processes["postgres"])
        options = ("-c", str(clients), "-T", str(int(SECONDS)), "--latency-limit=100000")
        text = product.pgbench(script, *options)
        after = cpu_of(product.engines.processes["postgres"])
        count = int(
            text.split("number of transactions actually processed: ")[1].split()[0].split("/")[0]
        )
        latency = float(text.split("latency average = ")[1].split()[0])
        runs.append(
            {
                "count": count,
                "per_second": float(text.split("tps = ")[1].split()[0]),
                "p50_ms": latency,
                "p95_ms": float("nan"),
                "bad": 0,
                "web_ms": 0.0,
                "db_ms": (after - before) / count * 1000,
                "statements": 1,
            }
        )
    middle = sorted(runs, key=lambda r: r["per_second"])[ROUNDS // 2]
    return {"name": "floor: orders_place by pgbench", "connections": clients, **middle}


def _show(rows: list[dict]) -> None:
    print(f"{'':32} conn  orders/s   p50 ms   p95 ms  web ms   db ms     sum  statements  failed")
    for row in rows:
        print(
            f"{row['name']:32} {row['connections']:4} {row['per_second']:9.0f} {row['p50_ms']:8.1f} {row['p95_ms']:8.1f}"
            f" {row['web_ms']:7.2f} {row['db_ms']:7.2f} {row['web_ms'] + row['db_ms']:7.2f} {row['statements']:11.1f} {row['bad']:7}"
        )


def _statements(product: Product, port: int, key: str, connections: int) -> float:
    """Statements per order, counted in a run of its own, since counting costs time."""
    _count_statements(product, True)
    product.psql("SELECT pg_stat_statements_reset()")
    count = _fire(product, port, key, connections, 2.0)["count"]
    calls = product.psql(
        "SELECT coalesce(sum(calls), 0) FROM pg_stat_statements s JOIN pg_roles r ON r.oid = s.userid"
        " WHERE r.rolname = 'throughline' AND query !~* '^(begin|commit|rollback|set|select pg_stat)' AND toplevel",
    )
    _count_statements(product, False)
    return float(calls) / count


def _count_statements(product: Product, on: bool) -> None:
    product.psql(f"ALTER SYSTEM SET pg_stat_statements.track = '{'top' if on else 'none'}'")
    product.psql(f"ALTER SYSTEM SET compute_query_id = '{'on' if on else 'off'}'")
    product.psql("SELECT pg_reload_conf()")
    time.sleep(0.5)
