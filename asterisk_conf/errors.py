"""What can go wrong before Asterisk answers its first call; says what to do, starts nothing.

AsteriskError
├── AsteriskMissing            no Asterisk that will do, and none can be fetched
│   ├── ToolMissing            a Debian package is needed first; names it and the command
│   └── FetchFailed            the download stopped; the next try continues where it ended
├── ModuleMissing              this Asterisk lacks a module that telephony here needs
├── UnusableSetting            a setting that no Asterisk could work with
├── PortInUse                  somebody else listens where a setting wants Asterisk to listen
├── AlreadyRuns                the Asterisk of this node runs, and is to be started once more
├── AnotherStarter             another program has been starting this node's Asterisk for too long
├── AsteriskDidNotEnd          it was killed and is still there
└── AsteriskDidNotStart        it was started and ended, or never answered; carries its last words
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path


class AsteriskError(Exception):
    """The exchange cannot run; the message tells the operator what to do."""


class AsteriskMissing(AsteriskError):
    """There is no Asterisk that will do, and none could be fetched."""


class ToolMissing(AsteriskMissing):
    """A program that fetches or unpacks Asterisk is not installed."""

    def __init__(self, tool: str, package: str) -> None:
        self.tool = tool
        self.package = package
        super().__init__(
            f"{tool} is needed to fetch Asterisk and is not installed; "
            f"install Debian's package {package}: sudo apt-get install {package}"
        )


class FetchFailed(AsteriskMissing):
    """The download ended early; what has arrived is kept for the next try."""


class ModuleMissing(AsteriskError):
    """This Asterisk comes without modules that we load by name."""

    def __init__(self, modules: Iterable[str], moddir: Path) -> None:
        self.modules = tuple(sorted(modules))
        self.moddir = moddir
        super().__init__(
            f"Asterisk's module folder {moddir} has no {', '.join(self.modules)}; "
            "install the package that brings it, or let PBX_ASTERISK_ROOT name a folder "
            "into which a complete Asterisk is fetched"
        )


class UnusableSetting(AsteriskError):
    """A setting that no Asterisk could work with."""

    def __init__(self, setting: str, value: object, rule: str) -> None:
        self.setting = setting
        super().__init__(f"{setting}={value}: {rule}")


class PortInUse(AsteriskError):
    """Somebody else already listens where a setting wants Asterisk to listen."""

    def __init__(self, setting: str, transport: str, host: str, port: int) -> None:
        self.setting = setting
        self.transport = transport
        self.port = port
        super().__init__(
            f"{setting}: {transport} {host}:{port} is in use by another program; "
            f"stop it or set {setting} to another address"
        )


class AsteriskDidNotStart(AsteriskError):
    """Asterisk was started and did not come up; its last words follow the reason."""

    def __init__(self, reason: str, last_words: str) -> None:
        self.last_words = last_words
        super().__init__(f"{reason}\n{last_words}" if last_words else reason)


class AlreadyRuns(AsteriskError):
    """The Asterisk of this node runs already; nobody starts it a second time."""

    def __init__(self, folder: Path, pid: int) -> None:
        super().__init__(f"the Asterisk of {folder} runs already (process {pid}); end it first")


class AnotherStarter(AsteriskError):
    """Another program holds the lock under which this node's Asterisk is started."""

    def __init__(self, folder: Path, limit_s: float) -> None:
        super().__init__(
            f"another program has been starting the Asterisk of {folder} for more than "
            f"{limit_s:.0f} s; end it, then try again"
        )


class AsteriskDidNotEnd(AsteriskError):
    """Asterisk was killed and is still there: the kernel holds it."""

    def __init__(self, pid: int, limit_s: float) -> None:
        super().__init__(
            f"Asterisk (process {pid}) was killed and is still there after {limit_s:.0f} s; "
            "its disk may not answer"
        )
