"""No request ends the keeper of readers, and a file that one died with is not to blame."""

import os
import signal
import socket

import pytest

from erp.sandbox import call, keeper
from erp.sandbox.limits import ReaderFailed, ReaderStopped
from tests.erp.sandbox.test_limits import read

MB = 1024 * 1024


def keeper_pid() -> int:
    assert list(read("lines")) == ["one", "two"]
    process = call.keeper_process()
    assert process is not None
    return process.pid


@pytest.mark.parametrize("size", [0, 60_000, 70_000, 300_000, 5 * MB])
def test_a_reader_is_told_as_much_as_its_caller_has_to_say(size):
    pid = keeper_pid()
    assert list(read("measures", told="x" * size)) == [size]
    assert keeper_pid() == pid


@pytest.mark.parametrize("length", [1, 200, keeper.REQUEST - 1, keeper.REQUEST, 60_000])
def test_a_request_that_cannot_be_read_is_its_own(length):
    pid = keeper_pid()
    mine, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    with mine, theirs:
        for fds in ([], [theirs.fileno()], [theirs.fileno()] * 3, [theirs.fileno()] * 9):
            socket.send_fds(call._socket(), [b"\xc1" * length], fds)
        assert keeper_pid() == pid
        mine.settimeout(10)
        assert b"failed" in mine.recv(60_000)


def test_arguments_that_no_reader_takes_are_its_failure_alone():
    pid = keeper_pid()
    with pytest.raises(ReaderFailed):
        list(read("lines", unheard_of=1))
    assert keeper_pid() == pid


def test_half_a_character_is_marked_as_lost():
    (found,) = read("halves")
    assert found == {"name": ["order-\ufffd\ufffd.csv"], "bytes": b"\xff"}
    assert list(read("measures", told="\ud800x")) == [2]


def test_a_file_whose_keeper_died_before_it_was_begun_is_read_after_all(monkeypatch):
    pid = keeper_pid()
    os.kill(pid, signal.SIGSTOP)  # so that the request waits in its queue
    found = read("lines")
    asked = call._ask

    def ask_and_kill(request: bytes, files: list[int]) -> None:
        asked(request, files)
        monkeypatch.setattr(call, "_ask", asked)
        os.kill(pid, signal.SIGKILL)

    monkeypatch.setattr(call, "_ask", ask_and_kill)
    assert list(found) == ["one", "two"]
    assert keeper_pid() != pid


def test_a_reader_that_leaves_is_not_tried_again():
    with pytest.raises(ReaderStopped) as stopped:
        list(read("leaves"))
    assert stopped.value.reason == "died"
