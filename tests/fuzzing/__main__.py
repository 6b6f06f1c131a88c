"""Runs `make fuzz`: each reader for so many seconds; what is a fault is kept as a file, and exits 1."""

import argparse
import hashlib
import os
import sys
import time
import traceback
from collections import Counter
from random import Random

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "erp.settings")
os.environ.setdefault("DATABASE_URL", "postgres://nobody@/nothing")
os.environ.setdefault("SECRET_KEY", "of-the-fuzzer-which-signs-nothing-at-all-here")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=600)
    parser.add_argument("--only", default="", help="one reader")
    parser.add_argument("--seed", type=int, default=int(time.time()))
    given = parser.parse_args()
    django.setup()
    from tests.fuzzing.targets import TARGETS

    names = [given.only] if given.only else list(TARGETS)
    print(f"seed {given.seed}, {given.seconds:.0f} s for each of {', '.join(names)}", flush=True)
    faults = sum([fuzz(name, given.seconds, given.seed) for name in names])
    return 1 if faults else 0


def fuzz(name: str, seconds: float, seed: int) -> int:
    """Give a reader changed files for so long; print what came of them, and return how many were faults."""
    from tests.fuzzing.mutations import mutated
    from tests.fuzzing.targets import KEPT, TARGETS

    target, random = TARGETS[name], Random(seed)
    pool = list(target.seeds)
    outcomes: Counter[str] = Counter()
    slowest, until = 0.0, time.monotonic() + seconds
    while time.monotonic() < until:
        data = mutated(random.choice(pool), pool, random)
        began = time.process_time()
        try:
            target.read(data)
        except target.refusals as refusal:
            outcomes[
                f"refused: {str(refusal)[:60]}" if "stopped" in str(refusal) else "refused"
            ] += 1
        except Exception:
            outcomes["fault"] += 1
            KEPT.mkdir(exist_ok=True)
            (KEPT / f"{name}-{hashlib.sha256(data).hexdigest()[:12]}").write_bytes(data)
            traceback.print_exc(limit=-4)
        else:
            outcomes["read"] += 1
            if len(pool) < 200 and random.random() < 0.05:
                pool.append(data)  # what is still read leads further than what is not
        slowest = max(slowest, time.process_time() - began)
    print(
        f"{name:12} {sum(outcomes.values()):8,} files, slowest {slowest:.2f} s CPU here, {dict(outcomes)}",
        flush=True,
    )
    return outcomes["fault"]


if __name__ == "__main__":
    sys.exit(main())
