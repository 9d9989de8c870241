"""A corpus of malformed and hostile REGISTER and INVITE messages; the same every time.

Each has a name, so that a crash can be told from its message. None carries a valid password: a
2xx to any of them is a fault.
"""

from collections.abc import Callable, Iterator
from random import Random

from tests.support.raw_sip import Request

Odd = tuple[str, bytes]

METHODS = ("REGISTER", "INVITE")
HEADERS = ("Via", "From", "To", "Call-ID", "CSeq", "Contact", "Max-Forwards", "Content-Length")

NASTY_VALUES = (
    "",
    " ",
    ";",
    "<>",
    "<sip:",
    "\x00",
    "\x7f\x01\x02",
    "%s%s%s%n",
    "-1",
    "99999999999999999999",
    "0x10",
    '"' * 31,
    "<" * 500,
    "a" * 4000,
    "sip:@",
    "sip:100@[::1",
    "sip:100@127.0.0.1:99999",
    "tel:+74951234567",
    "<sip:100%00@x>",
    "\u0416" * 100,
    "SIP/2.0/UDP ;;;branch=",
    "1 2 3 4 5",
    "${SHELL(id)}",
    "' OR '1'='1",
)

NASTY_USERS = (
    "100' OR '1'='1",
    "100'; DROP VIEW ps_endpoints; --",
    "%25s%25n",
    "${HASH(x)}",
    "100@other.test",
    "100%40other.test",
    "*",
    "a" * 1000,
    "..%2F..%2Fetc%2Fpasswd",
    "100;user=phone",
    "\u0661\u0660\u0660",
    "anonymous",
    "asterisk",
    "s",
    "h",
    "i",
    "_X.",
)

NASTY_LOGINS = (
    "Digest",
    "Digest username=",
    'Digest username="100"',
    'Digest username="100", realm="x", nonce="", uri="", response=""',
    'Digest username="100", realm="x", nonce="' + "n" * 3000 + '", uri="sip:x", response="0"',
    'Digest username="100", realm="x", nonce="n", uri="sip:x", response="0", algorithm=ROT13',
    'Digest username="100", realm="x", nonce="n", uri="sip:x", response="0", qop=auth, nc=zz',
    "Basic MTAwOjEwMA==",
    "Bearer e30.e30.",
    "Digest " + 'a="b",' * 300,
)

NASTY_BODIES = (
    "",
    "v=0",
    "v=0\r\no=\r\ns=\r\nc=\r\nt=\r\nm=\r\n",
    "m=audio 9000 RTP/AVP 0\r\n",
    "v=0\r\no=- 1 1 IN IP4 x\r\ns=-\r\nc=IN IP4 999.1.1.1\r\nt=0 0\r\nm=audio 1 RTP/AVP 0\r\n",
    "v=0\r\no=- 1 1 IN IP4 1\r\ns=-\r\nt=0 0\r\n" + "m=audio 9000 RTP/AVP 0\r\n" * 200,
    "v=0\r\no=- 1 1 IN IP4 1\r\ns=-\r\nt=0 0\r\nm=audio 99999 RTP/AVP 0\r\n",
    "v=0\r\no=- 1 1 IN IP4 1\r\ns=-\r\nt=0 0\r\nm=audio -1 RTP/AVP 300\r\na=rtpmap:300 X/0\r\n",
    "v=0\r\no=- 1 1 IN IP4 1\r\ns=-\r\nt=0 0\r\nm=audio 9 RTP/AVP " + "0 " * 400 + "\r\n",
    "\x00" * 200,
    "a=" + "x" * 5000,
)


def odd_messages(*, domain: str, user: str, host: str, port: int) -> Iterator[Odd]:
    """Give all odd messages, a few hundred.

    Args:
        domain: a tenant's domain.
        user: an extension that exists there.
        host: the exchange's address.
        port: the exchange's port.
    """
    for method in METHODS:
        target = f"sip:{domain}" if method == "REGISTER" else f"sip:101@{domain}"
        good = Request(method, user, domain, target, port=9).text()
        yield from _named(f"{method} with spoilt headers", _spoilt_headers(good))
        yield from _named(f"{method} in pieces", _in_pieces(good))
        yield from _named(f"{method} from odd users", _odd_users(method, domain, host, port))
        yield from _named(f"{method} with odd logins", _odd_logins(method, user, domain, target))
        yield from _named(f"{method} with flipped bytes", _flipped(good, count=60))
    invite = Request("INVITE", user, domain, f"sip:101@{domain}", port=9).text()
    yield from _named("INVITE with odd bodies", _odd_bodies(invite))
    yield from _named("no request at all", _not_requests())


