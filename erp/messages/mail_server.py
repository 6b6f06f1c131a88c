"""Sends mail by SMTP, but none while effects are paused."""

from django.core.mail.backends.smtp import EmailBackend

from erp.effects.door import refuse_while_paused


class MailServer(EmailBackend):
    """The SMTP server that EMAIL_URL names."""

    def open(self) -> bool | None:
        """Connect, where it is not connected yet. Raises OSError, also while effects are paused."""
        refuse_while_paused()
        return super().open()
