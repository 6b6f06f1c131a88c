"""Reads the arguments that several commands take."""

from django.core.management.base import CommandError

from erp.access.models import Channel
from erp.access.queries import channel_by_code


def channel_named(code: str) -> Channel:
    """The channel that a command is about. Raises CommandError where there is none."""
    try:
        return channel_by_code(code)
    except Channel.DoesNotExist:
        raise CommandError(f"No channel {code!r}.") from None
