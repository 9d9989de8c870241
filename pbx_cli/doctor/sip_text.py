"""SIP as text, as far as a test call needs it: requests out, answers in (RFC 3261); pure."""

from __future__ import annotations

import re
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from hashlib import md5
from typing import Final

MAX_FORWARDS: Final = 70
BRANCH_COOKIE: Final = "z9hG4bK"  # RFC 3261, section 8.1.1.7
LINE_END: Final = "\r\n"

_CHALLENGE_FIELD = re.compile(r'(\w+)=(?:"([^"]*)"|([^,\s]+))')
_TOO_SHORT: Final = 2


@dataclass(frozen=True, slots=True)
class Message:
    """A request or an answer that came in.

    Attributes:
        first_line: ``SIP/2.0 200 OK`` or ``BYE sip:... SIP/2.0``.
        headers: Name in lower case and value, in their order; a name may come several times.
        body: What follows the empty line.
    """

    first_line: str
    headers: Sequence[tuple[str, str]]
    body: str

    @property
    def status(self) -> int | None:
        """The status of an answer; None for a request."""
        version, _, rest = self.first_line.partition(" ")
        code = rest[:3]
        return int(code) if version == "SIP/2.0" and code.isdecimal() else None

    @property
    def method(self) -> str:
        """The method of a request, or the one that an answer belongs to."""
        if self.status is None:
            return self.first_line.partition(" ")[0]
        return self.header("cseq").rpartition(" ")[2]

    def header(self, name: str) -> str:
        """The first value of a header; empty when it is not there."""
        return next((value for key, value in self.headers if key == name), "")

    def all_of(self, name: str) -> list[str]:
        """Every value of a header, in their order."""
        return [value for key, value in self.headers if key == name]


@dataclass(frozen=True, slots=True)
class Caller:
    """Who calls: the login of a phone, and where its packets come from."""

    user: str
    domain: str
    password: str
    host: str
    port: int

    @property
    def via(self) -> str:
        """A new Via header for a new transaction."""
        branch = BRANCH_COOKIE + secrets.token_hex(8)
        return f"SIP/2.0/UDP {self.host}:{self.port};branch={branch};rport"

    @property
    def contact(self) -> str:
        """Where requests of the other side reach us."""
        return f"<sip:{self.user}@{self.host}:{self.port}>"


def parse(datagram: bytes) -> Message | None:
    """Read a message; None for anything else."""
    head, _, body = datagram.decode("utf-8", "replace").partition(LINE_END * 2)
    first_line, *lines = head.split(LINE_END)
    if len(first_line.split(" ", _TOO_SHORT)) <= _TOO_SHORT - 1:
        return None
    headers = [(name.strip().lower(), value.strip()) for name, _, value in _parted(lines)]
    return Message(first_line, headers, body)


def request(
    method: str, uri: str, headers: Mapping[str, str | Sequence[str]], body: str = ""
) -> bytes:
    """Write a request; a header with several values comes several times."""
    lines = [f"{method} {uri} SIP/2.0", *_header_lines(headers)]
    return _message(lines, body)


def answer_to(asked: Message, status: str) -> bytes:
    """Write the answer to a request of the other side (RFC 3261, section 8.2.6.2)."""
    lines = [f"SIP/2.0 {status}"]
    lines += [f"Via: {via}" for via in asked.all_of("via")]
    lines += [f"{name}: {asked.header(name.lower())}" for name in ("From", "To", "Call-ID", "CSeq")]
    return _message(lines, "")


def authorization(challenge: str, *, caller: Caller, method: str, uri: str) -> str:
    """Answer a digest challenge (RFC 2617, section 3.2.2; MD5, with or without qop)."""
    asked = {name: quoted or bare for name, quoted, bare in _CHALLENGE_FIELD.findall(challenge)}
    realm, nonce = asked.get("realm", ""), asked.get("nonce", "")
    secret = _hex_md5(f"{caller.user}:{realm}:{caller.password}")
    what = _hex_md5(f"{method}:{uri}")
    fields = {"username": caller.user, "realm": realm, "nonce": nonce, "uri": uri}
    if "qop" in asked:
        count, mine = "00000001", secrets.token_hex(8)
        response = _hex_md5(f"{secret}:{nonce}:{count}:{mine}:auth:{what}")
        bare = f", qop=auth, nc={count}, algorithm=MD5"
        fields |= {"cnonce": mine, "response": response}
    else:
        fields["response"] = _hex_md5(f"{secret}:{nonce}:{what}")
        bare = ", algorithm=MD5"
    if "opaque" in asked:
        fields["opaque"] = asked["opaque"]
    quoted_fields = ", ".join(f'{name}="{value}"' for name, value in fields.items())
    return f"Digest {quoted_fields}{bare}"


def offer(host: str, port: int) -> str:
    """Offer G.711, A-law first, to be heard at this address (RFC 4566, RFC 3551)."""
    family = "IP6" if ":" in host else "IP4"
    return LINE_END.join(
        [
            "v=0",
            f"o=- 1 1 IN {family} {host}",
            "s=-",
            f"c=IN {family} {host}",
            "t=0 0",
            f"m=audio {port} RTP/AVP 8 0",
            "a=rtpmap:8 PCMA/8000",
            "a=rtpmap:0 PCMU/8000",
            "a=ptime:20",
            "a=sendrecv",
            "",
        ]
    )


def _parted(lines: Sequence[str]) -> list[tuple[str, str, str]]:
    return [line.partition(":") for line in lines]


def _header_lines(headers: Mapping[str, str | Sequence[str]]) -> list[str]:
    return [
        f"{name}: {value}"
        for name, values in headers.items()
        for value in ([values] if isinstance(values, str) else values)
    ]


def _message(lines: Sequence[str], body: str) -> bytes:
    content = ["Content-Type: application/sdp"] if body else []
    length = f"Content-Length: {len(body.encode())}"
    head = LINE_END.join([*lines, *content, length])
    return f"{head}{LINE_END * 2}{body}".encode()


def _hex_md5(text: str) -> str:
    return md5(text.encode(), usedforsecurity=False).hexdigest()
