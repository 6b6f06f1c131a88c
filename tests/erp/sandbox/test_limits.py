"""Whatever a reader does with a foreign file, its caller gets what was read, a refusal or a reason, and goes on."""

import os
import signal
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from erp.sandbox import call
from erp.sandbox.call import read_in_sandbox
from erp.sandbox.limits import MB, Limits, ReaderFailed, ReaderStopped
from tests.erp.sandbox.readers import Refused

SMALL = Limits(memory=100 * MB, cpu_s=1, silence_s=60.0, output=20 * MB)
IMPATIENT = Limits(memory=100 * MB, cpu_s=1, silence_s=0.5)


def read(
    reader: str,
    source: bytes | Path = b"one\ntwo\n",
    limits: Limits = SMALL,
    **arguments: object,
) -> Iterator[object]:
    return read_in_sandbox(
        f"tests.erp.sandbox.readers:{reader}",
        source,
        arguments=arguments,
        refusals=[Refused],
        limits=limits,
    )


def children() -> list[int]:
    """The processes that read at this moment, of the keeper that serves this one."""
    of = call.keeper_process()
    assert of is not None
    return [int(pid) for pid in Path(f"/proc/{of.pid}/task/{of.pid}/children").read_text().split()]


def wait_until_nobody_reads() -> None:
    for _time in range(100):
        if not children():
            return
        time.sleep(0.05)
    raise AssertionError(children())


@pytest.mark.parametrize("source", ["bytes", "path"])
def test_what_is_read_comes_in_order(tmp_path, source):
    text = "".join(f"{n}\n" for n in range(20_000))
    path = tmp_path / "a"
    path.write_text(text)

    found = list(read("lines", text.encode() if source == "bytes" else path))

    assert found == text.split()


def test_a_refusal_comes_after_what_was_read_before_it():
    found = read("lines", b"one\ntwo\nthree\n", most=2)
    assert [next(found), next(found)] == ["one", "two"]
    with pytest.raises(Refused, match="line 2"):
        next(found)


@pytest.mark.parametrize(
    ("reader", "reason"),
    [
        ("allocates", "memory"),
        ("allocates_by_and_by", "memory"),
        ("nests", "memory"),
        ("aborts", "memory"),
        ("breaks", "memory"),
        ("leaves", "died"),
        ("computes", "cpu"),
        ("sleeps", "time"),
        ("talks", "output"),
    ],
)
def test_a_reader_that_takes_too_much_is_ended_with_its_reason(reader, reason):
    began = time.monotonic()
    with pytest.raises(ReaderStopped) as stopped:
        list(read(reader, limits=IMPATIENT if reason == "time" else SMALL))

    assert stopped.value.reason == reason
    assert time.monotonic() - began < 30  # of a busy machine
    assert list(read("lines")) == ["one", "two"]
    wait_until_nobody_reads()


def test_no_message_is_more_than_its_caller_can_hold():
    limits = Limits(memory=100 * MB, cpu_s=2, message=MB)
    with pytest.raises(ReaderStopped) as stopped:
        list(read("shouts", limits=limits))
    assert stopped.value.reason == "output"


def test_a_defect_of_ours_is_told_with_its_traceback():
    with pytest.raises(ReaderFailed, match="ZeroDivisionError"):
        list(read("fails"))


def test_a_reader_writes_no_file(tmp_path):
    with pytest.raises(ReaderFailed):
        list(read("writes", path=str(tmp_path / "a")))
    assert not (tmp_path / "a").exists() or not (tmp_path / "a").read_text()


def test_a_reader_knows_no_secret_and_no_database(monkeypatch):
    told = " ".join(map(str, read("knows")))

    assert "nobody@/nothing" in told
    for name in ("SECRET_KEY", "DATABASE_URL", "REDIS_URL"):
        if secret := os.environ.get(name):
            assert secret not in told


def test_a_reader_has_its_file_and_its_answers_open_alone():
    others = [name for name in read("has_open") if not str(name).startswith(("/dev/", "socket:"))]
    assert all("memfd:foreign" in str(name) for name in others), others


def test_whoever_stops_listening_ends_the_reader():
    found = read("talks")
    next(found)
    found.close()
    wait_until_nobody_reads()


def test_a_keeper_that_died_is_started_again():
    assert list(read("lines")) == ["one", "two"]
    found = read("numbers", most=10**7)
    next(found)
    os.kill(call.keeper_process().pid, signal.SIGKILL)

    with pytest.raises(ReaderStopped):
        list(found)

    assert list(read("lines")) == ["one", "two"]


def test_threads_read_at_once():
    with ThreadPoolExecutor(8) as threads:
        found = list(threads.map(lambda n: sum(read("numbers", most=n)), range(1000, 1032)))
    assert found == [sum(range(n)) for n in range(1000, 1032)]


def test_a_fork_of_the_house_reads_by_the_same_keeper():
    assert list(read("lines")) == ["one", "two"]
    pid = os.fork()
    if pid == 0:
        os._exit(0 if list(read("lines")) == ["one", "two"] else 1)
    assert os.waitpid(pid, 0)[1] == 0
