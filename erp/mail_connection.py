"""Keeps a connection to the mail server open from one mail to the next."""

from contextlib import suppress
from types import TracebackType
from typing import Self

from django.core.mail import EmailMessage, get_connection
from django.core.mail.backends.smtp import EmailBackend as SmtpBackend


class MailConnection:
    """A connection that is opened with its first mail and kept for the next; after a failure it begins anew."""

    def __init__(self) -> None:
        self._server = get_connection()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        _kind: type[BaseException] | None,
        _error: BaseException | None,
        _at: TracebackType | None,
    ) -> None:
        self._hang_up()

    def send(self, mail: EmailMessage) -> None:
        """Send one mail. Raises whatever the server, or the way to it, refuses it with."""
        try:
            if isinstance(self._server, SmtpBackend):  # of files, each mail is to have its own
                self._server.open()
            self._server.send_messages([mail])
        except Exception:
            self._hang_up()  # whatever state it is in
            raise

    def _hang_up(self) -> None:
        with suppress(OSError):
            self._server.close()
