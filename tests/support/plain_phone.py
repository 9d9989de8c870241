"""A telephone that the test plays itself: answers to the millisecond, and has a message lamp.

For talks between real telephones there is ``baresip.Phone``.
"""

import re
from contextlib import AsyncExitStack
from types import TracebackType
from typing import Self
from uuid import uuid4

from tests.support import sound
from tests.support.account import Account
from tests.support.carrier import carrier_place
from tests.support.raw_sip import authorization
from tests.support.sip_call import Dialling, SipCall
from tests.support.sip_station import Place, SipStation
from tests.support.sip_text import SipMessage
from tests.support.waiting import COMES_S, until


class PlainPhone:
    """A telephone at an address of its own.

    Args:
        account: who the phone is.
        plays: what the others hear from it.
    """

    def __init__(self, account: Account, *, plays: sound.Sound | None = sound.ALICE) -> None:
        self.account = account
        self._plays = plays
        self._open = AsyncExitStack()
        self._lamp_told: list[str] = []

    async def __aenter__(self) -> Self:
        """Switch the phone on; it is registered when this returns."""
        place = self._open.enter_context(carrier_place())
        exchange = Place(self.account.host, self.account.port)
        self._station = SipStation(f"phone {self.account.address}", place, exchange, self._plays)
        self._station.on_other = {"NOTIFY": self._notified}
        await self._open.enter_async_context(self._station.listening())
        await self._register(600)
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Switch the phone off; it signs off when the test went well."""
        try:
            if error is None:
                await self._register(0)
        finally:
            await self._open.__aexit__(kind, error, trace)

    def dial(self, number: str) -> SipCall:
        """Dial; the number alone or a whole SIP address."""
        uri = number if "@" in number else f"sip:{number}@{self.account.domain}"
        us = f"<sip:{self.account.address}>"
        return self._station.dial(Dialling(uri=uri, from_=us, account=self.account))

    async def is_called(self, within_s: float = COMES_S) -> SipCall:
        """Wait for the next call to come in, and do not ring."""
        return await self._station.rings(within_s)

    async def rings(self, within_s: float = COMES_S) -> SipCall:
        """Wait for the next call to come in, and ring."""
        call = await self.is_called(within_s)
        if not call.ended:
            call.ring()
        return call

    @property
    def times_rung(self) -> int:
        """How often it was called."""
        return self._station.times_rung

    async def lamp_lights(self, *, new: int | None = None) -> None:
        """Wait until the lamp is on, and shows so many new messages."""
        wanted = "yes" if new is None else f"yes {new}"
        await self._lamp_says(wanted)

    async def lamp_goes_out(self) -> None:
        """Wait until the lamp is off."""
        await self._lamp_says("no")

    async def _lamp_says(self, wanted: str) -> None:
        await until(
            lambda: self._lamp_told and self._lamp_told[-1].startswith(wanted),
            saying=lambda: f"the lamp of {self.account.address}: {wanted}, not {self._lamp_told}",
        )

    def _notified(self, request: SipMessage) -> None:
        self._station.reply(request, "200 OK", tag="lamp")
        if request.header("Event").startswith("message-summary"):
            waiting = re.search(r"Messages-Waiting:\s*(\w+)", request.body)
            count = re.search(r"Voice-Message:\s*(\d+)", request.body)
            told = (found.group(1) for found in (waiting, count) if found)
            self._lamp_told.append(" ".join(told).lower())

    async def _register(self, expires_s: int) -> None:
        target = f"sip:{self.account.domain}"
        call_id = uuid4().hex
        who = f"<sip:{self.account.address}>"
        fixed = (f"To: {who}", f"Call-ID: {call_id}", f"Expires: {expires_s}")
        tagged = f"From: {who};tag={uuid4().hex[:8]}"
        first = await self._station.request("REGISTER", target, tagged, *fixed, "CSeq: 1 REGISTER")
        proof = authorization(self.account, "REGISTER", target, first.header("WWW-Authenticate"))
        final = await self._station.request(
            "REGISTER", target, tagged, *fixed, "CSeq: 2 REGISTER", f"Authorization: {proof}"
        )
        assert final.first_line.startswith("SIP/2.0 200"), f"{who}: {final.first_line}"
