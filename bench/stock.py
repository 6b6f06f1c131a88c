"""Measures stock under load: reserving and releasing units, audit, stock list and stock card.

- Reserve + release per second through the verbs, over 1,000 SKUs and on one SKU, its level whole and
  in 16 parts, each beside pgbench writing the same rows by bare SQL in the same database.
- `manage.py audit` over 1,000,000 movements.
- The stock list and a stock card at 1,000,000 movements, beside the same pages at 10,000.
"""

import json
import statistics
import subprocess
import sys
import time

from bench.product import Product, fresh_product

SECONDS, CONNECTIONS, ROUNDS = 5.0, 8, 3
FEW, MANY = 10_000, 1_000_000
SEED = """
from django.utils import timezone
from erp.access.actions import ensure_ground
from erp.access.queries import job_actor
from erp.once import perform
from inventory.stock.actions.ledger import Change
from inventory.stock.actions.places import open_warehouse
from inventory.stock.actions.receive import receive_stock
from inventory.models import Sku
perform(ensure_ground)
by, now = job_actor("scheduler"), timezone.now()
skus = Sku.objects.bulk_create(Sku(code=f"S{n:04d}", name=f"SKU {n}", weight_g=300) for n in range(1000))
warehouse = perform(open_warehouse, by=by, code="A", name="A", country="CN", priority=1)
perform(receive_stock, warehouse_id=warehouse.pk, changes=[Change(s.pk, 1_000_000) for s in skus],
        reference="bench", by=by, now=now)
"""
SPLIT = """
from django.utils import timezone
from erp.access.queries import job_actor
from erp.once import perform
from inventory.stock.actions.split import split_level
from inventory.models import Sku, Warehouse
perform(split_level, sku_id=Sku.objects.get(code="S0000").pk, warehouse_id=Warehouse.objects.get().pk, parts={parts},
        by=job_actor("scheduler"), now=timezone.now())
"""
# The rows of a hold and its release: a reservation, its level, the events that tell of it.
ROWS = """
\\set sku random(:first, :last)
\\set part random(0, :parts - 1)
BEGIN;
INSERT INTO inventory_reservation (holder_kind, holder_id, sku_id, warehouse_id, part, quantity, status, expires_at)
SELECT 'cart', :sku, :sku, id, :part, 1, 'held', now() + interval '15 minutes' FROM inventory_warehouse RETURNING id AS made \\gset
COMMIT;
BEGIN;
UPDATE inventory_reservation SET status = 'released' WHERE id = :made;
SELECT erp_record_events(jsonb_build_array(
    jsonb_build_object('topic', 'stock.changed', 'subject', 'cart:1', 'channel_id', NULL,
                       'facts', jsonb_build_object('sku_ids', jsonb_build_array(:sku)), 'subscribers', '[]'::jsonb),
    jsonb_build_object('topic', 'stock.arrived', 'subject', 'cart:1', 'channel_id', NULL,
                       'facts', jsonb_build_object('sku_ids', jsonb_build_array(:sku)),
                       'subscribers', jsonb_build_array('orders.tasks.goods_came'))));
COMMIT;
"""
# Movements by the application's own role and triggers: what came in, went out, moved to another bin.
MOVEMENTS = """
INSERT INTO inventory_stockmovement (sku_id, quantity, from_place_id, to_place_id, kind, cause_type, cause_id,
    cause_line, cause_step, reason, by_id, at)
SELECT (SELECT min(id) FROM inventory_sku) + n % 1000, 1 + n % 3,
       CASE WHEN n % 4 = 0 THEN outside.supplier ELSE inside.bin END,
       CASE n % 4 WHEN 0 THEN inside.bin WHEN 1 THEN inside.apart ELSE outside.customer END,
       CASE n % 4 WHEN 0 THEN 'receive' WHEN 1 THEN 'move' ELSE 'ship' END,
       CASE n % 4 WHEN 0 THEN 'receipt' WHEN 1 THEN 'move' ELSE 'shipment' END, (n / 20)::text, n::text, '', '',
       (SELECT min(id) FROM erp_actor), now() - interval '1 second' * ({last} - n)
FROM generate_series({first}, {last} - 1) n,
     (SELECT min(id) FILTER (WHERE kind = 'bin') AS bin, min(id) FILTER (WHERE kind = 'damaged') AS apart
      FROM inventory_place WHERE warehouse_id IS NOT NULL) inside,
     (SELECT min(id) FILTER (WHERE kind = 'supplier') AS supplier, min(id) FILTER (WHERE kind = 'customer') AS customer
      FROM inventory_place WHERE warehouse_id IS NULL) outside;
"""


def main() -> None:
    """Measure and print."""
    with fresh_product(hosts="127.0.0.1,testserver") as product:
        product.shell(SEED)
        _reserve(product)
        _pages_and_audit(product)


def _reserve(product: Product) -> None:
    first = int(product.psql("SELECT min(id) FROM inventory_sku"))
    print(
        f"{'reserve + release, ' + str(CONNECTIONS) + ' connections':42}   pairs/s  pgbench/s   ratio"
    )
    for name, last, parts in (
        ("over 1,000 SKUs", first + 999, 1),
        ("on one SKU, its level whole", first, 1),
        ("on one SKU, its level in 16 parts", first, 16),
    ):
        product.shell(SPLIT.format(parts=parts))
        ours, bare = [], []
        for _ in range(ROUNDS):
            ours.append(_pumps(product, first, last))
            bare.append(_pgbench(product, first, last, parts))
        verbs, rows = statistics.median(ours), statistics.median(bare)
        print(f"{name:42} {verbs:9.0f} {rows:10.0f} {verbs / rows:7.2f}", flush=True)
    product.shell(SPLIT.format(parts=1))


