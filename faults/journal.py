"""Writes down what clients asked and were answered, so that it is there whatever dies, and reads it back."""

import json
import math
import os
import threading
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

PLACINGS = frozenset({"place", "bulk"})  # one by one, or many in one call
READS = frozenset({"read", "levels"})
REFUNDS = frozenset({"propose", "approve", "complete"})
WRITES = PLACINGS | REFUNDS | {"pay", "cancel", "ship", "return", "receive", "adjust"}


@dataclass(frozen=True)
class Operation:
    """One thing a client asked for, under one key, however often it had to ask.

    asked      what it wanted, in plain words: the order's number, units by SKU, an amount in cents
    outcome    "ok", "fail" (refused, so it did not happen) or "unknown" (it did or did not)
    said       what the answer of "ok" said, or the code of a refusal
    ended_at   when the answer came; never, where it is unknown
    tries      what the tries before the last one came to: "503", "dropped", "late" …
    tried_at   when each of them came to that
    """

    id: int
    kind: str
    key: str
    asked: Mapping[str, Any]
    invoked_at: float
    ended_at: float = math.inf
    outcome: str = "unknown"
    said: Mapping[str, Any] = field(default_factory=dict)
    tries: tuple[str, ...] = ()
    tried_at: tuple[float, ...] = ()

    @property
    def order(self) -> str:
        """The number of the order that it is about; "" where there is none, or none is known."""
        return str(self.asked.get("order") or self.said.get("number") or "")

    @property
    def is_placing(self) -> bool:
        """Whether it asked for an order."""
        return self.kind in PLACINGS

    @property
    def happened(self) -> bool:
        """Whether it was acknowledged."""
        return self.outcome == "ok"

    @property
    def is_possible(self) -> bool:
        """Whether it happened, or may have."""
        return self.outcome != "fail"


class Journal:
    """A file of lines, each on disk before the client goes on."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._stream = path.open("ab", buffering=0)
        self._lock = threading.Lock()
        self._next = 0

    def invoke(self, kind: str, key: str, asked: Mapping[str, Any]) -> int:
        """Write down that something is about to be asked for; return its id."""
        return self.invoke_all(kind, [(key, asked)])[0]

    def invoke_all(self, kind: str, wanted: Sequence[tuple[str, Mapping[str, Any]]]) -> list[int]:
        """Write down what is about to be asked for in one call, a key and what is asked each; return their ids."""
        with self._lock:
            ids = list(range(self._next + 1, self._next + 1 + len(wanted)))
            self._next += len(wanted)
        self._write(
            *(
                {"what": "invoke", "op": op, "kind": kind, "key": key, "asked": asked}
                for op, (key, asked) in zip(ids, wanted, strict=True)
            )
        )
        return ids

    def tried(self, op: int, how: str) -> None:
        """Write down a try that brought no answer to rely on."""
        self._write({"what": "tried", "op": op, "how": how})

    def ended(self, op: int, outcome: str, said: Mapping[str, Any]) -> None:
        """Write down how it came out: ok, fail or unknown."""
        self.all_ended([(op, outcome, said)])

    def all_ended(self, ends: Iterable[tuple[int, str, Mapping[str, Any]]]) -> None:
        """Write down how what was asked for in one call came out."""
        self._write(*({"what": outcome, "op": op, "said": said} for op, outcome, said in ends))

    def close(self) -> None:
        self._stream.close()

    def _write(self, *lines: dict[str, Any]) -> None:
        at = {"at": time.monotonic()}
        told = [json.dumps(line | at, separators=(",", ":")).encode() + b"\n" for line in lines]
        with self._lock:
            self._stream.write(b"".join(told))
            os.fsync(self._stream.fileno())


def operations_of(lines: Iterable[bytes | str]) -> list[Operation]:
    """Read a journal; what was asked and has no outcome is unknown, a line cut off is left out."""
    begun: dict[int, dict[str, Any]] = {}
    for raw in lines:
        try:
            line = json.loads(raw)
        except ValueError:
            continue
        if line["what"] == "invoke":
            begun[line["op"]] = {
                "id": line["op"],
                "kind": line["kind"],
                "key": line["key"],
                "asked": line["asked"],
                "invoked_at": line["at"],
                "tries": (),
                "tried_at": (),
            }
            continue
        found = begun[line["op"]]
        if line["what"] == "tried":
            found["tries"] = (*found["tries"], line["how"])
            found["tried_at"] = (*found["tried_at"], line["at"])
        else:
            found |= {"outcome": line["what"], "said": line["said"]}
            if line["what"] != "unknown":
                found["ended_at"] = line["at"]
    return [Operation(**values) for _op, values in sorted(begun.items())]


def read(path: Path) -> list[Operation]:
    """The operations of a journal's file."""
    with path.open("rb") as stream:
        return operations_of(stream)
