"""SIP messages as text: what a phone's trace holds and what a test sends by hand."""

import re
from dataclasses import dataclass

ANSI = re.compile(r"\x1b\[[0-9;]*m")
TRACE_HEAD = re.compile(r"^(?:UDP|TCP|TLS) \S+:(\d+) -> \S+:(\d+)$", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class SipMessage:
    """One request or response as it stood on the wire."""

    first_line: str
    headers: tuple[tuple[str, str], ...]
    body: str
    sent: bool

    def header(self, name: str) -> str:
        """The first header of this name, or an empty text."""
        return next((value for key, value in self.headers if key.lower() == name.lower()), "")

    @property
    def media(self) -> str:
        """The line of the session description that offers or accepts audio."""
        return next((line for line in self.body.splitlines() if line.startswith("m=audio")), "")

    @property
    def media_summary(self) -> str:
        """The audio line and the direction, for the reader of a failed test."""
        wanted = ("m=audio", "c=IN", "a=sendonly", "a=recvonly", "a=inactive", "a=sendrecv")
        return " ".join(line for line in self.body.splitlines() if line.startswith(wanted))

    @property
    def media_host(self) -> str:
        """The address to which the sender wants the audio."""
        found = re.search(r"^c=IN IP4 (\S+)", self.body, re.MULTILINE)
        return found.group(1) if found else ""

    @property
    def media_port(self) -> int:
        """The port to which the sender wants the audio."""
        return int(self.media.split()[1])

    @property
    def payloads(self) -> list[str]:
        """The payload types that the sender offers or accepts, the best first."""
        return self.media.split()[3:]


def parse_message(text: str, *, sent: bool) -> SipMessage:
    """Take a message apart; tolerant, because a test wants to see what really came."""
    head, _, body = text.replace("\r\n", "\n").strip().partition("\n\n")
    first_line, *rest = head.split("\n")
    pairs = (line.partition(":") for line in rest)
    return SipMessage(
        first_line, tuple((key.strip(), value.strip()) for key, _, value in pairs), body, sent
    )


def messages_in_trace(trace: str, exchange_port: int) -> list[SipMessage]:
    """Find the messages in what ``baresip -s`` prints; sent ones go to the exchange's port."""
    plain = ANSI.sub("", trace)
    heads = list(TRACE_HEAD.finditer(plain))
    ends = [*(head.start() for head in heads[1:]), len(plain)][: len(heads)]
    return [
        parse_message(
            plain[head.end() : end].rstrip("#\n"), sent=int(head.group(2)) == exchange_port
        )
        for head, end in zip(heads, ends, strict=True)
    ]
