"""A real telephone for tests: a baresip process that a test uses as a person does.

Each phone sends a sound of its own and writes down what it hears, so that a test can *listen*.
Nothing here knows the exchange: a phone gets an account and an address.
"""

import asyncio
import re
from functools import partial
from types import TracebackType
from typing import Self

from tests.support import sound
from tests.support.account import Account
from tests.support.baresip_process import BaresipProcess, Equipment, PhoneEvent
from tests.support.ear import Ear, samples_in
from tests.support.sip_text import SipMessage, messages_in_trace
from tests.support.waiting import COMES_S, until_told

CODECS = {"PCMU": "PCMU/8000/1", "PCMA": "PCMA/8000/1", "G722": "G722/16000/1"}
"""baresip's names; it offers everything it has when it does not know one."""


class Phone:
    """A telephone on the desk of a test; ``ear`` knows what it hears.

    Args:
        account: who the phone is.
        plays: what the others hear from it.
        answers: ``manual``, or ``auto`` for a phone that answers by itself.
        lines: calls at the same time; with 1 a second caller gets "busy".
        codecs: the codecs it offers, in its order of liking (``PCMU``, ``PCMA``, ``G722``). With
            several, baresip 1.0.0 stops writing down what it hears when the codec changes.
        registers: whether it registers as soon as it is switched on.
        keys_as: ``rtpevent`` (RFC 4733) or ``info``.
        encrypts: whether its sound is encrypted (SRTP), and no other accepted.
    """

    ear: Ear

    def __init__(
        self,
        account: Account,
        *,
        plays: sound.Sound = sound.ALICE,
        answers: str = "manual",
        lines: int = 4,
        codecs: tuple[str, ...] = ("PCMA",),
        registers: bool = True,
        keys_as: str = "rtpevent",
        encrypts: bool = False,
    ) -> None:
        self.account = account
        self._equipment = Equipment(plays, lines)
        self._login = (
            f"<sip:{account.address};transport={account.transport}>"
            f";auth_user={account.user};auth_pass={account.password}"
            f';outbound="sip:{account.host}:{account.port};transport={account.transport}"'
            f";regint={600 if registers else 0};answermode={answers};dtmfmode={keys_as}"
            f";audio_codecs={','.join(CODECS[codec] for codec in codecs)}"
            f"{';mediaenc=srtp-mand' if encrypts else ''}"
        )

    async def __aenter__(self) -> Self:
        """Switch the phone on; it registers in the background."""
        self._process = BaresipProcess(str(self))
        self.ear = Ear(str(self), partial(samples_in, self._process.folder))
        await self._process.start(self._equipment)
        await self._process.command("uanew", self._login)
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Switch the phone off; show its side of the story when the test fails."""
        try:
            if error is not None and not isinstance(error, asyncio.CancelledError):
                error.add_note(self.story())
        finally:
            await self._process.stop()

    async def registered(self) -> None:
        """Wait until the exchange has accepted the phone."""
        event = await self._next("REGISTER_OK", "REGISTER_FAIL")
        assert event.type == "REGISTER_OK", f"{self}: not registered: {event.param}"

    async def register_fails(self) -> str:
        """Wait until the exchange has refused the phone; give the status, ``401 Unauthorized``."""
        event = await self._next("REGISTER_OK", "REGISTER_FAIL")
        assert event.type == "REGISTER_FAIL", f"{self}: was registered"
        return event.param

    async def dial(self, number: str) -> None:
        """Dial; the number alone or a whole SIP address."""
        address = number if "@" in number else f"sip:{number}@{self.account.domain}"
        await self._process.command("dial", address)

    async def rings(self, within_s: float = COMES_S) -> PhoneEvent:
        """Wait for a call to come in; the event's ``param`` is the caller's address."""
        return await self._next("CALL_INCOMING", within_s=within_s)

    async def hears_ringing(self) -> PhoneEvent:
        """Wait for the 180 of the other side."""
        return await self._next("CALL_RINGING", fails_on="CALL_CLOSED")

    async def gets_early_media(self) -> PhoneEvent:
        """Wait for a 183 with sound before the answer."""
        return await self._next("CALL_PROGRESS", fails_on="CALL_CLOSED")

    async def established(self, within_s: float = COMES_S) -> PhoneEvent:
        """Wait for the call to be answered."""
        return await self._next("CALL_ESTABLISHED", fails_on="CALL_CLOSED", within_s=within_s)

    async def first_audio(self) -> PhoneEvent:
        """Wait for the first sound packet of the call."""
        return await self._next("CALL_RTPESTAB")

    async def got_key(self) -> str:
        """Wait for a key that the other side pressed."""
        return (await self._next("CALL_DTMF_START")).param

    async def closed(self, within_s: float = COMES_S) -> str:
        """Wait for the end of the call; give its status, such as ``486 Busy Here``.

        A call that the other side took back or hung up reads ``Connection reset by peer``.
        """
        return (await self._next("CALL_CLOSED", within_s=within_s)).param

    async def answer(self) -> None:
        """Lift the handset, and wait until both sides have agreed on it."""
        await self._process.command("accept")
        await self.established()

    async def hang_up(self) -> None:
        """Put the handset down, or refuse a call that rings (486)."""
        await self._process.command("hangup")
        await self.closed()

    async def press(self, keys: str) -> None:
        """Press keys, one after the other."""
        for key in keys:
            await self._process.command("sndcode", key)

    async def hold(self) -> None:
        """Put the other side on hold and wait for its agreement."""
        await self._renegotiate("hold")

    async def resume(self) -> None:
        """Take the other side back."""
        await self._renegotiate("resume")

    async def receives_sound(self, for_s: float = 0.5, within_s: float = COMES_S) -> None:
        """Wait until sound packets have come in for so long from now on, whatever is in them.

        For a phone that has taken the other side back from hold: baresip 1.0.0 plays what it gets
        then, but no longer writes it down (the filter is gone from its receiving pipeline).
        """
        start_s = await self._received_s()

        async def has_come() -> bool:
            return await self._received_s() - start_s >= for_s

        await until_told(has_come, within_s=within_s, saying=f"{self} receives sound", pause_s=0.05)

    def messages(self, start: str = "", *, sent: bool | None = None) -> list[SipMessage]:
        """The SIP messages of this phone whose first line begins so; sent, received or both."""
        return [
            message
            for message in messages_in_trace(self._process.trace(), self.account.port)
            if message.first_line.startswith(start) and sent in (None, message.sent)
        ]

    def story(self) -> str:
        """Tell what happened on this phone, for the reader of a failed test."""
        events = [
            f"  {event.at_s:.3f} {event.type} {event.param}" for event in self._process.events
        ]
        lines = [
            f"  {'->' if message.sent else '<-'} {message.first_line}  {message.media_summary}"
            for message in self.messages()
        ]
        audio = [
            f"  {line}"
            for line in self._process.trace().splitlines()
            if line.startswith(("audio", "sndfile", "stream"))
        ]
        return "\n".join(
            [f"{self}: events", *events, f"{self}: SIP", *lines, f"{self}: sound", *audio]
        )

    def __str__(self) -> str:
        return f"phone {self.account.address}"

    async def _renegotiate(self, command: str) -> None:
        self._process.forget("sdp")
        await self._process.command(command)
        await self._next("CALL_REMOTE_SDP")

    async def _received_s(self) -> float:
        _, _, receiving = (await self._process.command("audio_debug")).partition("rx:")
        found = re.search(r"time = ([0-9.]+) sec", receiving)
        return float(found.group(1)) if found else 0.0

    async def _next(
        self, *types: str, fails_on: str | None = None, within_s: float = COMES_S
    ) -> PhoneEvent:
        return await self._process.next_event(*types, fails_on=fails_on, within_s=within_s)
