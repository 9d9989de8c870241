"""What a service tells systemd, heard by a test in systemd's place (sd_notify(3))."""

import socket
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Thread
from types import TracebackType
from typing import Self

from tests.support.waiting import COMES_S, until

LONGEST = 4096
ENOUGH = b"enough"


class ServiceSocket:
    """The socket that a service is given; ``heard`` is all that it has told, in order.

    Args:
        patience_s: Within this time the service is to give a sign of life.
    """

    def __init__(self, *, patience_s: float) -> None:
        self._folder = TemporaryDirectory(prefix="pbx-notify-")
        self._line = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._listening = Thread(target=self._listen, daemon=True)
        self.address = str(Path(self._folder.name) / "notify")
        self.environment = {
            "NOTIFY_SOCKET": self.address,
            "WATCHDOG_USEC": str(round(patience_s * 1e6)),
        }
        self.heard: list[str] = []

    def __enter__(self) -> Self:
        self._line.bind(self.address)
        self._listening.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as own:
            own.sendto(ENOUGH, self.address)
        self._listening.join()
        self._line.close()
        self._folder.cleanup()

    async def hears(self, line: str, *, after: int = 0, within_s: float = COMES_S) -> int:
        """Wait for a line behind the first ``after``; give how many were heard up to it."""
        await until(
            lambda: line in self.heard[after:],
            within_s=within_s,
            saying=lambda: f"{line!r}, heard {self.heard[after:]}",
        )
        return self.heard.index(line, after) + 1

    def _listen(self) -> None:
        """As promptly as systemd does: the kernel keeps a few messages only."""
        while (told := self._line.recv(LONGEST)) != ENOUGH:
            self.heard += told.decode().splitlines()
