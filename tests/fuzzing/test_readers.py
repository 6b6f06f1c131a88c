"""A sample of `make fuzz`: every reader with some changed files, and with what once was a fault."""

import os
import time
from random import Random

import pytest

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


def test_every_sandboxed_reader_is_fuzzed():
    """A reader that is listed as sandboxed and stands in no target would never be tried."""
    from erp.wiring import SANDBOXED

    tried = {"erp.file_rows", "erp.foreign_xml", "erp.pictures"}
    tried |= {"orders.intake.edi.interchanges", "orders.intake.mail.mail"}
    assert set(SANDBOXED) == tried
