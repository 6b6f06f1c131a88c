"""Seals what second factors are checked with: who reads the tables, or a backup, makes nobody's codes."""

from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.totp.internal.auth import generate_totp_secret

from erp.sealed import seal, unseal


class SealedFactors(DefaultMFAAdapter):
    """Keeps seeds of one-time codes and of recovery codes sealed with SECRET_KEY."""

    def encrypt(self, text: str) -> str:
        return seal(text)

    def decrypt(self, encrypted_text: str) -> str:
        """The seed; where no key of ours opens it, one that nobody knows.

        An empty one would make codes that anybody can reckon.
        """
        return unseal(encrypted_text) or generate_totp_secret()
