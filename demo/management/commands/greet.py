"""`manage.py greet`: says how to sign in; the last thing `up` prints."""

import os

from django.conf import settings
from django.core.management.base import BaseCommand

from demo.catalogue import PEOPLE
from demo.password import demo_password
from erp.access.actions import change_passwords, first_owner
from erp.access.links import one_time_link
from erp.access.models import User
from erp.access.queries import job_actor
from erp.once import perform


class Command(BaseCommand):
    help = "Print the demo sign-ins, or the one-time link of the first owner."

    def handle(self, **_options: object) -> None:
        path = settings.ERP_DATA_DIR / "demo_password"
        named = os.environ.get("ERP_DEMO_PASSWORD")
        if named and path.exists() and path.read_text().strip() != named:
            perform(change_passwords, usernames=[p[0] for p in PEOPLE], password=demo_password())
        if path.exists() and User.objects.filter(username="service").exists():
            names = ", ".join(username for username, *_rest in PEOPLE)
            self.stdout.write(f"Sign in as {names}\nwith the password {path.read_text().strip()}")
        elif owner := perform(first_owner, by=job_actor("scheduler")):
            self.stdout.write(f"Choose the owner's password here, once: {one_time_link(owner)}")
