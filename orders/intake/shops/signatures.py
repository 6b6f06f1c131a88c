"""Verifies webhook signatures of Shopify and WooCommerce: base64 of HMAC-SHA256."""

import base64
import hashlib
import hmac
from collections.abc import Sequence


def is_signed(body: bytes, signature: str, secrets: Sequence[str]) -> bool:
    """Whether a body bears the signature of one of these secrets; every one is tried, in equal time."""
    found = False
    for secret in secrets:
        digest = hmac.new(secret.encode(), body, hashlib.sha256).digest()
        expected = base64.b64encode(digest)
        found |= bool(secret) and hmac.compare_digest(expected, signature.encode())
    return found
