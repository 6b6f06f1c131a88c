"""Sends one file by one way, and sees what came of it and of everything else meanwhile."""

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

from faults.hostile.file import HostileFile
from faults.hostile.house import House, open_house
from faults.hostile.other_work import OtherWork
from faults.hostile.verdict import MOST_TRIES, Seen
from faults.hostile.watch import Watch
from faults.hostile.ways import Came, Way, ways_of
from faults.world import NotWhole

WARM_S = 12.0  # of other work alone, so that what is late at the start is not laid to a file
EMPTY_S = 120.0  # in which everything that waits has to be done afterwards
OVERTRIED = """
SELECT 'inbox', max(attempts) FROM orders_incomingmessage UNION ALL
SELECT 'outbox', max(attempts) FROM erp_eventdelivery UNION ALL
SELECT 'jobs', max(deaths) FROM erp_job UNION ALL
SELECT 'messages', max(attempts) FROM erp_message
"""


def run_all(
    files: Sequence[HostileFile], tell: Callable[[Seen], None]
) -> tuple[list[Seen], list[str]]:
    """Send files, each by all its ways; what was seen of each, and what is wrong with the whole afterwards."""
    with open_house() as house:
        work = OtherWork(house.world, house.receiver)
        work.start()
        time.sleep(WARM_S)
        seen: list[Seen] = []
        spans: list[tuple[float, float]] = []
        for file in files:
            for one, span in _by_all_ways(house, work, file):
                seen.append(one)
                spans.append(span)
                tell(one)
        work.stop()
        wrong = _left(house) + work.failed
        # An event that was not heard of when its file was done is by now, or never.
        return [
            replace(s, late=work.worst(*span)) for s, span in zip(seen, spans, strict=True)
        ], wrong


def _by_all_ways(
    house: House, work: OtherWork, file: HostileFile
) -> Iterator[tuple[Seen, tuple[float, float]]]:
    data = file.make()
    outcome = ""
    for way in ways_of(file):
        if way.name == "order job" and outcome != "read":
            continue  # what its page has refused can be made no job
        began = time.monotonic()
        one = send(house, file, data, way)
        span = (began, time.monotonic())
        outcome = one.outcome if way.name == "page" else outcome
        yield replace(one, late=work.worst(*span)), span


def send(house: House, file: HostileFile, data: bytes, way: Way) -> Seen:
    """Send a file by a way, and see what came of it."""
    house.browser.get("/")  # signed in by now: that is no part of what a file takes
    with Watch(house.world) as watch:
        began = time.monotonic()
        try:
            came = way.send(house, file, data)
        except (
            Exception
        ) as trouble:  # what nobody foresaw is a finding, and the others are sent all the same
            came = Came(0, "lost", f"{type(trouble).__name__}: {trouble}")
        seconds = time.monotonic() - began
        deaths = watch.deaths()
    return Seen(
        title=file.title,
        way=way.name,
        status=came.status,
        outcome=came.outcome,
        reason=came.reason,
        named=came.named,
        seconds=seconds,
        tries=came.tries,
        peaks=dict(watch.peaks),
        deaths=deaths,
    )


def _left(house: House) -> list[str]:
    """What waits when all is sent, or was tried more often than it may."""
    wrong = []
    try:
        house.world.wait_until_nothing_is_due(EMPTY_S)
        house.world.wait_until_whole(30)
    except NotWhole as trouble:
        wrong.append(str(trouble))
    tried = house.world.rows(OVERTRIED)
    return wrong + [f"{queue} tried {n} times" for queue, n in tried if (n or 0) > MOST_TRIES]
