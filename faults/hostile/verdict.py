"""Judges what came of one file by one way: pure, so that it is tried on histories made by hand."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

MOST_S, MOST_MB, MOST_TRIES, MOST_LATE_S = 10.0, 300.0, 5, 5.0
# How it may come out: what it says was taken, it was refused at once, a person is told to look, it was given up.
OUTCOMES = frozenset({"read", "refused", "held", "parked"})


@dataclass(frozen=True)
class Seen:
    """What was seen of one file by one way.

    status    the worst answer on the way, 0 where there was none
    outcome   one of OUTCOMES, "waiting" where it did not come out in time, "lost" where nothing is known of it
    reason    why it was not read, in words that people are shown
    named     whether they are shown which file it was
    tries     how often its queue tried it; 1 where there is no queue
    peaks     megabytes that a process of each part held at most
    deaths    processes of web or worker that are gone, in words
    late      seconds that other work was late: "order", "event", "tick"
    """

    title: str
    way: str
    status: int = 0
    outcome: str = "lost"
    reason: str = ""
    named: bool = False
    seconds: float = 0.0
    tries: int = 1
    peaks: Mapping[str, float] = field(default_factory=dict)
    deaths: Sequence[str] = ()
    late: Mapping[str, float] = field(default_factory=dict)


def misses(seen: Seen) -> list[str]:
    """What was promised of every file and did not hold, in words."""
    found = [f"died: {what}" for what in seen.deaths]
    if seen.status >= 500 or not seen.status:
        found.append(f"answered {seen.status or 'nothing'}")
    if seen.outcome not in OUTCOMES:
        found.append("silently lost" if seen.outcome == "lost" else f"still {seen.outcome}")
    elif seen.outcome != "read" and not seen.reason:
        found.append(f"{seen.outcome} without a reason")
    if seen.outcome in OUTCOMES and not seen.named:
        found.append("nobody is told which file it was")
    if seen.seconds > MOST_S:
        found.append(f"took {seen.seconds:.1f} s")
    if seen.tries > MOST_TRIES:
        found.append(f"tried {seen.tries} times")
    found += [f"{part} held {mb:.0f} MB" for part, mb in seen.peaks.items() if mb > MOST_MB]
    found += [f"{what} {late:.1f} s late" for what, late in seen.late.items() if late > MOST_LATE_S]
    return found
