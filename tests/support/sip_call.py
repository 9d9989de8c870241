"""One call of a telephone that the test plays itself, signal by signal (RFC 3261)."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from tests.support.account import Account
from tests.support.ear import Ear
from tests.support.raw_sip import authorization
from tests.support.sip_dialogue import Dialogue, new_branch
from tests.support.sip_text import SipMessage
from tests.support.sound import Sound
from tests.support.sound_line import SoundLine
from tests.support.waiting import COMES_S, until

SWALLOWED_S = 1.0
"""So much of what was said last may be lost when the machine stands still as somebody hangs up."""


class Wire(Protocol):
    """The way to the exchange."""

    host: str
    port: int

    def send(self, text: str) -> None:
        """Send a message as it stands."""

    def reply(
        self, request: SipMessage, status: str, *headers: str, tag: str = "", body: str = ""
    ) -> None:
        """Reply to a request of the exchange."""

    def ask(self, text: str, on_reply: Callable[[SipMessage], None]) -> None:
        """Send a request; every reply to it is given to ``on_reply``."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Dialling:
    """What a caller writes into their INVITE.

    Attributes:
        uri: the request URI.
        from_: the From header without its tag.
        to: the To header; the request URI when it is empty.
        headers: further header lines.
        account: who answers when the exchange asks for a password.
    """

    uri: str
    from_: str
    to: str = ""
    headers: tuple[str, ...] = ()
    account: Account | None = None


