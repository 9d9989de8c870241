"""How trunks stand at this moment: asked of Asterisk."""

from __future__ import annotations

import asyncio
import ipaddress
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final, Literal, TypeAlias

from asterisk_conf.log_reading import lines_since_start
from pbx_cli.asterisk import home_node
from pbx_cli.asterisk_lists import AsteriskLists, asterisk_lists
from pbx_cli.contacts import Quality, read_contacts, read_quality
from pbx_cli.trunk_refusals import Login, Refusal, read_refusals
from stasis_apps.services.ami import AmiRefused, Message
from stasis_apps.settings import Settings

Registration: TypeAlias = Literal["registered", "rejected", "unregistered", "not used"]

OUTBOUND: Final = "PJSIPShowRegistrationsOutbound"
ENDPOINT: Final = "PJSIPShowEndpoint"

_REGISTRATIONS: Final[Mapping[str, Registration]] = {
    "Registered": "registered",
    "Rejected": "rejected",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class TrunkState:
    """How a trunk stands.

    Attributes:
        registration: Ours at the carrier or, for one that registers here, theirs; ``not used``
            where Asterisk knows of none.
        next_try_s: Seconds until a registration that was refused is tried again, or None.
        is_reachable: Whether the other side answers; None while nobody knows.
        round_trip_ms: How fast it answered last time, or None.
        last_refusal: Of the registration, since Asterisk was started.
        calls_from: The addresses and networks from which any call is this trunk's.
    """

    registration: Registration = "not used"
    next_try_s: int | None = None
    is_reachable: bool | None = None
    round_trip_ms: float | None = None
    last_refusal: Refusal | None = None
    calls_from: tuple[str, ...] = ()


async def trunk_states(settings: Settings, endpoints: Iterable[str]) -> Mapping[str, TrunkState]:
    """Ask how these trunks (``trunk-1a2b3c4d``) stand.

    One that nothing is known of is not in the answer. One that registers here and has not done so
    is ``not used``: ask its settings.

    Raises:
        AsteriskError: Asterisk does not run, or does not answer.
    """
    async with asterisk_lists(settings) as lists:
        registrations = await lists.ask(OUTBOUND)
        told = {endpoint: await _all_about(endpoint, lists) for endpoint in endpoints}
    log = await asyncio.to_thread(lines_since_start, home_node(settings).log_file)
    return read_states(told, registrations, read_refusals(log), now=datetime.now(UTC))


async def rejected_trunks(settings: Settings) -> Mapping[str, Refusal | None]:
    """Ask whose registration is refused by the carrier, by endpoint; and why, where that is known.

    Raises:
        AsteriskError: Asterisk does not run, or does not answer.
    """
    async with asterisk_lists(settings) as lists:
        registrations = await lists.ask(OUTBOUND)
    log = await asyncio.to_thread(lines_since_start, home_node(settings).log_file)
    return read_rejected(registrations, read_refusals(log))


def read_rejected(
    registrations: Iterable[Message], refusals: Mapping[Login, Refusal]
) -> Mapping[str, Refusal | None]:
    """Read whose registration is refused by the carrier, by endpoint, and why."""
    ours = _by_endpoint(registrations)
    alone = _of_one_alone(refusals, ours)
    return {
        endpoint: alone.get(_login(one))
        for endpoint, one in ours.items()
        if _REGISTRATIONS.get(one["Status"]) == "rejected"
    }


async def _all_about(endpoint: str, lists: AsteriskLists) -> Sequence[Message]:
    """All that Asterisk knows of a trunk; nothing while it has not been told of it."""
    with suppress(AmiRefused):
        return await lists.ask(ENDPOINT, [("Endpoint", endpoint)])
    return ()


def read_states(
    told: Mapping[str, Sequence[Message]],
    registrations: Iterable[Message],
    refusals: Mapping[Login, Refusal],
    *,
    now: datetime,
) -> Mapping[str, TrunkState]:
    """Read what Asterisk says about trunks.

    Args:
        told: All that it knows of each, by endpoint.
        registrations: Those of ours at carriers, of all trunks of the exchange.
        refusals: The last refusal of each login. Two tenants may have written the same one; then
            nobody is told, for it may be the other's.
        now: This moment.
    """
    ours = _by_endpoint(registrations)
    alone = _of_one_alone(refusals, ours)
    return {
        endpoint: _state(known, ours.get(endpoint), alone, now)
        for endpoint, known in told.items()
        if known
    }


def _by_endpoint(registrations: Iterable[Message]) -> Mapping[str, Message]:
    return {one["Endpoint"]: one for one in registrations if "ServerUri" in one}


def _of_one_alone(
    refusals: Mapping[Login, Refusal], ours: Mapping[str, Message]
) -> Mapping[Login, Refusal]:
    """The refusals of which it is known whose they are."""
    used = Counter(_login(one) for one in ours.values())
    return {login: refusal for login, refusal in refusals.items() if used[login] == 1}


def _state(
    known: Sequence[Message],
    registration: Message | None,
    refusals: Mapping[Login, Refusal],
    now: datetime,
) -> TrunkState:
    is_here = bool(read_contacts(known, now=now))
    status: Registration = "registered" if is_here else "not used"
    refusal = None
    if registration is not None:
        status = _REGISTRATIONS.get(registration["Status"], "unregistered")
        refusal = refusals.get(_login(registration))
    again_at = refusal.again_at if refusal and status == "rejected" else None
    quality = _quality(known)
    return TrunkState(
        registration=status,
        next_try_s=max(0, round((again_at - now).total_seconds())) if again_at else None,
        is_reachable=quality.is_reachable,
        round_trip_ms=quality.round_trip_ms,
        last_refusal=refusal,
        calls_from=tuple(_senders(known)),
    )


def _login(registration: Message) -> Login:
    return Login(registration["ServerUri"], registration["ClientUri"])


def _quality(known: Iterable[Message]) -> Quality:
    """What the last of its places answered."""
    qualities = [read_quality(one) for one in known if "RoundtripUsec" in one]
    return qualities[-1] if qualities else Quality()


def _senders(known: Iterable[Message]) -> Iterator[str]:
    """From where calls are taken as this trunk's; told as ``192.0.2.0/255.255.255.0``."""
    for one in known:
        for place in filter(None, one.get("Match", "").split(",")):
            address, _, mask = place.partition("/")
            bits = int(ipaddress.ip_address(mask)).bit_count()
            yield str(ipaddress.ip_network((address, bits), strict=False))
