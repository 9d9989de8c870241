"""What two ends of a call have agreed on, and the requests that one of them writes (RFC 3261)."""

import re
from dataclasses import dataclass
from uuid import uuid4

from tests.support.sip_text import SipMessage

ALLOWED = "Allow: INVITE, ACK, CANCEL, BYE, OPTIONS, NOTIFY, UPDATE, INFO"


@dataclass(slots=True)
class Dialogue:
    """Our end of a call, as far as SIP knows it.

    Attributes:
        contact: where we are reached, ``host:port``.
        call_id: the call.
        ours: our name and tag, for From.
        theirs: their name and tag, for To.
        target: where they are reached.
        tag: ours alone.
        cseq: the number of our latest request.
    """

    contact: str
    call_id: str
    ours: str
    theirs: str
    target: str
    tag: str
    cseq: int = 1

    @classmethod
    def of_caller(cls, contact: str, *, from_: str, to: str, uri: str) -> "Dialogue":
        """Our end when we call."""
        tag = uuid4().hex[:8]
        return cls(contact, uuid4().hex, f"{from_};tag={tag}", to or f"<{uri}>", uri, tag)

    @classmethod
    def of_callee(cls, contact: str, invite: SipMessage) -> "Dialogue":
        """Our end when we are called."""
        tag = uuid4().hex[:8]
        ours, theirs = f"{invite.header('To')};tag={tag}", invite.header("From")
        target = uri_in(invite.header("Contact"))
        return cls(contact, invite.header("Call-ID"), ours, theirs, target, tag)

    def headers(self) -> tuple[str, ...]:
        """What stands in every message of ours."""
        return (f"Contact: <sip:{self.contact}>", ALLOWED)

    def accepted(self, reply: SipMessage) -> None:
        """They have answered: this is who and where they are."""
        self.theirs = reply.header("To")
        self.target = uri_in(reply.header("Contact"))

    def request(
        self, method: str, *headers: str, to: str = "", branch: str = "", body: str = ""
    ) -> str:
        """Write a request.

        Args:
            method: of SIP.
            *headers: further header lines.
            to: another To than theirs.
            branch: of the transaction it belongs to; a new one when it is empty.
            body: a session description.
        """
        lines = [
            f"{method} {self.target} SIP/2.0",
            f"Via: SIP/2.0/UDP {self.contact};rport;branch={branch or new_branch()}",
            f"From: {self.ours}",
            f"To: {to or self.theirs}",
            f"Call-ID: {self.call_id}",
            f"CSeq: {self.cseq} {method}",
            "Max-Forwards: 70",
            *self.headers(),
            *headers,
            *(["Content-Type: application/sdp"] if body else []),
            f"Content-Length: {len(body)}",
        ]
        return "\r\n".join(lines) + "\r\n\r\n" + body


def new_branch() -> str:
    """The name of a new transaction."""
    return f"z9hG4bK{uuid4().hex}"


def uri_in(contact: str) -> str:
    """The address in a Contact header."""
    found = re.search(r"<([^>]+)>", contact)
    return found.group(1) if found else contact