class SipCall:
    """A call, made or taken; ``ear`` knows what is heard, ``told`` all that the exchange said."""

    def __init__(self, wire: Wire, plays: Sound | None, name: str) -> None:
        self._wire = wire
        self._name = name
        self._line = SoundLine(wire.host, plays)
        self.ear = Ear(name, self._line.samples)
        self.told: list[SipMessage] = []
        self.ended = ""
        self._is_answered = False
        self._is_acknowledged = False
        self._contact = f"{wire.host}:{wire.port}"
        self._dialling: Dialling | None = None
        self._dialogue: Dialogue

    def dial(self, dialling: Dialling) -> None:
        """Call the exchange."""
        self._dialling = dialling
        self._dialogue = Dialogue.of_caller(
            self._contact, from_=dialling.from_, to=dialling.to, uri=dialling.uri
        )
        self._invite()

    def came(self, invite: SipMessage) -> None:
        """Be called by the exchange."""
        self._dialogue = Dialogue.of_callee(self._contact, invite)
        self.told.append(invite)
        self._wire.reply(invite, "100 Trying")

    @property
    def call_id(self) -> str:
        """The Call-ID."""
        return self._dialogue.call_id

    @property
    def invite(self) -> SipMessage:
        """The request with which the exchange called us."""
        return self.told[0]

    @property
    def dialled(self) -> str:
        """The number that the exchange dialled."""
        found = re.match(r"INVITE sips?:([^@;]+)@", self.invite.first_line)
        return found.group(1) if found else ""

    @property
    def shown(self) -> str:
        """Who calls, as a phone displays it: ``Name <number>``."""
        found = re.match(r'(?:"?([^"<]*)"?\s*)?<sips?:([^@>]*)', self.invite.header("From"))
        return f"{(found.group(1) or '').strip()} <{found.group(2)}>" if found else ""

    @property
    def keys(self) -> str:
        """The keys that the other side has pressed."""
        return self._line.keys

    @property
    def reason(self) -> str:
        """Why the exchange took the call back or hung up: the Reason header, or empty."""
        ends = [one for one in self.told if one.first_line.startswith(("BYE", "CANCEL"))]
        return ends[-1].header("Reason") if ends else ""

    def ring(self, status: str = "180 Ringing") -> None:
        """Tell that the phone rings."""
        self._say(status)

    def speak_early(self) -> None:
        """Open the line for sound before the answer (183)."""
        self._say("183 Session Progress", with_sound=True)

    def lift(self) -> None:
        """Lift the handset at this very moment, without waiting for anything."""
        self._say("200 OK", with_sound=True)
        self._is_answered = True

    async def answer(self) -> None:
        """Lift the handset, and wait until both sides have agreed on it."""
        self.lift()
        await self._until(lambda: self._is_acknowledged, "is acknowledged")

    def refuse(self, status: str = "486 Busy Here", *headers: str) -> None:
        """Do not take the call."""
        self.ended = status
        self._wire.reply(self.invite, status, *headers, tag=self._dialogue.tag)
        self._line.close()

    async def hears_ringing(self) -> None:
        """Wait for the 180 of the exchange."""
        await self._until(lambda: self._was_told("SIP/2.0 180"), "hears ringing")

    async def established(self, within_s: float = COMES_S) -> None:
        """Wait until the exchange has answered."""
        await self._until(lambda: self._is_answered, "is answered", within_s)

    async def outcome(self) -> str:
        """Wait until the exchange has answered or refused; give its final status."""
        await self._until(lambda: self._is_answered or self.ended, "is answered or refused")
        return self.ended or "200 OK"

    async def closed(self, within_s: float = COMES_S) -> str:
        """Wait for the end; give how: ``BYE``, ``CANCEL`` or a status such as ``486 Busy Here``."""
        await self._until(lambda: self.ended, "ends", within_s)
        return self.ended

    async def hears_something(self, within_s: float = COMES_S) -> None:
        """Wait for sound of any kind, a spoken prompt for example."""
        await self._until(lambda: self.ear.is_loud(), "hears something", within_s)

    async def speaks(self, for_s: float) -> None:
        """Let so much of our own sound go out from now on."""
        wanted = self._line.spoken_s + for_s
        await self._until(lambda: self._line.spoken_s >= wanted, "has spoken", for_s + COMES_S)

    async def press(self, keys: str) -> None:
        """Press keys, and wait until all have gone out."""
        self._line.press(keys)
        await self._until(lambda: not self._line.is_pressing, f"has pressed {keys}")

    async def hang_up(self) -> None:
        """Put the handset down: BYE, or CANCEL while the exchange still rings."""
        over: list[SipMessage] = []
        if self._is_answered:
            self._dialogue.cseq += 1
            self._wire.ask(self._dialogue.request("BYE"), over.append)
            await self._until(lambda: over, "may hang up")
            self.close("hung up")
            return
        self._wire.ask(self._dialogue.request("CANCEL", branch=self._branch), over.append)
        await self.closed()

    def close(self, how: str) -> None:
        """Forget about the call; nothing is told to the exchange."""
        self.ended = self.ended or how
        self._line.close()

    def take(self, request: SipMessage) -> None:
        """Take a request of the exchange that belongs to this call."""
        self.told.append(request)
        method = request.first_line.split()[0]
        if method == "ACK":
            self._is_acknowledged = True
        elif method == "BYE":
            self._wire.reply(request, "200 OK")
            self.close("BYE")
        elif method == "CANCEL":
            self._wire.reply(request, "200 OK")
            if not self._is_answered and not self.ended:
                self._wire.reply(self.invite, "487 Request Terminated", tag=self._dialogue.tag)
                self.close("CANCEL")
        elif method in {"INVITE", "UPDATE"} and request.media:
            self._connect(request)
            self._wire.reply(request, "200 OK", *self._dialogue.headers(), body=self._session())
        else:
            self._wire.reply(request, "200 OK", *self._dialogue.headers())

    def story(self) -> str:
        """Where the call stands, for the reader of a failed test."""
        return f"{self._name}: {self.ended or 'goes on'}, hears {self.ear.sounds()}"

    def _say(self, status: str, *, with_sound: bool = False) -> None:
        body = ""
        if with_sound:
            self._connect(self.invite)
            body = self._session()
        self._wire.reply(
            self.invite, status, *self._dialogue.headers(), tag=self._dialogue.tag, body=body
        )

    def _invite(self, *credentials: str) -> None:
        assert self._dialling is not None
        self._branch = new_branch()
        text = self._dialogue.request(
            "INVITE",
            *self._dialling.headers,
            *credentials,
            branch=self._branch,
            body=self._session(),
        )
        self._wire.ask(text, self._heard_reply)

    def _heard_reply(self, reply: SipMessage) -> None:
        """Go on as the exchange says: ring, talk, name ourselves, or give up."""
        if not reply.header("CSeq").startswith(f"{self._dialogue.cseq} "):
            return
        self.told.append(reply)
        status = reply.first_line.removeprefix("SIP/2.0 ")
        if status.startswith("1"):
            if reply.media:
                self._connect(reply)
            return
        if status.startswith("2"):
            self._dialogue.accepted(reply)
            self._connect(reply)
            self._wire.send(self._dialogue.request("ACK"))
            self._is_answered = True
            return
        self._wire.send(self._dialogue.request("ACK", to=reply.header("To"), branch=self._branch))
        if not self._names_itself(reply):
            self.close(status)

    def _names_itself(self, reply: SipMessage) -> bool:
        challenge = reply.header("WWW-Authenticate") or reply.header("Proxy-Authenticate")
        account = self._dialling.account if self._dialling is not None else None
        if not challenge or account is None or self._dialogue.cseq > 1:
            return False
        self._dialogue.cseq += 1
        proof = authorization(account, "INVITE", self._dialogue.target, challenge)
        kind = "Authorization" if reply.header("WWW-Authenticate") else "Proxy-Authorization"
        self._invite(f"{kind}: {proof}")
        return True

    def _connect(self, message: SipMessage) -> None:
        self._line.connect(message.media_host, message.media_port)

    def _session(self) -> str:
        lines = (
            *("v=0", f"o=- 1 1 IN IP4 {self._line.host}", "s=-", f"c=IN IP4 {self._line.host}"),
            *("t=0 0", f"m=audio {self._line.port} RTP/AVP 0 101", "a=rtpmap:0 PCMU/8000"),
            *("a=rtpmap:101 telephone-event/8000", "a=fmtp:101 0-16", "a=ptime:20", "a=sendrecv"),
        )
        return "\r\n".join(lines) + "\r\n"

    def _was_told(self, start: str) -> bool:
        return any(one.first_line.startswith(start) for one in self.told)

    async def _until(
        self, question: Callable[[], object], what: str, within_s: float = COMES_S
    ) -> None:
        await until(question, within_s=within_s, saying=lambda: f"{self._name} {what}")
