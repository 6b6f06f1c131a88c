"""`manage.py demo`: makes a believable business, or adds orders until there are N."""

from django.core.management.base import BaseCommand, CommandParser
from django.utils import timezone

from demo.business import make_business
from demo.password import demo_password
from erp.access.queries import job_actor
from erp.jobs.progress import Bar
from orders.models import Order

ORDERS = 2500


class Command(BaseCommand):
    help = "Make the demo business: two years of orders up to now; adds orders until there are N."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--orders", type=int, default=ORDERS, metavar="N")
        parser.add_argument("--seed", type=int, default=1, metavar="S")

    def handle(self, *, orders: int, seed: int, **_options: object) -> None:
        bar = Bar("Demo orders", max(0, orders - Order.objects.count()))
        made = make_business(
            orders=orders,
            seed=seed,
            by=job_actor("demo"),
            now=timezone.now(),
            password=demo_password(),
            advanced=bar.advance,
        )
        bar.finish()
        self.stdout.write(f"The demo has {Order.objects.count():,} orders, {made:,} of them new.")
