"""What Asterisk is to hold for a trunk: an endpoint, its address, login, senders, registration."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from models.facts import TrunkFacts
from models.trunk_places import network
from models.trunk_uris import by, in_uri, uri_at, uri_of

CONFIG_CLASS: Final = "res_pjsip"

REFUSED_LOGIN_RETRY_S: Final = 600
"""A wrong password is tried again now and then: the carrier may have unlocked the account."""

NO_ANSWER_RETRY_S: Final = 30
ENDLESS: Final = 1_000_000
"""Asterisk gives a registration up after so many tries; 0 would mean after the first."""

TAG: Final = "callerid_tag"
"""A field of an endpoint that nobody sees; it says for what settings the objects were made."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TrunkLine:
    """A trunk as Asterisk needs it.

    Attributes:
        facts: Its settings.
        password: Sealed, until Asterisk is told; empty for a carrier that knows us by our address.
        tenant_id: Whose calls these are.
    """

    facts: TrunkFacts
    password: str = field(repr=False)
    tenant_id: int


@dataclass(frozen=True, slots=True)
class DynamicObject:
    """One object of Asterisk's configuration."""

    object_type: str
    id: str
    fields: Mapping[str, str] = field(repr=False)
    config_class: str = CONFIG_CLASS

    @property
    def key(self) -> tuple[str, str]:
        """What tells it from all others."""
        return (self.object_type, self.id)


def objects_of(line: TrunkLine, senders: Sequence[str] = ()) -> list[DynamicObject]:
    """Say what Asterisk is to hold for a trunk, the endpoint last: with it the trunk is complete.

    A trunk that is switched off has none.

    Args:
        line: The trunk.
        senders: From where its calls come; addresses and networks, for Asterisk is to ask no DNS.
    """
    trunk = line.facts
    if not trunk.is_enabled:
        return []
    found = [*_logins(line), DynamicObject("aor", trunk.endpoint, _aor(trunk))]
    if trunk.registration == "outbound":
        found.append(DynamicObject("registration", trunk.endpoint, _registration(line)))
    fields = _endpoint(line)
    fields[TAG] = _tag(line, found, fields)
    if senders:
        match = {"endpoint": trunk.endpoint, "match": ",".join(senders)}
        found.append(DynamicObject("identify", trunk.endpoint, match))
    return [*found, DynamicObject("endpoint", trunk.endpoint, fields)]


def _logins(line: TrunkLine) -> list[DynamicObject]:
    trunk = line.facts
    if not line.password:
        return []
    if trunk.registration == "inbound":
        username = trunk.endpoint
    else:
        username = trunk.auth_username or trunk.username
    fields = {"auth_type": "digest", "username": username, "password": line.password}
    return [DynamicObject("auth", trunk.endpoint, fields)]


def _aor(trunk: TrunkFacts) -> dict[str, str]:
    fields = {
        "qualify_frequency": str(trunk.qualify_s),
        "qualify_timeout": "3.0",
        "outbound_proxy": _proxy(trunk),
    }
    if trunk.registration == "inbound":
        return {
            **fields,
            "max_contacts": "1",
            "remove_existing": "yes",
            "minimum_expiration": "60",
            "maximum_expiration": "3600",
            "default_expiration": "600",
        }
    return {**fields, "contact": uri_at(trunk)}


def _registration(line: TrunkLine) -> dict[str, str]:
    trunk = line.facts
    domain = in_uri(trunk.from_domain or trunk.host)
    return {
        "server_uri": uri_of(trunk.host, trunk.port, trunk.transport),
        "client_uri": f"sip:{trunk.username}@{domain}",
        "contact_user": trunk.username,
        "outbound_auth": trunk.endpoint if line.password else "",
        "outbound_proxy": _proxy(trunk),
        "transport": trunk.transport,
        "expiration": str(trunk.expires_s),
        "max_random_initial_delay": "1",
        "retry_interval": str(NO_ANSWER_RETRY_S),
        "forbidden_retry_interval": str(REFUSED_LOGIN_RETRY_S),
        "fatal_retry_interval": str(REFUSED_LOGIN_RETRY_S),
        "auth_rejection_permanent": "yes",
        "max_retries": str(ENDLESS),
        # Two tenants may be customers of one carrier, whose calls all come from one address:
        # a calling carrier repeats this parameter of the contact, which tells them apart.
        "line": "yes",
        "endpoint": trunk.endpoint,
    }


def _endpoint(line: TrunkLine) -> dict[str, str]:
    trunk = line.facts
    login = trunk.endpoint if line.password else ""
    is_inbound = trunk.registration == "inbound"
    return {
        "context": "trunks",
        "tenantid": str(line.tenant_id),
        "aors": trunk.endpoint,
        "auth": login if is_inbound else "",
        "outbound_auth": "" if is_inbound else login,
        "identify_by": "auth_username,username" if is_inbound else "ip",
        "transport": trunk.transport,
        "outbound_proxy": _proxy(trunk),
        "from_user": trunk.from_user,
        "from_domain": trunk.from_domain or trunk.host,
        "allow": ",".join(("!all", *trunk.codecs)),
        "trust_id_inbound": "yes" if trunk.caller_source == "identity" else "no",
        "send_diversion": "yes" if trunk.forwarded_by in ("diversion", "both") else "no",
        "send_history_info": "yes" if trunk.forwarded_by in ("history_info", "both") else "no",
        "media_encryption": "no" if trunk.encryption == "off" else "sdes",
        "media_encryption_optimistic": "yes" if trunk.encryption == "optional" else "no",
        **_SAME_FOR_ALL,
    }


_SAME_FOR_ALL: Final = {
    "allow_overlap": "no",
    "allow_subscribe": "no",
    "allow_transfer": "no",
    "callerid": "",  # said, for else Asterisk takes "unknown" for it when told again
    "direct_media": "no",
    "dtmf_mode": "auto",
    "force_rport": "yes",
    "inband_progress": "no",
    "moh_suggest": "default",
    "rewrite_contact": "yes",
    "rtp_symmetric": "yes",
    "rtp_timeout": "300",
    "rtp_timeout_hold": "7200",
    "send_connected_line": "no",
    "send_pai": "yes",
    "timers": "yes",
    "trust_connected_line": "no",
    "trust_id_outbound": "yes",
}


def _tag(line: TrunkLine, objects: Sequence[DynamicObject], endpoint: Mapping[str, str]) -> str:
    """Say for what settings the objects were made; of the password, only which one it was.

    Where calls come from is not in it: it changes by itself, and without a new registration.
    """
    told = [
        [one.object_type, one.id, {**one.fields, "password": line.facts.password_mark}]
        for one in objects
    ]
    text = json.dumps([told, dict(endpoint)], sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()[:32]


def all_keys(trunk: str) -> set[tuple[str, str]]:
    """Everything that an earlier application may have made for a trunk."""
    kinds = ("auth", "aor", "endpoint", "registration")
    return {(kind, trunk) for kind in kinds} | set(identify_keys(trunk))


def identify_keys(trunk: str) -> tuple[tuple[str, str], tuple[str, str]]:
    """The two places for the addresses of its senders.

    New ones are put into the free place before the old ones go, so that no call falls in between.
    """
    return ("identify", trunk), ("identify", f"{trunk}-2")


def _proxy(trunk: TrunkFacts) -> str:
    if not trunk.proxy:
        return ""
    where = in_uri(trunk.proxy) if network(trunk.proxy) is not None else trunk.proxy
    return f"sip:{where};lr{by(trunk.transport)}"
