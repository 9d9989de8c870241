"""How trunks stand at this moment, and why one was refused: asked of Asterisk's console and log."""

from __future__ import annotations

import asyncio
import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Final, Literal, TypeAlias

from asterisk_conf.log_reading import lines_since_start
from pbx_cli.asterisk import console, home_node
from pbx_cli.contacts import QUALITY, REGISTRATIONS, Quality, read_contacts, read_qualities
from stasis_apps.settings import Settings

Registration: TypeAlias = Literal["registered", "rejected", "unregistered", "not used"]

OUTBOUND: Final = "pjsip show registrations"
SENDERS: Final = "pjsip show identifies"
DETAILS: Final = "pjsip show registration {endpoint}"
AT_A_TIME: Final = 4

_OUTBOUND = re.compile(
    r" *(?P<endpoint>trunk-[0-9a-f]+)/.* (?P<status>\w+) +\(exp\. (?P<seconds>\d+)s(?P<ago> ago)?\)"
)
_IDENTIFY = re.compile(r" *Identify: +trunk-[0-9a-f]+(?:-2)?/(?P<endpoint>trunk-[0-9a-f]+)")
_MATCH = re.compile(r" *Match: +(?P<place>[0-9a-f.:]+/[0-9]+)")
_DETAIL = re.compile(r" *(?P<name>client_uri|server_uri) +: (?P<value>\S+)")
_REFUSAL = re.compile(
    r"\[(?P<at>[^]]+)\] WARNING\[\d+\]\S* res_pjsip_outbound_registration\.c: (?P<words>.*)"
    r"from '(?P<server>[^']+)' on registration attempt to '(?P<client>[^']+)'"
)
_STATUS = re.compile(r"\b[3-6]\d\d\b")
_REGISTRATIONS: Final[Mapping[str, Registration]] = {
    "Registered": "registered",
    "Rejected": "rejected",
}
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
    """A registration or call that the other end did not take.

    Attributes:
        status: The SIP status, or None when nobody answered.
        text: What it means in SIP's own words.
        at: When.
        of: What was refused.
    """

    status: int | None
    text: str
    at: datetime
    of: Literal["registration", "call"] = "registration"


@dataclass(frozen=True, slots=True, kw_only=True)
class TrunkState:
    """How a trunk stands.

    Attributes:
        registration: Ours at the carrier or, for one that registers here, theirs; ``not used``
            where Asterisk knows of none.
        next_try_s: Seconds to the next registration, or None.
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


def refused_call(status: int, at: datetime) -> Refusal:
    """The refusal of a call, in words."""
    return Refusal(status=status, text=_WORDS.get(status, ""), at=at, of="call")


def newer(one: Refusal | None, other: Refusal | None) -> Refusal | None:
    """The last of two refusals, either of which may not have been."""
    known = [refusal for refusal in (one, other) if refusal is not None]
    return max(known, key=lambda refusal: refusal.at, default=None)


async def trunk_states(settings: Settings) -> Mapping[str, TrunkState]:
    """Ask how every trunk stands, by endpoint (``trunk-1a2b3c4d``).

    One that nothing is known of is not in it. One that registers here and has not done so is
    ``not used``: ask its settings.

    Raises:
        AsteriskError: Asterisk does not run, or does not answer.
    """
    outbound = await console(settings, OUTBOUND)
    limit = asyncio.Semaphore(AT_A_TIME)

    async def details(endpoint: str) -> str:
        async with limit:
            return await console(settings, DETAILS.format(endpoint=endpoint))

    names = [found["endpoint"] for found in _OUTBOUND.finditer(outbound)]
    told = await asyncio.gather(*map(details, names))
    log = await asyncio.to_thread(lines_since_start, home_node(settings).log_file)
    states = read_states(
        outbound=outbound,
        details=dict(zip(names, told, strict=True)),
        contacts=await console(settings, REGISTRATIONS),
        qualities=list(read_qualities(await console(settings, QUALITY))),
        log=log,
        now=datetime.now(UTC),
    )
    senders = read_senders(await console(settings, SENDERS))
    return {
        endpoint: replace(states.get(endpoint, TrunkState()), calls_from=senders.get(endpoint, ()))
        for endpoint in states.keys() | senders.keys()
    }


def read_senders(answer: str) -> Mapping[str, tuple[str, ...]]:
    """Read from where each trunk's calls are taken, by endpoint."""
    found: dict[str, tuple[str, ...]] = {}
    endpoint = ""
    for line in answer.splitlines():
        if identify := _IDENTIFY.fullmatch(line.rstrip()):
            endpoint = identify["endpoint"]
        elif match := _MATCH.fullmatch(line.rstrip()):
            found[endpoint] = (*found.get(endpoint, ()), match["place"])
    return found


def read_states(
    *,
    outbound: str,
    details: Mapping[str, str],
    contacts: str,
    qualities: Sequence[Quality],
    log: Iterable[str],
    now: datetime,
) -> Mapping[str, TrunkState]:
    """Read what the console and the log say about trunks.

    The log tells a refusal by the addresses of server and client alone. Two tenants may have
    written the same ones; then nobody is told, for it may be the other's.
    """
    refusals = read_refusals(log)
    found: dict[str, TrunkState] = {}
    for quality in qualities:
        endpoint = quality.name.partition("/")[0]
        if endpoint.startswith("trunk-"):
            found[endpoint] = TrunkState(
                is_reachable=quality.is_reachable, round_trip_ms=quality.round_trip_ms
            )
    states = {**found}
    for endpoint in read_contacts(contacts, qualities, now=now):
        if endpoint.startswith("trunk-"):
            states[endpoint] = _with(found.get(endpoint), "registered", None, None)
    logins = {endpoint: _login(told) for endpoint, told in details.items()}
    used = Counter(logins.values())
    for line in _OUTBOUND.finditer(outbound):
        login = logins.get(line["endpoint"], ("", ""))
        states[line["endpoint"]] = _with(
            found.get(line["endpoint"]),
            _REGISTRATIONS.get(line["status"], "unregistered"),
            None if line["ago"] else int(line["seconds"]),
            refusals.get(login) if used[login] == 1 else None,
        )
    return states


def _login(details: str) -> tuple[str, str]:
    """The addresses of server and client in what the console tells of a registration."""
    uris = {one["name"]: one["value"] for one in _DETAIL.finditer(details)}
    return uris.get("server_uri", ""), uris.get("client_uri", "")


def read_refusals(log: Iterable[str]) -> Mapping[tuple[str, str], Refusal]:
    """Find the last refusal of each registration, by the addresses of server and client."""
    refusals: dict[tuple[str, str], Refusal] = {}
    for line in log:
        if found := _REFUSAL.match(line):
            status = _STATUS.search(found["words"])
            code = int(status[0]) if status else None
            refusals[found["server"], found["client"]] = Refusal(
                status=code,
                text="no answer" if code is None else _WORDS.get(code, ""),
                at=datetime.fromisoformat(found["at"]).astimezone(UTC),
            )
    return refusals


def _with(
    quality: TrunkState | None,
    registration: Registration,
    next_try_s: int | None,
    last_refusal: Refusal | None,
) -> TrunkState:
    known = quality or TrunkState()
    return TrunkState(
        registration=registration,
        next_try_s=next_try_s,
        is_reachable=known.is_reachable,
        round_trip_ms=known.round_trip_ms,
        last_refusal=last_refusal,
    )
