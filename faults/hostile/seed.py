"""Makes what files go in by: channels with a mailbox and secrets, and somebody who signs in."""

SECRET = "a-secret-that-the-shops-of-this-run-sign-with"
PERSON, PASSWORD = "hand", "who-hands-files-over-17"

SEED = """
from datetime import timedelta
from django.utils import timezone
from erp.access.actions import add_person, set_webhook_secret
from erp.access.models import Channel
from erp.access.queries import job_actor
from erp.once import perform
from orders.intake.mail.actions.mailboxes import connect_mailbox
from orders.models import ChannelPolicy, PriceList
by, now = job_actor("scheduler"), timezone.now()
prices = PriceList.objects.get()
for code, kind in (("mail", "mail"), ("shopify", "shopify"), ("woocommerce", "woocommerce"), ("file", "file")):
    channel = Channel.objects.create(code=code, name=code, kind=kind, currency="CNY")
    ChannelPolicy.objects.create(channel=channel, price_list=prices, review="hold")
    if kind == "mail":
        perform(connect_mailbox, channel_id=channel.pk, host="127.0.0.1", port={port}, user="hand",
                password="any", folder="INBOX", since=now.date() - timedelta(days=2), by=by, now=now)
    if kind in ("shopify", "woocommerce"):
        perform(set_webhook_secret, channel_id=channel.pk, secret={secret!r}, by=by, now=now)
perform(add_person, username={person!r}, name="Hand", email="hand@example.com", role="owner",
        password={password!r}, by=by)
"""


def seed_script(port: int) -> str:
    """The Python that makes it, run in the product after `faults.seed`."""
    return SEED.format(port=port, secret=SECRET, person=PERSON, password=PASSWORD)
