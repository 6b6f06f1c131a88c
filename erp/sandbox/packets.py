"""Sends messages of any length over a socket that keeps packets whole.

A packet that is cut by its sender's death is never taken for one: each begins with a mark that says whether more of
its message follows, and what a keeper says of a dead reader has a mark of its own.
"""

import re
import socket
from typing import Any

import msgspec

MORE, LAST, DIED = b"+", b".", b"!"
HALVES = re.compile("[\ud800-\udfff]")
PACKET = 60_000  # bytes: well below what a socket takes at once

_encoder = msgspec.msgpack.Encoder()
_decoder = msgspec.msgpack.Decoder()


class Died(Exception):
    """The reader is dead. `signal` is what killed it, 0 where it ended by itself."""

    def __init__(self, signal: int) -> None:
        self.signal = signal
        super().__init__(signal)


class Gone(Exception):
    """Whoever was to answer is gone, and had said nothing."""


class TooLong(Exception):
    """A message is longer than what is left of its reader's output."""


def packed(thing: object) -> bytes:
    """Plain values as msgpack; what is half a character in them, which it cannot hold, is marked as lost."""
    try:
        return _encoder.encode(thing)
    except UnicodeEncodeError:
        return _encoder.encode(_whole(msgspec.to_builtins(thing, builtin_types=(bytes,))))


def _whole(thing: object) -> object:
    if isinstance(thing, str):
        return HALVES.sub("\ufffd", thing)
    if isinstance(thing, dict):
        return {_whole(key): _whole(value) for key, value in thing.items()}
    if isinstance(thing, list | tuple):
        return [_whole(each) for each in thing]
    return thing


def send_message(to: socket.socket, message: object) -> None:
    """Send one message of plain values."""
    data = packed(message)
    for start in range(0, max(1, len(data)), PACKET):
        part = data[start : start + PACKET]
        to.sendall((MORE if start + PACKET < len(data) else LAST) + part)


def receive_message(of: socket.socket, *, most: int) -> tuple[Any, int]:
    """Receive one message and its length in bytes. Raises Died, Gone, TooLong, TimeoutError."""
    parts: list[bytes] = []
    size = 0
    while True:
        packet = of.recv(PACKET + 1)
        if not packet and not parts:
            raise Gone
        if not packet or packet[:1] == DIED:
            raise Died(packet[1] if len(packet) > 1 else 0)
        parts.append(packet[1:])
        size += len(packet) - 1
        if size > most:
            raise TooLong
        if packet[:1] == LAST:
            return _decoder.decode(b"".join(parts)), size
