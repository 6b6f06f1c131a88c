"""Draws a progress bar on stderr; silent without a terminal."""

import sys
import time


class Bar:
    """How far long work is. `total` None: only what is done so far."""

    WIDTH = 30
    EVERY_S = 0.2

    def __init__(self, label: str, total: int | None) -> None:
        self.label, self.total, self.done = label, total, 0
        self.began = self.shown = time.monotonic()
        self.is_shown = sys.stderr.isatty()

    def advance(self, units: int) -> None:
        self.done += units
        now = time.monotonic()
        if self.is_shown and now - self.shown > self.EVERY_S:
            self.shown = now
            self._show()

    def finish(self) -> None:
        if self.is_shown:
            self._show()
            sys.stderr.write("\n")

    def _show(self) -> None:
        per_second = self.done / max(0.001, time.monotonic() - self.began)
        if self.total:
            filled = round(self.WIDTH * min(1, self.done / self.total))
            bar = "█" * filled + "░" * (self.WIDTH - filled)
            text = f"{bar} {self.done:,}/{self.total:,}"
        else:
            text = f"{self.done:,}"
        sys.stderr.write(f"\r{self.label} {text}  {per_second:,.0f}/s ")
        sys.stderr.flush()
