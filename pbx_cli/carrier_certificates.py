"""Which carriers' certificates Asterisk does not believe at this moment, and why: from its log."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Final

from asterisk_conf.log_reading import lines_since_start
from models.facts import TrunkFacts
from models.trunk_places import host_of
from pbx_cli.asterisk import home_node
from pbx_cli.trunk_refusals import Refusal
from stasis_apps.settings import Settings

_SHOWN = re.compile(
    r"\[(?P<at>[^]]+)\] (?:NOTICE|ERROR)\[\d+\]\S* res_pjsip/pjsip_transport_events\.c: "
    r"Transport 'tls' to remote '(?P<host>[^']+)' - \S+ - (?P<verdict>.+)"
)
_BELIEVED: Final = "OK"
_NOBODY_VOUCHES: Final = "nobody whom we believe vouches for it"
_WORDS: Final = {
    "The certificate has expired or not yet valid": "it has ended, or has not begun",
    "The certificate is untrusted": _NOBODY_VOUCHES,
    "The issuer certificate cannot be found": _NOBODY_VOUCHES,
    "The issuer info in the certificate does not match to the (candidate) issuer certificate": (
        _NOBODY_VOUCHES
    ),
    "The server identity does not match to any identities specified in the certificate": (
        "it is for another name"
    ),
}


async def disbelieved_carriers(settings: Settings) -> Mapping[str, Refusal]:
    """Whose certificate was refused when Asterisk last connected there, by host.

    Raises:
        AsteriskError: There is no Asterisk whose log could be read.
    """
    log = await asyncio.to_thread(lines_since_start, home_node(settings).log_file)
    return read_disbelieved(log)


def read_disbelieved(log: Iterable[str]) -> Mapping[str, Refusal]:
    """Find the last verdict about each host, unless it was a good one."""
    found: dict[str, Refusal] = {}
    for line in log:
        if (shown := _SHOWN.match(line)) is None:
            continue
        host, verdict = shown["host"], shown["verdict"].strip()
        if verdict == _BELIEVED:
            found.pop(host, None)
            continue
        found[host] = Refusal(
            status=None,
            text=_WORDS.get(verdict, verdict),
            at=datetime.fromisoformat(shown["at"]).astimezone(UTC),
            of="certificate",
        )
    return found


def connected_to(trunk: TrunkFacts) -> str:
    """The host that Asterisk connects to for a trunk, by TLS; empty for none."""
    if trunk.transport != "tls" or not trunk.is_enabled or trunk.registration == "inbound":
        return ""
    return host_of(trunk.proxy) or trunk.host or next(iter(trunk.addresses), "")
