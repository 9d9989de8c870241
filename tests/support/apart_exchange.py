"""An exchange in two parts, as two units of a machine run it: Asterisk, and the application."""

import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import ClassVar

import aiohttp
import msgspec

from tests.support.exchange import Exchange
from tests.support.ports import small_block


class ApartExchange(Exchange):
    """An exchange whose application starts no Asterisk; the test is the one who does.

    Args:
        environment: settings that differ from those of every test exchange.
    """

    command: ClassVar[tuple[str, ...]] = ("run", "--no-asterisk")

    def __init__(self, environment: Mapping[str, str] | None = None) -> None:
        super().__init__(environment)
        ami_port = self._stack.enter_context(small_block()).one()
        self.environment["PBX_AMI_BIND"] = f"{self.host}:{ami_port}"
        self._asterisk: subprocess.Popen[bytes] | None = None

    def start_asterisk(self) -> None:
        """Start `pbx asterisk run` and do not wait for anything."""
        with (self.home / "asterisk-output.log").open("ab") as log:
            self._asterisk = subprocess.Popen(
                [sys.executable, "-m", "pbx_cli", "asterisk", "run"],
                env=self.environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )

    def from_another_machine(self, home: Path) -> dict[str, str]:
        """The settings of an operator who shares nothing with Asterisk but its passwords."""
        (home / "asterisk").mkdir(parents=True, mode=0o700)
        home.chmod(0o700)
        for name in ("ari.secret", "ami.secret"):
            shutil.copy2(self.home / "var" / "asterisk" / name, home / "asterisk")
        shutil.copy2(self.environment["PBX_SECRET_KEY_FILE"], home)
        return {**self.environment, "PBX_HOME": str(home), "PBX_ASTERISK_HOST": self.host}

    @property
    def asterisk_process(self) -> subprocess.Popen[bytes]:
        """What was started as `pbx asterisk run`, and is Asterisk itself."""
        assert self._asterisk is not None
        return self._asterisk

    async def knows_the_application(self) -> bool:
        """Whether Asterisk is up, and the application connected to it."""
        try:
            return not await self.inside.has_no_application()
        except (aiohttp.ClientError, msgspec.DecodeError):
            return False

    def stop(self) -> None:
        """End the application, then Asterisk."""
        super().stop()
        if self._asterisk is not None:
            self._asterisk.kill()
            self._asterisk.wait()
