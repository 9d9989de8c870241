"""Where phones are registered now, and how fast they answer: asked of Asterisk."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final, NamedTuple

from pbx_cli.asterisk_lists import asterisk_lists
from stasis_apps.services.ami import Message
from stasis_apps.settings import Settings

REGISTERED: Final = "PJSIPShowRegistrationInboundContactStatuses"

_HOST_AND_PORT: Final = re.compile(r"sips?:(?:[^@]*@)?(?P<address>\[[^]]+\](?::\d+)?|[^;>?]+)")
_REACHABLE: Final = {"Reachable": True, "Unreachable": False}


@dataclass(frozen=True, slots=True, kw_only=True)
class Contact:
    """One place where a phone is registered.

    Attributes:
        uri: Where its calls are sent.
        address: Its address and port, as the packets come from there.
        user_agent: What it says it is.
        is_reachable: Whether it answers; None while nobody knows.
        round_trip_ms: How fast it answered last time, or None.
        expires_at: When the registration ends.
    """

    uri: str
    address: str
    user_agent: str
    is_reachable: bool | None
    round_trip_ms: float | None
    expires_at: datetime


class Quality(NamedTuple):
    """What Asterisk's own questions to a phone or a carrier gave; None while nobody knows."""

    is_reachable: bool | None = None
    round_trip_ms: float | None = None


async def registered_contacts(settings: Settings) -> Mapping[str, list[Contact]]:
    """Ask where every phone is registered, by endpoint (``100@acme.test``).

    Raises:
        AsteriskError: Asterisk does not run, or does not answer.
    """
    async with asterisk_lists(settings) as lists:
        return read_contacts(await lists.ask(REGISTERED), now=datetime.now(UTC))


def read_contacts(told: Iterable[Message], *, now: datetime) -> Mapping[str, list[Contact]]:
    """Read what Asterisk lists of registrations; those that are over are left out."""
    contacts: dict[str, list[Contact]] = defaultdict(list)
    for one in told:
        expires_at = datetime.fromtimestamp(int(one.get("RegExpire") or 0), UTC)
        if expires_at <= now:
            continue
        uri, quality = one.get("URI", ""), read_quality(one)
        address = _HOST_AND_PORT.match(uri)
        contacts[one.get("AOR", "")].append(
            Contact(
                uri=uri,
                address=address["address"] if address else "",
                user_agent=one.get("UserAgent", ""),
                is_reachable=quality.is_reachable,
                round_trip_ms=quality.round_trip_ms,
                expires_at=expires_at,
            )
        )
    return contacts


def read_quality(told: Message) -> Quality:
    """Read whether one place answers, and how fast."""
    is_reachable = _REACHABLE.get(told.get("Status", ""))
    took_us = told.get("RoundtripUsec", "")
    is_timed = is_reachable and took_us.isdecimal()
    return Quality(is_reachable, round(int(took_us) / 1000, 1) if is_timed else None)