def _pumps(product: Product, first: int, last: int) -> float:
    """Pairs a second of `CONNECTIONS` processes that call the verbs."""
    call = f"from bench.stock import pump; pump({first}, {last}, {SECONDS})"
    running = [
        subprocess.Popen(
            [sys.executable, "manage.py", "shell", "--no-imports", "-c", call],
            env=product.env,
            stdout=subprocess.PIPE,
            stdin=subprocess.PIPE,
            text=True,
        )
        for _ in range(CONNECTIONS)
    ]
    for process in running:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
    for process in running:
        assert process.stdin is not None
        process.stdin.write("go\n")
        process.stdin.flush()
    return sum(float(process.communicate()[0].split()[-1]) for process in running)


def pump(first: int, last: int, seconds: float) -> None:
    """Hold a unit for a cart and give it back, as long as there is time; print pairs a second."""
    import random

    from django.utils import timezone

    from erp.access.queries import job_actor
    from erp.events.record import _hints
    from erp.once import perform
    from inventory.stock.actions.reserve import hold_for_cart, release_stock

    by, now = job_actor("scheduler"), timezone.now()
    _hints.give = lambda *_task: None  # type: ignore[assignment]  # nobody works the outbox here

    def pair() -> None:
        sku, cart = random.randint(first, last), random.getrandbits(59)
        perform(hold_for_cart, cart_id=cart, wanted={sku: 1}, by=by, now=now, expires_at=now)
        perform(release_stock, holder_kind="cart", holder_ids=[cart], by=by)

    for _ in range(20):
        pair()
    print("ready", flush=True)
    sys.stdin.readline()
    done, began = 0, time.perf_counter()
    while time.perf_counter() - began < seconds:
        pair()
        done += 1
    print(done / (time.perf_counter() - began))


def _pgbench(product: Product, first: int, last: int, parts: int) -> float:
    script = product.folder / "rows.pgbench"
    script.write_text(ROWS)
    variables = (f"first={first}", f"last={last}", f"parts={parts}")
    said = product.pgbench(
        script,
        *("-c", str(CONNECTIONS), "-j", "2", "-T", str(int(SECONDS))),
        *(option for variable in variables for option in ("-D", variable)),
    )
    return float(said.split("tps = ")[1].split()[0])


def _pages_and_audit(product: Product) -> None:
    _move(product, 0, FEW)
    few = _pages(product)
    for begin in range(FEW, MANY, 20_000):
        _move(product, begin, min(begin + 20_000, MANY))
    product.psql("VACUUM ANALYZE")
    many = _pages(product)
    print(f"\n{'page, ms':42} p95 at {FEW:,}  p95 at {MANY:,}   ratio")
    for page, p95 in few.items():
        print(f"{page:42} {p95:13.1f} {many[page]:15.1f} {many[page] / p95:7.2f}")
    began = time.perf_counter()
    done = subprocess.run(
        [sys.executable, "manage.py", "audit", "--json"],
        env=product.env,
        capture_output=True,
        text=True,
        check=False,
    )
    seconds = time.perf_counter() - began
    count = product.psql("SELECT count(*) FROM inventory_stockmovement")
    laws = json.loads(done.stdout.splitlines()[-1])
    verdict = "every law holds" if done.returncode == 0 else "BROKEN"
    print(
        f"\naudit of {int(count):,} movements: {seconds:.1f} s, {verdict} ({len(str(laws)):,} bytes of proof)"
    )


def _move(product: Product, first: int, last: int) -> None:
    product.psql(MOVEMENTS.format(first=first, last=last))


def _pages(product: Product) -> dict[str, float]:
    call = "from bench.stock import time_pages; time_pages()"
    return json.loads(product.shell(call).splitlines()[-1])


def time_pages(rounds: int = 60) -> None:
    """Print the p95 of the stock list and a stock card, in ms, as one line of JSON."""
    from django.test import Client

    from erp.access.actions import add_person
    from erp.access.models import User
    from erp.access.queries import job_actor

    if not User.objects.filter(username="bench").exists():
        add_person(
            username="bench",
            name="Bench",
            email="",
            role="owner",
            password=None,
            by=job_actor("scheduler"),
        )
    client = Client()
    client.force_login(
        User.objects.get(username="bench"),
        backend="allauth.account.auth_backends.AuthenticationBackend",
    )
    pages = ("/inventory/", "/inventory/?short=1", "/inventory/?q=s05", "/inventory/S0007/")
    taken: dict[str, list[float]] = {page: [] for page in pages}
    for page in pages:
        assert client.get(page).status_code == 200, page
    for _ in range(rounds):
        for page in pages:
            began = time.perf_counter()
            client.get(page)
            taken[page].append((time.perf_counter() - began) * 1000)
    print(json.dumps({p: statistics.quantiles(t, n=20)[-1] for p, t in taken.items()}))
