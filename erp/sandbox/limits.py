"""Defines what a reader of foreign bytes may use, and what is raised when it would use more."""

from dataclasses import dataclass

MB = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Limits:
    """What reading one file may take.

    memory     bytes beyond what the reader's process has when it begins
    cpu_s      seconds of CPU, and `cpu_s_of_mb` more for each MB of the file
    silence_s  seconds that it may take to the next piece of what it reads, on a machine that is busy as well
    output     bytes of all that it reads
    message    bytes of what it sends at once: its caller holds them, and has no limit of its own
    """

    # With the 80 MB that a reader begins with less than the 300 that a file may take.
    memory: int = 210 * MB
    cpu_s: int = 8
    cpu_s_of_mb: int = 2
    silence_s: float = 20.0
    output: int = 2000 * MB
    message: int = 64 * MB

    def cpu_for(self, size: int) -> int:
        """Seconds of CPU for a file of so many bytes."""
        return self.cpu_s + self.cpu_s_of_mb * size // MB


# Of what waits in a queue for its turn: whoever stands behind it waits as long.
IN_TURN = Limits(cpu_s_of_mb=0)


class ReaderStopped(Exception):
    """A reader was ended because it would have used more than it may, or it died.

    reason   "memory", "cpu", "time", "output", "died" or "failed"
    """

    def __init__(self, reason: str) -> None:
        self.reason = reason
        super().__init__(reason)


class ReaderFailed(ReaderStopped):
    """A reader raised what it should not: a defect of ours. `told` says where, without values.

    For whoever waits it is one more way of being stopped: where it was none, a strange file was an error of the page.
    """

    def __init__(self, told: str) -> None:
        super().__init__("failed")
        self.told = told

    def __str__(self) -> str:
        return self.told
