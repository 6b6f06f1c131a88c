"""A sample of `make fuzz`: every reader with some changed files, and with what once was a fault."""

import os
import time
from random import Random

import msgspec
import pytest

from erp.sandbox import call
from erp.wiring import SANDBOXED
from tests.fuzzing.mutations import mutated
from tests.fuzzing.targets import KEPT, TARGETS

FILES = int(os.environ.get("FUZZ_FILES", "40"))
SEED = int(os.environ.get("FUZZ_SEED", "0")) or int(time.time())


@pytest.mark.parametrize("name", TARGETS)
def test_a_changed_file_is_read_or_refused(name):
    target, random = TARGETS[name], Random(SEED)
    for n in range(FILES):
        data = mutated(random.choice(target.seeds), target.seeds, random)
        try:
            target.read(data)
        except target.refusals:
            continue
        except Exception as fault:
            pytest.fail(f"FUZZ_SEED={SEED}, file {n} of {name}: {fault!r} of {data[:300]!r}")


@pytest.mark.parametrize("name", TARGETS)
def test_every_reader_reads_what_nobody_changed(name):
    for data in TARGETS[name].seeds:
        assert TARGETS[name].read(data)


@pytest.mark.parametrize("path", sorted(KEPT.glob("*")), ids=lambda path: path.name)
def test_what_once_was_a_fault_is_none(path):
    target = TARGETS[path.name.rpartition("-")[0]]
    try:
        target.read(path.read_bytes())
    except target.refusals:
        return


def test_every_sandboxed_reader_is_fuzzed(monkeypatch):
    """A reader that is listed as sandboxed and that no target asks would never be tried."""
    asked, ask = set(), call._ask

    def noted(request, files):
        asked.add(msgspec.msgpack.decode(request).get("reader", "").partition(":")[0])
        ask(request, files)

    monkeypatch.setattr(call, "_ask", noted)
    for target in TARGETS.values():
        target.read(target.seeds[0])

    assert asked - {""} == set(SANDBOXED)
