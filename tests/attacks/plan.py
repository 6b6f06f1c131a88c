"""Which of the hostile values are tried in which place: a sample by a seed, or all of them.

`ATTACKS=full` (`make attacks`) tries every place, each with some of the values, as far as ten minutes go, or with so
many times as many as `DEPTH` says: 4 are 200,000 inputs. Otherwise a place is given a few. Which they are is chosen by
the seed: the commit's own, so that a commit is judged alike wherever it is tried; `ATTACKS_SEED` names another.
What was once answered wrongly stands in `kept.jsonl` and is tried in every run.
"""

import json
import os
import random
import subprocess
import zlib
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TypeVar

T = TypeVar("T")
IS_FULL = os.environ.get("ATTACKS") == "full"
DEPTH = int(os.environ.get("DEPTH") or 1)
KEPT = Path(__file__).with_name("kept.jsonl")


def _seed() -> int:
    if named := os.environ.get("ATTACKS_SEED"):
        return int(named)
    asked = subprocess.run(
        ["git", "rev-parse", "HEAD"], cwd=KEPT.parent, capture_output=True, check=False
    )
    return zlib.crc32(asked.stdout)


SEED = _seed()


def _kept() -> dict[str, list[str]]:
    """The names of values by the place where they were answered wrongly once."""
    found = dict[str, list[str]]()
    for line in KEPT.read_text().splitlines():
        said = json.loads(line)
        found.setdefault(said["at"], []).append(said["value"])
    return found


WERE_WRONG = _kept()


def some(values: Mapping[str, T], count: int, at: str, full: int = 0) -> Iterator[tuple[str, T]]:
    """(name, value): those to try in a place.

    count   how many of a sample
    full    how many of a full run; 0 = all of them
    """
    most = (full * DEPTH or len(values)) if IS_FULL else count
    names: Sequence[str] = list(values)
    if most < len(names):
        names = random.Random(f"{SEED} {at}").sample(names, most)
    again = [name for name in WERE_WRONG.get(at, ()) if name in values and name not in names]
    yield from ((name, values[name]) for name in [*names, *again])


def is_left_out(at: str) -> bool:
    """Whether a sample leaves out a route: about every second one, others at the next commit's seed."""
    was_wrong = any(kept.startswith(f"{at} ") for kept in WERE_WRONG)
    return not IS_FULL and not was_wrong and zlib.crc32(f"{SEED} {at}".encode()) % 2 == 0


def some_of(names: Sequence[str], count: int, at: str) -> Sequence[str]:
    """Those of the names to try: all in a full run, a few in a sample."""
    if IS_FULL or count >= len(names):
        return names
    return random.Random(f"{SEED} {at} names").sample(list(names), count)
