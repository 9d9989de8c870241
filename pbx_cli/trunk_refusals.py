"""Why a carrier has refused a registration or a call: from Asterisk's log, in SIP's words."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final, Literal, NamedTuple

_REFUSAL = re.compile(
    r"\[(?P<at>[^]]+)\] WARNING\[\d+\]\S* res_pjsip_outbound_registration\.c: (?P<words>.*)"
    r"from '(?P<server>[^']+)' on registration attempt to '(?P<client>[^']+)'"
    r"(?:, retrying in '(?P<again_s>\d+)')?"
)
_STATUS = re.compile(r"\b[3-6]\d\d\b")
_WORDS: Final[Mapping[int, str]] = {
    400: "Bad Request",
    401: "Unauthorized",
    402: "Payment Required",
    403: "Forbidden",
    404: "Not Found",
    405: "Method Not Allowed",
    407: "Proxy Authentication Required",
    408: "Request Timeout",
    420: "Bad Extension",
    423: "Interval Too Brief",
    480: "Temporarily Unavailable",
    481: "Call/Transaction Does Not Exist",
    482: "Loop Detected",
    483: "Too Many Hops",
    484: "Address Incomplete",
    488: "Not Acceptable Here",
    500: "Server Internal Error",
    501: "Not Implemented",
    502: "Bad Gateway",
    503: "Service Unavailable",
    504: "Server Time-out",
    600: "Busy Everywhere",
    603: "Decline",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusal:
    """A registration or call that the other end did not take, or its certificate that we did not.

    Attributes:
        status: The SIP status, or None when nobody answered.
        text: What it means in SIP's own words.
        at: When.
        of: What was refused.
        again_at: When it is tried again by itself; None for a call, or never.
    """

    status: int | None
    text: str
    at: datetime
    of: Literal["registration", "call", "certificate"] = "registration"
    again_at: datetime | None = None


class Login(NamedTuple):
    """By what Asterisk's log tells registrations apart."""

    server_uri: str
    client_uri: str


def refused_call(status: int, at: datetime) -> Refusal:
    """The refusal of a call, in words."""
    return Refusal(status=status, text=_WORDS.get(status, ""), at=at, of="call")


def newer(one: Refusal | None, other: Refusal | None) -> Refusal | None:
    """The last of two refusals, either of which may not have been."""
    known = [refusal for refusal in (one, other) if refusal is not None]
    return max(known, key=lambda refusal: refusal.at, default=None)


def read_refusals(log: Iterable[str]) -> Mapping[Login, Refusal]:
    """Find the last refusal of each registration."""
    refusals: dict[Login, Refusal] = {}
    for line in log:
        if found := _REFUSAL.match(line):
            status = _STATUS.search(found["words"])
            code = int(status[0]) if status else None
            at = datetime.fromisoformat(found["at"]).astimezone(UTC)
            again_s = found["again_s"]
            refusals[Login(found["server"], found["client"])] = Refusal(
                status=code,
                text="no answer" if code is None else _WORDS.get(code, ""),
                at=at,
                again_at=at + timedelta(seconds=int(again_s)) if again_s else None,
            )
    return refusals
