"""Where phones are registered now, and how fast they answer: asked of Asterisk's console.

ARI tells only whether an endpoint is online, and evaluates functions (``PJSIP_CONTACT``) on
channels alone, which a phone that is only registered has not.
"""

from __future__ import annotations

import json
import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final, NamedTuple

from pbx_cli.asterisk import console
from stasis_apps.settings import Settings

REGISTRATIONS: Final = "database show registrar/contact"
QUALITY: Final = "pjsip show contacts"

_REGISTRATION = re.compile(r"/registrar/contact/(?P<endpoint>[^;]+);@\w+ *: (?P<facts>\{.*\})")
_QUALITY = re.compile(r" *Contact: +(?P<name>\S+) +[0-9a-f]+ +(?P<status>\w+) +(?P<rtt_ms>\S+)")
_HOST_AND_PORT = re.compile(r"sips?:(?:[^@]*@)?(?P<address>\[[^]]+\](?::\d+)?|[^;>?]+)")
_REACHABLE: Final = {"Avail": True, "Unavail": False}


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
    """What Asterisk's own questions to a phone gave; ``name`` is cut to the width of the screen."""

    name: str
    is_reachable: bool | None
    round_trip_ms: float | None


async def registered_contacts(settings: Settings) -> Mapping[str, list[Contact]]:
    """Ask where every phone is registered, by endpoint (``100@acme.test``).

    Raises:
        AsteriskError: Asterisk does not run, or does not answer.
    """
    registrations = await console(settings, REGISTRATIONS)
    qualities = list(read_qualities(await console(settings, QUALITY)))
    return read_contacts(registrations, qualities, now=datetime.now(UTC))


def read_contacts(
    registrations: str, qualities: Iterable[Quality], *, now: datetime
) -> Mapping[str, list[Contact]]:
    """Read what the console says about registrations; those that are over are left out."""
    qualities = list(qualities)
    contacts: dict[str, list[Contact]] = defaultdict(list)
    for found in _REGISTRATION.finditer(registrations):
        endpoint, facts = found["endpoint"], json.loads(found["facts"])
        expires_at = datetime.fromtimestamp(int(facts.get("expiration_time", 0)), UTC)
        if expires_at <= now:
            continue
        uri = str(facts.get("uri", ""))
        quality = _quality_of(f"{endpoint}/{uri}", qualities)
        address = _HOST_AND_PORT.match(uri)
        contacts[endpoint].append(
            Contact(
                uri=uri,
                address=address["address"] if address else "",
                user_agent=str(facts.get("user_agent", "")),
                is_reachable=quality.is_reachable,
                round_trip_ms=quality.round_trip_ms,
                expires_at=expires_at,
            )
        )
    return contacts


def read_qualities(answer: str) -> Iterable[Quality]:
    """Read the console's table of contacts."""
    for line in answer.splitlines():
        if found := _QUALITY.fullmatch(line.rstrip()):
            is_reachable = _REACHABLE.get(found["status"])
            yield Quality(found["name"], is_reachable, _round_trip(found["rtt_ms"], is_reachable))


def _quality_of(name: str, qualities: Iterable[Quality]) -> Quality:
    matching = (quality for quality in qualities if name.startswith(quality.name))
    return next(matching, Quality(name, None, None))


def _round_trip(text: str, is_reachable: bool | None) -> float | None:
    try:
        return round(float(text), 1) if is_reachable else None
    except ValueError:
        return None
