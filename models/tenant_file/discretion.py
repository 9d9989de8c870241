"""What a message may repeat of a tenant file: no secret, and nothing that may hold one; pure."""

from __future__ import annotations

import re
from collections.abc import Mapping
from difflib import get_close_matches
from typing import Final

Way = tuple[str | int, ...]

HIDDEN: Final = "(hidden)"
A_MAP: Final = "a map"
A_LIST: Final = "a list"

_SECRETS: Final = ("password", "pin")
_ALSO_CALLED: Final = frozenset({"pass", "passphrase", "pw", "pwd", "secret"})
_NEAR: Final = 0.6
"""How near a misspelt name is to what was meant; the same as where names are guessed."""

_ANY: Final = None
_HOLDERS: Final = (
    ("trunks", _ANY),
    ("elements", _ANY),
    ("extensions", _ANY, "devices", _ANY),
    ("outbound", "rules", _ANY),
)
"""Where the maps stand that have secrets in them."""

_LOGIN: Final = re.compile(r"\S:[^\s@]*@")
_RUN_TOGETHER: Final = re.compile(r"\W*(\w+)\s*[\s:=]\s*\S")
_SHORTEST_SECRET: Final = 4


def told_value(route: Way, value: object) -> object:
    """A value as a message may show it; of maps and lists nothing but that they are."""
    if value is None or isinstance(value, bool):
        return value
    is_its_name = bool(route) and value == route[-1]
    if _is_secret(route) and not (is_its_name and told_route(route) == route):
        return HIDDEN
    if isinstance(value, Mapping):
        return A_MAP
    if isinstance(value, list | tuple):
        return A_LIST
    stands_for_a_holder = _is_on_the_way(route) and not is_its_name
    return HIDDEN if stands_for_a_holder or _has_login(route, str(value)) else value


def told_route(route: Way) -> Way:
    """A route without what somebody has run together (``password:secret`` without a space)."""
    return tuple(HIDDEN if _is_run_together(part) else part for part in route)


def told_text(text: str, value: object) -> str:
    """A text about a value that is not to be repeated."""
    secret = str(value)
    return text.replace(secret, HIDDEN) if len(secret) >= _SHORTEST_SECRET else text


def is_like_a_secret(name: str) -> bool:
    """Whether a field of this name is one for a secret, or was meant to be."""
    word = name.lower()
    return word in _ALSO_CALLED or bool(get_close_matches(word, _SECRETS, n=1, cutoff=_NEAR))


def _is_secret(route: Way) -> bool:
    """Whether a secret belongs here; the names of trunks and the like may be any."""
    fields = (*route[:1], *route[2:])
    return told_route(route) != route or any(is_like_a_secret(str(part)) for part in fields)


def _is_on_the_way(route: Way) -> bool:
    """Whether something with secrets in it belongs here, or something around that."""
    return any(
        0 < len(route) <= len(holder)
        and all(part in (_ANY, there) for part, there in zip(holder, route, strict=False))
        for holder in _HOLDERS
    )


def _has_login(route: Way, text: str) -> bool:
    """Whether a login may stand in a text: ``user:password@host``."""
    return ("@" in text and route[:1] == ("trunks",)) or _LOGIN.search(text) is not None


def _is_run_together(part: str | int) -> bool:
    found = _RUN_TOGETHER.match(part) if isinstance(part, str) else None
    return found is not None and is_like_a_secret(found[1])
