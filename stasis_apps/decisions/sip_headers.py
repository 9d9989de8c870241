"""The number that a SIP header carries: that of its address, never of the words around it; pure."""

from __future__ import annotations

import re
from typing import Final
from urllib.parse import unquote

_QUOTED: Final = re.compile(r'"(?:[^"\\]|\\.)*"')
_ADDRESS: Final = re.compile(r"<([^<>]*)>")
_SIP: Final = re.compile(r"sips?:(?P<user>[^@:;?<>\s]+)(?:[:;][^@<>\s]*)?@[^@<>\s]+", re.IGNORECASE)
_TEL: Final = re.compile(r"tel:(?P<user>[^@:;?<>\s]+)(?:;[^@<>\s]*)?", re.IGNORECASE)
_HIDES: Final = ("id", "user", "header")
_BARE: Final = re.compile(r"[^\s@:;?<>\",]{1,128}")


def number_in(header: str) -> str:
    """Read the user of a header's address; empty when it has none.

    ``"sip:5551234@x" <sip:+74951234567@carrier>`` says ``+74951234567``: what stands in quotes, or
    before the angle brackets, is a name that callers choose. ``<sip:carrier.example>`` names
    nobody. A header may also carry nothing but the number, as those of gateways do. Of several
    addresses, the first counts that names anybody.

    Args:
        header: Its value, as it came.
    """
    bare = _QUOTED.sub(" ", header)
    if '"' in bare:
        return ""  # a quote that nobody closes: what is name and what is address cannot be told
    addresses = _ADDRESS.findall(bare)
    if addresses:
        return next(filter(None, map(_user, addresses)), "")
    if "<" in bare or ">" in bare:
        return ""
    # Without brackets, what follows a semicolon or a comma is not the address any more.
    written = bare.partition(",")[0].strip()
    found = _user(written.partition(";")[0]) or _user(written)
    return found or (written if _BARE.fullmatch(written) else "")


def asks_for_privacy(header: str) -> bool:
    """Whether a Privacy header (RFC 3323, RFC 3325) asks us to show nobody who calls.

    Args:
        header: Its value, perhaps with nothing between the words any more.
    """
    asked = header.casefold()
    return any(word in asked for word in _HIDES)


def _user(address: str) -> str:
    for pattern in (_SIP, _TEL):
        if found := pattern.fullmatch(address.strip()):
            return _plain(found["user"])
    return ""


def _plain(user: str) -> str:
    """``%2B7`` is ``+7``; what would not be one word then, is left as it came."""
    plain = unquote(user)
    return plain if _BARE.fullmatch(plain) and plain.isprintable() else user
