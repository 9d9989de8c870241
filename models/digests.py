"""What a phone proves its password with (RFC 7616, section 3.4.2: A1); pure."""

import hashlib
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Digests:
    """HA1 of one login at one realm, in lower-case hex."""

    md5: str
    sha256: str


def digests_of(*, username: str, realm: str, password: str) -> Digests:
    """Hash what Asterisk compares a phone's answer with; the password cannot be read back.

    Args:
        username: The device's name (``100-kitchen``).
        realm: The tenant's domain; a new domain means new digests.
        password: In plain text, ASCII.
    """
    a1 = f"{username}:{realm}:{password}".encode()
    return Digests(
        md5=hashlib.md5(a1, usedforsecurity=False).hexdigest(),  # SIP phones speak nothing newer
        sha256=hashlib.sha256(a1).hexdigest(),
    )
