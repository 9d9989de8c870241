"""Signed links to the sounds of messages, for mails that carry none; serves nothing itself."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

LINK_LIFE: Final = timedelta(days=30)
"""How long a link in a mail works."""

PURPOSE: Final = "links to voicemail messages"
"""What the signing key is derived for; see `models.seal.Seal.derived_key`."""

_SIGNATURE_BYTES: Final = 32
_LONGEST_TOKEN: Final = 200


@dataclass(frozen=True, slots=True)
class LinkedMessage:
    """The message that a link leads to."""

    tenant_id: int
    message_id: str


class Links:
    """Makes links and reads them; only who has the key can make one."""

    def __init__(self, key: bytes, public_url: str) -> None:
        """Use a key.

        Args:
            key: For signatures; kept secret.
            public_url: What stands before ``/voicemail/TOKEN``.
        """
        self._key = key
        self._public_url = public_url.rstrip("/")

    def url(self, tenant_id: int, message_id: str, *, now: datetime) -> str:
        """A link that works for `LINK_LIFE`."""
        expires = int((now + LINK_LIFE).timestamp())
        said = f"{tenant_id}.{message_id}.{expires}".encode()
        token = base64.urlsafe_b64encode(self._signature(said) + said).decode("ascii")
        return f"{self._public_url}/voicemail/{token.rstrip('=')}"

    def read(self, token: str, *, now: datetime) -> LinkedMessage | None:
        """What a link leads to; None when it is not ours, or too old."""
        if len(token) > _LONGEST_TOKEN:
            return None
        try:
            padded = token.encode("ascii") + b"=" * (-len(token) % 4)
            raw = base64.b64decode(padded, altchars=b"-_", validate=True)
        except (binascii.Error, ValueError):
            return None
        signature, said = raw[:_SIGNATURE_BYTES], raw[_SIGNATURE_BYTES:]
        if not hmac.compare_digest(signature, self._signature(said)):
            return None
        tenant_id, message_id, expires = said.decode("ascii").split(".")
        if int(expires) <= now.timestamp():
            return None
        return LinkedMessage(int(tenant_id), message_id)

    def _signature(self, said: bytes) -> bytes:
        return hmac.digest(self._key, said, hashlib.sha256)
