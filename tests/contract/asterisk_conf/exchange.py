"""A real Asterisk with a database of its own: tables and views as the models package makes them."""

import hashlib
import os
import sqlite3
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from ari_client import AriClient, AriSettings
from asterisk_conf import (
    AsteriskInstall,
    AsteriskProcess,
    NodeSettings,
    SqliteDatabase,
    ari_password,
)
from asterisk_conf.install import fetched_install, system_install
from tests.contract.asterisk_conf.raw_sip import RawPhone
from tests.support.ports import media_block, small_block

SCHEMA = Path(__file__).with_name("realtime_sqlite.sql")


@dataclass(frozen=True, slots=True)
class Exchange:
    """One node under test."""

    settings: NodeSettings
    process: AsteriskProcess
    database: Path

    def add_device(self, name: str, domain: str, password: str, number: str | None = None) -> None:
        """Commit a device, as the command line would from another process."""
        ha1 = hashlib.md5(f"{name}:{domain}:{password}".encode(), usedforsecurity=False)
        self._write(
            "INSERT INTO device (name, domain, number, ha1) VALUES (?, ?, ?, ?)",
            (name, domain, number or name, ha1.hexdigest()),
        )

    def remove_device(self, name: str, domain: str) -> None:
        self._write("DELETE FROM device WHERE name = ? AND domain = ?", (name, domain))

    def open_to_strangers(self, address: str, tenant: str) -> None:
        """Let everybody on the internet call this address."""
        self._write("INSERT INTO opened (id, tenantid) VALUES (?, ?)", (address, tenant))

    def help_through(self, address: str, dials: str) -> None:
        """Say how an emergency number is reached."""
        self._write("INSERT INTO emergency (id, dials) VALUES (?, ?)", (address, dials))

    def shows_for_help(self, device: str, caller: str) -> None:
        """Say which number a phone shows in emergency calls."""
        self._write("INSERT INTO emergency_caller (id, caller) VALUES (?, ?)", (device, caller))

    def lock(self, domain: str, limits: str) -> None:
        """Say what legs to outside numbers are held to: state, calls, calls of a phone, codes."""
        self._write(
            "INSERT OR REPLACE INTO outside_lock (id, limits) VALUES (?, ?)", (domain, limits)
        )

    def ari(self) -> AriClient:
        """Our own client of this Asterisk, not yet connected."""
        settings = self.settings
        return AriClient(
            AriSettings(
                base_url=f"http://{settings.ari_host}:{settings.ari_port}/ari",
                username=settings.app,
                password=ari_password(settings),
            )
        )

    def phone(self) -> AbstractAsyncContextManager[RawPhone]:
        """A telephone without a line yet: log in with it, or say something odd."""
        return RawPhone.on(self.settings.sip_bind_host, self.settings.sip_bind_port)

    def resident_kib(self) -> int:
        """How much memory Asterisk holds."""
        status = Path(f"/proc/{self.process.pid}/status").read_text()
        return int(next(line for line in status.splitlines() if "VmRSS" in line).split()[1])

    def _write(self, statement: str, values: tuple[str, ...]) -> None:
        connection = sqlite3.connect(self.database)
        with connection:
            connection.execute(statement, values)
        connection.close()


def asterisk_install() -> AsteriskInstall:
    """The Asterisk that the machine has or that was fetched; without one there is no test."""
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    root = Path(os.environ.get("PBX_ASTERISK_ROOT") or cache / "pbx/asterisk")
    found = system_install(print) or fetched_install(root)
    if found is None:
        pytest.fail(f"no Asterisk on this machine and none in {root}; make run fetches it")
    return found


def new_database(home: Path) -> Path:
    home.mkdir(parents=True, exist_ok=True)
    path = home / "pbx.db"
    connection = sqlite3.connect(path)
    connection.executescript(SCHEMA.read_text())
    connection.close()
    return path


@asynccontextmanager
async def an_exchange(home: Path, install: AsteriskInstall) -> AsyncIterator[Exchange]:
    """Two tenants with a 100 each; acme.test also has 101, a kitchen phone and an address."""
    database = new_database(home)
    with small_block() as ports, media_block() as media:
        rtp_first, rtp_last = media.rest()
        settings = NodeSettings(
            home=home,
            asterisk=install,
            sip_bind_host="127.0.0.1",
            sip_bind_port=ports.one(),
            rtp_first=rtp_first,
            rtp_last=rtp_last,
            ari_host="127.0.0.1",
            ari_port=ports.one(),
            database=SqliteDatabase(path=database),
        )
        exchange = Exchange(settings, AsteriskProcess(settings), database)
        for name, domain, number in (
            ("100", "acme.test", "100"),
            ("100-kitchen", "acme.test", "100"),
            ("101", "acme.test", "101"),
            ("100", "beta.test", "100"),
        ):
            exchange.add_device(name, domain, f"secret of {name} at {domain}", number)
        try:
            yield exchange
        finally:
            await exchange.process.stop()
