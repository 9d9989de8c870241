"""Lights the message-waiting lamps of phones, and hears which phones have just registered."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import Final

import structlog

from stasis_apps.services.ami import Ami, AmiError, AmiRefused, ami_settings, connected
from stasis_apps.settings import Settings

PAUSE_S: Final = 1.0
LONGEST_PAUSE_S: Final = 30.0

SETTLE_S: Final = 0.5
"""A phone that has just registered is told after this: first it is to get its own answer."""

MOST_WAITING: Final = 10_000
"""Registrations that nobody has looked at; a phone beyond them is told with its next message."""

log = structlog.get_logger(__name__)


class Lamps:
    """The lamps of all phones of this node.

    Let `run` run beside. What is shown while Asterisk is away is lost, and whoever shows it is told
    so.

    Args:
        settings: Where Asterisk is.

    Attributes:
        connections: How often Asterisk was connected so far.
    """

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._ami: Ami | None = None
        self._registered: asyncio.Queue[tuple[str, float]] = asyncio.Queue(MOST_WAITING)
        self._unreachable: set[str] = set()
        self.connections = 0

    @property
    def is_connected(self) -> bool:
        """Whether phones can be told now."""
        return self._ami is not None

    async def show(self, endpoint: str, *, new: int, old: int) -> bool:
        """Light the lamp of a phone when messages are new to its owner, else put it out.

        A phone that is not registered is not told, and nor is it a fault.

        Args:
            endpoint: The device: ``100@acme.test``.
            new: Messages that were not listened to.
            old: All others.

        Returns:
            Whether that was all that can be done; if not, Asterisk did not answer: show it again.
        """
        if self._ami is None:
            log.debug("lamp_not_shown", endpoint=endpoint, reason="not connected")
            return False
        words = (f"Messages-Waiting: {'yes' if new else 'no'}", f"Voice-Message: {new}/{old} (0/0)")
        headers = (
            "Event=message-summary",
            "Content-Type=application/simple-message-summary",
            *(f"Content={line}" for line in (*words, "")),
        )
        fields = [("Endpoint", endpoint), *(("Variable", header) for header in headers)]
        try:
            await self._ami.ask("PJSIPNotify", fields)
        except AmiError as fault:
            log.warning("lamp_not_shown", endpoint=endpoint, reason=str(fault))
            return isinstance(fault, AmiRefused)
        return True

    async def registrations(self) -> AsyncGenerator[str]:
        """Tell the endpoint of every phone that registers, moves, or is back, a moment later."""
        clock = asyncio.get_running_loop().time
        while True:
            endpoint, due_at = await self._registered.get()
            await asyncio.sleep(max(0.0, due_at - clock()))
            yield endpoint

    async def run(self) -> None:
        """Stay connected until cancelled."""
        pause_s = PAUSE_S
        while True:
            try:
                access = await asyncio.to_thread(ami_settings, self._settings)
                async with connected(access) as ami:
                    log.info("lamps_connected")
                    pause_s = PAUSE_S
                    await self._listen(ami)
                reason = "closed"
            except AmiError as fault:
                reason = str(fault)
            log.warning("lamps_disconnected", reason=reason)
            await asyncio.sleep(pause_s)
            pause_s = min(pause_s * 2, LONGEST_PAUSE_S)

    async def _listen(self, ami: Ami) -> None:
        self._ami = ami
        self.connections += 1
        self._unreachable.clear()
        try:
            async with aclosing(ami.events()) as events:
                async for event in events:
                    if event["Event"] == "ContactStatus":
                        self._contact(event.get("EndpointName", ""), event.get("ContactStatus", ""))
        finally:
            self._ami = None

    def _contact(self, endpoint: str, status: str) -> None:
        """A new contact is ``NonQualified``; one that has come back is ``Reachable``.

        The contacts of trunks have no lamp.
        """
        if "@" not in endpoint:
            return
        if status == "Unreachable":
            self._unreachable.add(endpoint)
            return
        was_unreachable = endpoint in self._unreachable
        self._unreachable.discard(endpoint)
        is_news = status == "NonQualified" or (status == "Reachable" and was_unreachable)
        if is_news and not self._registered.full():
            due_at = asyncio.get_running_loop().time() + SETTLE_S
            self._registered.put_nowait((endpoint, due_at))