def _named(name: str, messages: Iterator[str]) -> Iterator[Odd]:
    for count, message in enumerate(messages, 1):
        yield f"{name}, number {count}", message.encode("utf-8", "surrogateescape")[:60_000]


def _spoilt_headers(good: str) -> Iterator[str]:
    for header in HEADERS:
        yield _each_line(good, header, lambda _line: None)
        yield _each_line(good, header, lambda line: f"{line}\r\n{line}")
        yield _each_line(good, header, lambda line: line.replace(":", "", 1))
    for place, value in enumerate(NASTY_VALUES):
        for header in (HEADERS[place % len(HEADERS)], HEADERS[(place + 3) % len(HEADERS)]):
            yield _replaced(good, header, f"{header}: {value}")
    yield _each_line(good, "Via", lambda line: "\r\n".join([line] * 200))
    yield _each_line(good, "Contact", lambda line: "\r\n".join([line] * 100))
    yield _each_line(good, "Contact", lambda _line: "Contact: *\r\nExpires: 3600")
    yield _each_line(good, "Contact", lambda line: f"{line};expires=-5\r\nExpires: -1")
    yield _each_line(good, "Max-Forwards", lambda _line: "Max-Forwards: 0")
    yield _each_line(good, "Max-Forwards", lambda line: f"{line}\r\nRequire: everything")
    yield _each_line(good, "Max-Forwards", lambda line: f"{line}\r\nX-Long: {'x' * 50_000}")
    yield _each_line(good, "Max-Forwards", lambda line: "X: y\r\n" * 3000 + line)


def _in_pieces(good: str) -> Iterator[str]:
    for part in range(1, 21):
        yield good[: len(good) * part // 21]
    yield good.replace("\r\n", "\n")
    yield good.replace("\r\n", "\r")
    yield good.replace("SIP/2.0", "SIP/3.0")
    yield good.replace("SIP/2.0", "HTTP/1.1")
    yield good.lower()
    yield "\r\n" * 50 + good
    yield good + good
    yield good.replace(": ", ":\r\n ")


def _odd_users(method: str, domain: str, host: str, port: int) -> Iterator[str]:
    for user in NASTY_USERS:
        target = f"sip:{user}@{domain}"
        yield Request(method, user, domain, target, port=9).text()
        yield Request(method, user, f"{host}:{port}", target, port=9).text()
    for odd_domain in ("", "nowhere.test", "' OR 1=1 --", "a" * 300, "[::1]", "xn--"):
        yield Request(method, "100", odd_domain, f"sip:101@{odd_domain}", port=9).text()


def _odd_logins(method: str, user: str, domain: str, target: str) -> Iterator[str]:
    for login in NASTY_LOGINS:
        yield Request(method, user, domain, target, port=9, authorization=login).text()


def _odd_bodies(invite: str) -> Iterator[str]:
    head = invite.partition("\r\n\r\n")[0]
    for body in NASTY_BODIES:
        for length in (len(body.encode()), 0, 5, 70_000):
            spoilt = _replaced(head, "Content-Length", f"l: {length}")
            yield f"{spoilt}\r\n\r\n{body}"


def _not_requests() -> Iterator[str]:
    yield ""
    yield "\r\n\r\n"
    yield "\x00" * 1000
    yield "GET / HTTP/1.1\r\nHost: x\r\n\r\n"
    yield "SIP/2.0 200 OK\r\nCSeq: 1 INVITE\r\nCall-ID: x\r\n\r\n"
    yield "SIP/2.0 999 Strange\r\nVia: SIP/2.0/UDP 127.0.0.1\r\n\r\n"
    yield "INVITE\r\n\r\n"
    yield "\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03"


def _flipped(good: str, *, count: int) -> Iterator[str]:
    """Change a few characters at places that are the same in every run."""
    chance = Random(22)  # noqa: S311 - a corpus, not a secret
    for _ in range(count):
        letters = list(good)
        for _ in range(chance.randint(1, 8)):
            letters[chance.randrange(len(letters))] = chr(chance.randrange(256))
        yield "".join(letters)


def _each_line(message: str, header: str, change: Callable[[str], str | None]) -> str:
    lines = message.split("\r\n")
    changed = (change(line) if line.startswith(f"{header}:") else line for line in lines)
    return "\r\n".join(line for line in changed if line is not None)


def _replaced(message: str, header: str, line: str) -> str:
    return _each_line(message, header, lambda _line: line)
