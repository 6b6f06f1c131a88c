"""Receivers count what they took, and tell it from what they only heard."""

import urllib.error
import urllib.request

import pytest

from faults.receivers import Receiver


@pytest.fixture
def receiver():
    receiver = Receiver("good")
    receiver.open()
    yield receiver
    receiver.close()


def post(receiver: Receiver, message_id: str, body: bytes = b"{}") -> bool:
    """Whether a webhook was answered well."""
    request = urllib.request.Request(receiver.url, body, {"webhook-id": message_id})
    try:
        with urllib.request.urlopen(request, timeout=10) as answer:
            return answer.status == 204
    except OSError:
        return False


def test_what_was_answered_well_is_taken(receiver):
    assert post(receiver, "evt_1")
    assert post(receiver, "evt_1")
    assert (receiver.heard["evt_1"], receiver.taken["evt_1"], receiver.differing) == (2, 2, set())


def test_what_was_answered_badly_was_heard_and_is_not_taken(receiver):
    receiver.fails, receiver.again = 1.0, True
    assert not any(post(receiver, "evt_1") for _try in range(8))
    assert (receiver.heard["evt_1"], receiver.taken["evt_1"]) == (8, 0)


def test_what_was_answered_badly_once_is_taken_the_next_time():
    receiver = Receiver("good", fails=1.0)
    receiver.open()
    try:
        assert not post(receiver, "evt_1")
        assert post(receiver, "evt_1")
    finally:
        receiver.close()


def test_an_id_that_comes_with_two_bodies_is_noticed(receiver):
    post(receiver, "evt_1", b"one")
    post(receiver, "evt_1", b"two")
    assert receiver.differing == {"evt_1"}


def test_who_does_not_listen_can_listen_again_at_the_same_port(receiver):
    receiver.close()
    assert not post(receiver, "evt_1")
    receiver.open()
    assert post(receiver, "evt_1")
