"""What Asterisk lists about phones and trunks, asked over AMI wherever it runs."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Final

from asterisk_conf import AsteriskError
from stasis_apps.services.ami import Ami, AmiError, Fields, Message, ami_settings, connected
from stasis_apps.settings import Settings

LIST_S: Final = 30.0
"""How long one list may take, of thousands of phones on a machine that is busy."""

_HUNG_UP: Final[Message] = {}


class AsteriskLists:
    """One connection to Asterisk that lists are asked of, one after the other."""

    def __init__(self, ami: Ami) -> None:
        self._ami = ami
        self._told: asyncio.Queue[Message] = asyncio.Queue()

    async def ask(self, action: str, fields: Fields = ()) -> Sequence[Message]:
        """Ask for a list; its end is not part of it.

        Raises:
            AmiRefused: Asterisk knows nothing of what was asked for.
            AmiError: It has hung up, or takes too long.
        """
        try:
            async with asyncio.timeout(LIST_S):
                number = (await self._ami.ask(action, fields))["ActionID"]
                return [one async for one in self._until_complete(action, number)]
        except TimeoutError:
            raise AmiError(f"{action}: no end of the list within {LIST_S:.0f} s") from None

    async def listen(self) -> None:
        """Take what Asterisk says; has to run while something is asked."""
        try:
            async for event in self._ami.events():
                self._told.put_nowait(event)
        finally:
            self._told.put_nowait(_HUNG_UP)

    async def _until_complete(self, action: str, number: str) -> AsyncIterator[Message]:
        while told := await self._told.get():
            if told.get("ActionID") != number:
                continue
            if told.get("EventList") == "Complete":
                return
            yield told
        raise AmiError(f"{action}: Asterisk has hung up")


@asynccontextmanager
async def asterisk_lists(settings: Settings) -> AsyncIterator[AsteriskLists]:
    """Connect to the Asterisk of this home, to ask it for lists.

    Raises:
        AsteriskError: It does not run, cannot be reached, or did not answer to the end.
    """
    try:
        access = await asyncio.to_thread(ami_settings, settings)
        async with connected(access) as ami:
            lists = AsteriskLists(ami)
            listening = asyncio.create_task(lists.listen())
            try:
                yield lists
            finally:
                listening.cancel()
                await asyncio.gather(listening, return_exceptions=True)
    except AmiError as fault:
        raise AsteriskError(str(fault)) from fault
