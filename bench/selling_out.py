"""Runs a flash sale over HTTP: 10,000 buying attempts for 100 units of one SKU.

Carts repeat the SKU, hold it in a bundle, and name the same SKUs in opposite order. Afterwards
exactly 100 units are promised, nobody was answered 5xx, PostgreSQL saw no deadlock, the audit passes.
Once with the SKU's level whole, once in 16 parts.
"""

import json
import random
import subprocess
import sys
from pathlib import Path

from bench.placing import SEED as SHOP
from bench.placing import order_request
from bench.product import fresh_product

ATTEMPTS, CONNECTIONS, UNITS, MOST_S = 10_000, 32, 100, 280.0
CARTS = (  # lines
    (("HOT", 1),),
    (("HOT", 1), ("S001", 1), ("S002", 1)),
    (("S002", 1), ("S001", 1), ("HOT", 1)),
    (("HOT", 1), ("HOT", 1)),
    (("HOT-SET", 1),),
    (("HOT-SET", 1), ("HOT", 1)),
    (("S003", 1), ("HOT-SET", 1), ("S001", 1)),
    (("S001", 1), ("HOT-SET", 1), ("S003", 1)),
)
HOT = f"""
from inventory.stock.actions.split import split_level
from inventory.models import BundlePart, Sku, Warehouse
hot = Sku.objects.create(code="HOT", name="Hot")
bundle = Sku.objects.create(code="HOT-SET", name="Hot set")
for part in (hot, Sku.objects.get(code="S001")):
    BundlePart.objects.create(bundle=bundle, part=part, quantity=1)
for sku in (hot, bundle):
    Price.objects.create(price_list=prices, sku=sku, amount=9)
first = Warehouse.objects.get(code="A")
perform(receive_stock, warehouse_id=first.pk, changes=[Change(hot.pk, {UNITS})], reference="sale", by=by, now=now)
if {{parts}} > 1:
    perform(split_level, sku_id=hot.pk, warehouse_id=first.pk, parts={{parts}}, by=by, now=now)
"""
SOLD = """
    SELECT coalesce(sum(quantity), 0) FROM inventory_reservation r JOIN inventory_sku s ON s.id = r.sku_id
    WHERE s.code = 'HOT' AND r.status = 'committed'
"""
DEADLOCKS = "SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()"


def main() -> None:
    """Sell out twice and print what happened."""
    for parts in (1, 16):
        told = run(parts)
        refused = ", ".join(
            f"{n:,} × {status}" for status, n in sorted(told["bad_by_status"].items())
        )
        print(
            f"{told['count']:,} attempts from {CONNECTIONS} connections, level in {parts} part(s): "
            f"{told['sold']} units sold, {told['count'] - told['bad']} orders, refused {refused}, "
            f"{told['deadlocks']} deadlocks; {told['per_second']:.0f} attempts/s, p95 {told['p95_ms']:.0f} ms; {told['audit']}"
        )
        strange = set(told["bad_by_status"]) - {"409"}
        if told["sold"] != UNITS or strange or told["deadlocks"] or told["count"] != ATTEMPTS:
            sys.exit(f"That is wrong: {told}")


def run(parts: int) -> dict:
    """One sale on a fresh database; what the buyers were answered and what was sold."""
    with fresh_product() as product:
        shop, printed = SHOP.rsplit("print(", 1)
        seed = f"{shop}{HOT.format(parts=parts)}\nprint({printed}"
        key = product.shell(seed).split()[-1]
        dice = random.Random(parts)
        file = product.folder / "requests"
        attempts = (order_request(key, dice.choice(CARTS)) for _ in range(ATTEMPTS))
        file.write_bytes(b"\x00\x00\x00".join(attempts))
        with product.served(8934):
            told = _load(file)
            told["sold"] = int(product.psql(SOLD).split()[0])
            told["deadlocks"] = int(product.psql(DEADLOCKS).split()[0])
            told["audit"] = product.manage("audit").strip().splitlines()[-1]
            return told


def _load(requests: Path) -> dict:
    """Send them from all connections; what was answered, and how fast."""
    done = subprocess.run(
        [sys.executable, "-m", "bench.load", "8934", str(requests), str(CONNECTIONS), str(MOST_S)],
        capture_output=True,
        check=True,
    )
    return json.loads(done.stdout)
