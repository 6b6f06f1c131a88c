"""Has purchase orders of trading partners read in the sandbox: what they are written in is nobody's we know."""

from collections.abc import Iterator, Mapping
from dataclasses import asdict
from types import ModuleType
from typing import IO, Any
from zoneinfo import ZoneInfo

import msgspec

from erp.sandbox.call import read_in_sandbox
from erp.sandbox.limits import IN_TURN, ReaderStopped
from orders.intake.edi import edifact, ubl, x12
from orders.intake.edi.acknowledgements import Answered, written
from orders.intake.messages.foreign_json import Unreadable
from orders.intake.messages.statements import Statement

NOTATIONS: Mapping[str, ModuleType] = {"x12": x12, "edifact": edifact, "ubl": ubl}


def read(notation: str, body: bytes, *, currency: str, zone: ZoneInfo) -> list[Statement]:
    """What every purchase order of an interchange says. Raises Unreadable.

    zone   in which its channel means its days
    """
    arguments = {"notation": notation, "currency": currency, "zone": zone.key}
    plain = _sandboxed("plain_statements", body, arguments)
    return [msgspec.convert(said, Statement, strict=False) for said in plain]


def plain_statements(
    stream: IO[bytes], *, notation: str, currency: str, zone: str
) -> Iterator[object]:
    """Give what an interchange says as plain values; runs in the sandbox. Raises Unreadable."""
    found = NOTATIONS[notation].read("", stream.read(), currency=currency, zone=ZoneInfo(zone))
    for said in found:
        yield msgspec.to_builtins(said)


def acknowledge(notation: str, said: Answered, original: bytes) -> bytes:
    """Write the answer to a purchase order that was read before. Raises Unreadable."""
    arguments = {"notation": notation, "said": msgspec.to_builtins(asdict(said))}
    return b"".join(_sandboxed("plain_answer", original, arguments))


def plain_answer(stream: IO[bytes], *, notation: str, said: Mapping[str, Any]) -> Iterator[bytes]:
    """Give the answer to a purchase order; runs in the sandbox."""
    yield written(notation, msgspec.convert(said, Answered, strict=False), stream.read())


def _sandboxed(reader: str, body: bytes, arguments: Mapping[str, Any]) -> list[Any]:
    try:
        found = read_in_sandbox(
            f"orders.intake.edi.interchanges:{reader}",
            body,
            arguments=arguments,
            refusals=[Unreadable],
            limits=IN_TURN,
        )
        return list(found)
    except ReaderStopped as stopped:
        raise Unreadable("reader_stopped", why=stopped.reason) from stopped
