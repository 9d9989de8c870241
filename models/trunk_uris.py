"""Where the other end of a trunk is reached, and what Asterisk dials to reach a number there."""

from models.facts import TrunkFacts
from models.trunk_places import network


def dialled_through(trunk: TrunkFacts, number: str) -> str:
    """What Asterisk dials to reach a number through a trunk.

    The carrier's address stands in it: by the address of record alone, Asterisk dials nothing that
    has not answered its latest OPTIONS, and there are carriers that answer none. A carrier that
    registers here is known by its registration only.
    """
    uri = "" if trunk.registration == "inbound" else uri_at(trunk, number)
    return f"PJSIP/{trunk.endpoint}/{uri}" if uri else f"PJSIP/{number}@{trunk.endpoint}"


def uri_at(trunk: TrunkFacts, number: str = "") -> str:
    """Where a carrier that does not register here is reached, or a number at it.

    A carrier that is known by its addresses alone is reached at the first; empty for one of which
    only networks are known.
    """
    host = trunk.host or next((one for one in trunk.addresses if "/" not in one), "")
    if not host:
        return ""
    uri = uri_of(host, trunk.port, trunk.transport)
    return uri.replace("sip:", f"sip:{number}@", 1) if number else uri


def uri_of(host: str, port: int | None, transport: str) -> str:
    """The URI of a host."""
    where = in_uri(host) + (f":{port}" if port else "")
    return f"sip:{where}{by(transport)}"


def by(transport: str) -> str:
    """What a URI says of the transport: nothing of the usual one."""
    return "" if transport == "udp" else f";transport={transport}"


def in_uri(host: str) -> str:
    """A host as it is written in a URI: an IPv6 address in brackets."""
    return f"[{host}]" if ":" in host and network(host) is not None else host
