"""Several hundred SIP messages that no sound phone sends; the same ones on every run."""

from __future__ import annotations

import re
from collections.abc import Iterator
from random import Random
from uuid import UUID

SEED = 20260722
MUTATIONS = 160
UDP_LIMIT_BYTES = 60_000

REGISTER = """\
REGISTER sip:acme.test SIP/2.0
Via: SIP/2.0/UDP 127.0.0.1:{port};rport;branch=z9hG4bK{branch}
Max-Forwards: 70
From: <sip:100@acme.test>;tag=odd
To: <sip:100@acme.test>
Call-ID: {call_id}
CSeq: 1 REGISTER
Contact: <sip:100@127.0.0.1:{port}>
Expires: 300
Content-Length: 0

"""

INVITE = """\
INVITE sip:101@acme.test SIP/2.0
Via: SIP/2.0/UDP 127.0.0.1:{port};rport;branch=z9hG4bK{branch}
Max-Forwards: 70
From: <sip:100@acme.test>;tag=odd
To: <sip:101@acme.test>
Call-ID: {call_id}
CSeq: 1 INVITE
Contact: <sip:100@127.0.0.1:{port}>
Content-Type: application/sdp
Content-Length: 129

v=0
o=- 1 1 IN IP4 127.0.0.1
s=-
c=IN IP4 127.0.0.1
t=0 0
m=audio 4000 RTP/AVP 0 8 101
a=rtpmap:0 PCMU/8000
a=fmtp:101 0-15
"""

ODD_VALUES = [
    "",
    "-1",
    "0",
    "99999999999999999999",
    "4294967296",
    "%00%00",
    "\0",
    "\x7f\x80\xff",
    "привет".encode().decode("latin-1"),
    "\xc3\x28",
    "'; DROP TABLE device; --",
    "${SHELL(id)}",
    "%n%n%n%s%s",
    '"',
    "<",
    "<sip:>",
    "sip:@",
    "<sip:100@[::1>",
    "<sip:100@acme.test:99999999>",
    "<tel:+1>",
    "*",
    ";;;;",
    ",,,,",
    "a" * 5_000,
    "<sip:" + "1" * 3_000 + "@acme.test>",
    "<sip:100@" + "a." * 1_500 + "test>",
    "<sip:100@acme.test" + ";p=v" * 800 + ">",
    "Digest " + 'username="x", ' * 300,
    'Digest username="100", realm="acme.test", nonce="/", uri="x", response="y"',
    'Digest username="100' + "\\" * 200 + '", realm="acme.test"',
]

HEADERS = [
    "Via",
    "Max-Forwards",
    "From",
    "To",
    "Call-ID",
    "CSeq",
    "Contact",
    "Expires",
    "Content-Type",
    "Content-Length",
    "Authorization",
    "Route",
    "Record-Route",
    "Require",
    "Supported",
    "Allow",
    "Path",
    "Replaces",
    "Session-Expires",
    "P-Asserted-Identity",
]

WHOLE = [
    b"",
    b"\r\n\r\n",
    b"\0" * 500,
    b"\xff" * 1_500,
    b"GET / HTTP/1.1\r\nHost: acme.test\r\n\r\n",
    b"INVITE",
    b"INVITE sip:101@acme.test",
    b"INVITE sip:101@acme.test SIP/2.0\r\n\r\n",
    b"SIP/2.0 200 OK\r\n\r\n",
    b"SIP/2.0 999999 What\r\nCSeq: 1 INVITE\r\n\r\n",
    b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + b"\x11" * 500,
]


def odd_messages(port: int) -> Iterator[bytes]:
    """Yield them all: odd values in every header, headers gone or doubled, cuts, noise."""
    random = Random(SEED)  # noqa: S311 - no secret, the same corpus every time
    yield from WHOLE
    for template in (REGISTER, INVITE):
        for header in HEADERS:
            for odd in ODD_VALUES:
                yield _fresh(_with_header(template, header, odd), port, random)
        for header in HEADERS:
            yield _fresh(_without_header(template, header), port, random)
            yield _fresh(_doubled_header(template, header), port, random)
        yield from _torn(template, port, random)


def _torn(template: str, port: int, random: Random) -> Iterator[bytes]:
    whole = _fresh(template, port, random)
    for _ in range(MUTATIONS // 2):
        yield whole[: random.randrange(len(whole))]
    for _ in range(MUTATIONS):
        noisy = bytearray(_fresh(template, port, random))
        for _ in range(random.randrange(1, 12)):
            noisy[random.randrange(len(noisy))] = random.randrange(256)
        yield bytes(noisy)


def _fresh(text: str, port: int, random: Random) -> bytes:
    """Give the message an identity of its own, or Asterisk would take it for a repetition."""
    identity = UUID(int=random.getrandbits(128)).hex
    filled = text.replace("{port}", str(port)).replace("{branch}", identity)
    lines = filled.replace("{call_id}", f"odd-{identity}").replace("\n", "\r\n")
    return lines.encode("latin-1")[:UDP_LIMIT_BYTES]


def _with_header(template: str, header: str, text: str) -> str:
    line = f"{header}: {text}"
    changed, found = re.subn(rf"^{header}:.*$", lambda _: line, template, count=1, flags=re.M)
    return changed if found else template.replace("Max-Forwards", f"{line}\nMax-Forwards", 1)


def _without_header(template: str, header: str) -> str:
    return re.sub(rf"^{header}:.*\n", "", template, flags=re.M)


def _doubled_header(template: str, header: str) -> str:
    return re.sub(rf"^({header}:.*\n)", r"\1" * 60, template, flags=re.M)
