"""Measures server time of the dashboard's lists and searches on a demo of any size.

`python -m bench pages` measures the engines that DATABASE_URL names, or a demo of 1,000 orders of its
own; run it on both to see how a page grows. Each page is asked for in turn, so that noise falls on all alike.
"""

import gc
import os
import statistics
import time

from bench.product import fresh_product

ROUNDS = int(os.environ.get("ROUNDS", "40"))
PAGES = (
    "/",
    "/orders/",
    "/orders/?status=pending",
    "/orders/?status=confirmed&fulfillment_status=unfulfilled",
    "/orders/?status=cancelled",
    "/orders/?status=completed",
    "/orders/?payment_status=unpaid",
    "/orders/?payment_status=paid",
    "/orders/?fulfillment_status=partial",
    "/orders/?return_status=requested",
    "/orders/?channel=web",
    "/orders/?channel=mail",
    "/orders/?channel=file",
    "/orders/?sku=TEA-001",
    "/orders/?hold=1",
    "/orders/?late=1",
    "/orders/?short=1",
    "/orders/?q=张",
    "/orders/?q=建国",
    "/orders/?q=王 李",
    "/orders/?q=anna",
    "/orders/?q=sophie martin",
    "/orders/?q=0001",
    "/orders/?q=TEA-001",
    "/orders/?q=张&status=pending",
    "/orders/review/",
    "/customers/",
    "/customers/?q=王",
    "/customers/?q=anna",
    "/customers/?q=王 李",
    "/inventory/",
    "/shipments/",
    "/shipments/?status=delivery_failed",
    "/shipments/?status=delivered",
    "/fulfillment/",
    "/returns/",
    "/counters/?home=1",
    "/lists/orders/counts/",
    "/orders/?sort=placed",
    "/orders/?sort=-changed",
    "/orders/?placed_from=2026-01-10&placed_to=2026-01-20",
    "/orders/?q=sohpie",
    "/customers/?q=sohpie",
    "/palette/?q=anna",
    "/palette/?q=王",
    "/orders/new/",
    "/orders/new/customers/?q=0001",
    "/orders/new/skus/?q=tea",
    "/jobs/",
    "/settings/audit-log/",
)


def main() -> None:
    """Measure and print the table."""
    if "DATABASE_URL" in os.environ:
        _measure()
        return
    with fresh_product(hosts="testserver") as product:
        product.show("manage.py", "prepare", "--no-demo")
        product.show("manage.py", "demo", "--orders", "1000")
        product.show("-m", "bench", "pages")


def _measure() -> None:
    os.environ["DJANGO_SETTINGS_MODULE"] = "erp.settings"
    os.environ.setdefault("ALLOWED_HOSTS", "testserver")
    import django

    django.setup()
    from django.db import connection, reset_queries
    from django.test import Client
    from django.test.utils import CaptureQueriesContext

    from erp.access.models import User
    from orders.models import Order

    reset_queries()
    client = Client()
    client.force_login(
        User.objects.get(username="owner"),
        backend="allauth.account.auth_backends.AuthenticationBackend",
    )
    gc.collect()  # as the web's own workers do
    gc.freeze()
    gc.set_threshold(20_000, 20, 50)
    taken: dict[str, list[float]] = {page: [] for page in PAGES}
    counted: dict[str, int] = {}
    for page in PAGES:
        with CaptureQueriesContext(connection) as statements:
            answer = client.get(page)
        assert answer.status_code == 200, (page, answer.status_code)
        counted[page] = len(statements)
    for _ in range(ROUNDS):
        for page in PAGES:
            start = time.perf_counter()
            client.get(page)
            taken[page].append((time.perf_counter() - start) * 1000)
    print(f"{Order.objects.count():,} orders, {ROUNDS} rounds")
    print(f"{'':60} p50 ms  p95 ms  statements")
    for page, times in taken.items():
        p95 = statistics.quantiles(times, n=20)[-1]
        print(f"{page:60} {statistics.median(times):6.1f} {p95:7.1f} {counted[page]:11}")
