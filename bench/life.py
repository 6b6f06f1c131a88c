"""Measures what an order costs until nothing is due any more, by the part that spends it.

CPU of every process from so many requests until no event, message or job waits: web, PostgreSQL, worker, scheduler,
Valkey. What an idle product spends meanwhile is taken off. The order is that of `placing`; its mails, with the
confirmation as PDF, go to a server on loopback that takes and forgets them.
"""

import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

from bench.placing import SEED, order_request
from bench.product import Product, cpu_of, fresh_product
from erp.celery import PROCESSES, QUICK, SLOW
from tests.servers import mailbox

ORDERS, IDLE_S, LONGEST_S = 1000, 15.0, 900.0
PORT = 8933
DUE = """
SELECT (SELECT count(*) FROM erp_eventdelivery WHERE status = 'pending')
     + (SELECT count(*) FROM erp_message WHERE status = 'waiting')
     + (SELECT count(*) FROM erp_job WHERE status IN ('waiting', 'running'))
"""
BROKERS = {
    "worker": (
        "worker",
        "-n",
        "quick@%h",
        "-Q",
        ",".join(QUICK),
        "--concurrency",
        str(PROCESSES[QUICK]),
        "--without-gossip",
    ),
    "slow worker": (
        "worker",
        "-n",
        "slow@%h",
        "-Q",
        ",".join(SLOW),
        "--concurrency",
        str(PROCESSES[SLOW]),
        "--without-gossip",
    ),
    "scheduler": ("beat", "--schedule", "{folder}/beat", "--pidfile", ""),
}


def main() -> None:
    """Measure and print the table."""
    with fresh_product() as product, mailbox() as server:
        product.env.update({"EMAIL_URL": f"smtp://127.0.0.1:{server.port}", "ERP_PLAIN_HTTP": "1"})
        key = product.shell(SEED).split()[-1]
        with product.served(PORT) as web, _background(product) as background:
            engines = product.engines.processes
            parts = {"web": web, **background, **engines}
            _place(product, key, 50)  # warm up: fonts, plans, caches
            _settle(product)
            idle = _spent(parts, lambda: time.sleep(IDLE_S))
            before, began = _cpu_of(parts), time.monotonic()
            _place(product, key, ORDERS)
            placed_s = time.monotonic() - began
            _settle(product)
            took = time.monotonic() - began
            after = _cpu_of(parts)
    print(f"{ORDERS} orders placed in {placed_s:.0f} s, nothing due after {took:.0f} s\n")
    print(f"{'CPU-ms an order':16}{'all':>8}{'idle':>8}{'order':>8}")
    total = 0.0
    for name in parts:
        spent = (after[name] - before[name]) / ORDERS * 1000
        at_rest = idle[name] / IDLE_S * took / ORDERS * 1000
        total += spent - at_rest
        print(f"{name:16}{spent:8.1f}{at_rest:8.1f}{spent - at_rest:8.1f}")
    print(f"{'together':16}{'':8}{'':8}{total:8.1f}")


def _place(product: Product, key: str, orders: int) -> None:
    """Place so many orders, one after another: what follows them is measured, not how they queue."""
    file = product.folder / "requests"
    lines = [((f"S{n % 200:03d}", 1), (f"S{(n * 7 + 3) % 200:03d}", 2)) for n in range(orders)]
    file.write_bytes(b"\x00\x00\x00".join(order_request(key, pair) for pair in lines))
    command = [sys.executable, "-m", "bench.load", str(PORT), str(file), "4", "600"]
    subprocess.run(command, capture_output=True, check=True)


def _settle(product: Product) -> None:
    """Wait until nothing is due; twice in a row, since what ends may begin something else."""
    until, quiet = time.monotonic() + LONGEST_S, 0
    while quiet < 2:
        if time.monotonic() > until:
            raise SystemExit(f"Still due after {LONGEST_S:.0f} s: {product.psql(DUE)}")
        quiet = quiet + 1 if product.psql(DUE) == "0" else 0
        time.sleep(2)


@contextmanager
def _background(product: Product) -> Iterator[dict[str, "subprocess.Popen[bytes]"]]:
    """The worker and the scheduler, as `manage.py up` starts them."""
    found = {}
    with (product.folder / "background.log").open("wb") as log:
        for name, options in BROKERS.items():
            said = [part.format(folder=product.folder) for part in options]
            command = [sys.executable, "-m", "celery", "-A", "erp.celery", *said]
            found[name] = subprocess.Popen(
                [*command, "--loglevel", "WARNING"], env=product.env, stdout=log, stderr=log
            )
        try:
            time.sleep(6)
            yield found
        finally:
            for process in found.values():
                process.terminate()
            for process in found.values():
                process.wait()


def _spent(parts: dict, do) -> dict[str, float]:
    before = _cpu_of(parts)
    do()
    after = _cpu_of(parts)
    return {name: after[name] - before[name] for name in parts}


def _cpu_of(parts: dict) -> dict[str, float]:
    return {name: cpu_of(process) for name, process in parts.items()}
