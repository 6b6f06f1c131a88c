"""Starts the product with all ways in, and knows how each is asked and what became of what went in."""

import contextlib
import http.client
import json
import time
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from celery import Celery

from faults.hostile.browser import Browser, asked
from faults.hostile.mailbox import Mailbox
from faults.hostile.other_work import Timed
from faults.hostile.seed import PASSWORD, PERSON, seed_script
from faults.world import World

LATE_S = 60.0  # after which nothing is waited for: it is judged as it stands
EVERY_S = 0.05
LONG_S = (
    840.0  # of a session before somebody signs in anew: what is sensitive asks for it after 900
)


class Answer(NamedTuple):
    """What the API answered: a problem's document where it refused."""

    status: int
    document: Mapping[str, Any]


class House:
    """The product as strangers reach it: a browser of somebody who signed in, the API, a mailbox."""

    def __init__(self, world: World, receiver: Timed, mailbox: Mailbox) -> None:
        self.world, self.receiver, self.mailbox = world, receiver, mailbox
        self._browser: Browser | None = None
        self._signed_in_at = 0.0
        self.broker = Celery(broker=_broker_url(world.engines.environment()["REDIS_URL"]))

    @property
    def browser(self) -> Browser:
        """Somebody who may do everything."""
        if self._browser is None or time.monotonic() - self._signed_in_at > LONG_S:
            self._browser = Browser(self.world.port)
            self._browser.sign_in(PERSON, PASSWORD)
            self._signed_in_at = time.monotonic()
        return self._browser

    def post(self, path: str, body: bytes, headers: Mapping[str, str] | None = None) -> Answer:
        """Post bytes to the API."""
        named = {"Authorization": f"Bearer {self.world.keys.shop}", **(headers or {})}
        connection = http.client.HTTPConnection("127.0.0.1", self.world.port, timeout=LATE_S)
        try:
            answer = asked(connection, "POST", f"/api/v1/{path}", body, named)
            document = json.loads(answer.read())
            return Answer(answer.status, document)
        except (OSError, http.client.HTTPException, ValueError) as error:
            return Answer(0, {"detail": f"{type(error).__name__}: {error}"})
        finally:
            connection.close()

    def fetch_mail(self) -> None:
        """Have the mailbox asked now rather than within a minute, by the worker that asks it then."""
        self.broker.send_task("orders.tasks.fetch_mail", queue="outside")

    def settled(self, sql: str, given: object, seconds: float = LATE_S) -> tuple[Any, ...] | None:
        """Wait for a row whose first column comes true; the row as it is by then, None where there is none."""
        deadline = time.monotonic() + seconds
        while True:
            found = self.world.rows(sql, given)
            if (found and found[0][0]) or time.monotonic() > deadline:
                return found[0] if found else None
            time.sleep(EVERY_S)


def _broker_url(url: str) -> str:
    """The broker's address as `erp.settings` writes it."""
    return url.replace("unix://", "redis+socket://").replace("?db=", "?virtual_host=")


@contextlib.contextmanager
def open_house() -> Iterator[House]:
    """Have the product run with all ways in, and leave nothing of it afterwards."""
    world, mailbox, receiver = World(), Mailbox(), Timed("good")
    world.receivers.good, world.receivers.all = receiver, (receiver,)
    mailbox.open()
    try:
        with world.running():
            world.manage("shell", "--no-imports", "-c", seed_script(mailbox.port))
            yield House(world, receiver, mailbox)
    finally:
        mailbox.close()
