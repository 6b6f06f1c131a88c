"""Lets whoever serves go first: commands that take a whole processor for a minute."""

import contextlib
import os

from django.core.management.base import BaseCommand

NICE = 10


class GivesWay(BaseCommand):
    """A command that, with all that it starts, waits for others of the machine that have something to do.

    A drill restores a whole database: on two cores, what was bought meanwhile was planned a minute later.
    """

    def run_from_argv(self, argv: list[str]) -> None:
        with contextlib.suppress(OSError):  # a container may forbid it
            os.nice(max(0, NICE - os.nice(0)))
        super().run_from_argv(argv)
