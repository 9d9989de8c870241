"""Tells systemd how the exchange is (the protocol of sd_notify, see its manual page).

Outside of systemd there is nobody to tell, and nothing happens.
"""

from __future__ import annotations

import asyncio
import os
import socket
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Final, Self

READY: Final = "READY=1"
STOPPING: Final = "STOPPING=1"
ALIVE: Final = "WATCHDOG=1"

TELLING_LIMIT_S: Final = 1.0
"""systemd listens at once; news that a full queue would swallow may be the one of our readiness."""

TELLINGS_IN_TIME: Final = 3
"""So often within the time that systemd grants; two may be late."""


@dataclass(slots=True)
class Systemd:
    """Who has started us as a service.

    Attributes:
        address: The socket that hears us; empty when there is none.
        patience_s: For so long it waits for a sign of life before it starts us anew; None when it
            wants none.
        status: The line that was said last about anything but signs of life.
    """

    address: str
    patience_s: float | None
    status: str = ""

    @classmethod
    def of(cls, environment: Mapping[str, str]) -> Self:
        """Read from the environment whether systemd listens."""
        microseconds = environment.get("WATCHDOG_USEC", "")
        is_meant = environment.get("WATCHDOG_PID", str(os.getpid())) == str(os.getpid())
        return cls(
            address=environment.get("NOTIFY_SOCKET", ""),
            patience_s=int(microseconds) / 1e6 if microseconds.isdigit() and is_meant else None,
        )

    def tell(self, *news: str) -> None:
        """Pass on news such as ``READY``; one that cannot be heard keeps nobody from calling."""
        if not self.address:
            return
        at = f"\0{self.address[1:]}" if self.address.startswith("@") else self.address
        with suppress(OSError), socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as line:
            line.settimeout(TELLING_LIMIT_S)
            line.sendto("\n".join(news).encode(), at)

    def say(self, status: str, *news: str) -> None:
        """Put a line for people into ``systemctl status``, together with news."""
        self.status = status
        self.tell(*news, f"STATUS={status}")

    async def give_signs_of_life(self, is_well: Callable[[], bool]) -> None:
        """While the application answers say so in time, until cancelled.

        While it hangs the line for people says this, and afterwards what it would say anyway.

        Args:
            is_well: When it says no, systemd is left to lose its patience.
        """
        was_well = True
        while self.patience_s is not None:
            answers = is_well()
            if answers:
                self.tell(ALIVE)
            if answers != was_well:
                self.tell(f"STATUS={self.status if answers else 'The application hangs'}")
            was_well = answers
            await asyncio.sleep(self.patience_s / TELLINGS_IN_TIME)
