"""What one Asterisk on one machine is told to be, as values; reads no environment."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from pathlib import Path
from typing import ClassVar

from asterisk_conf import modules
from asterisk_conf.ami import Address
from asterisk_conf.errors import AsteriskMissing, UnusableSetting
from asterisk_conf.install import AsteriskElsewhere, AsteriskInstall

LONGEST_SOCKET_PATH = 107
"""Bytes in a Unix socket's address, less its closing zero (unix(7))."""

LOWEST_RTP_PORT = 1024
HIGHEST_PORT = 65_535

FEWEST_RTP_PORTS = 4
"""Two legs of one call, each with RTP and RTCP."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SqliteDatabase:
    """Devices are read from this SQLite file."""

    driver: ClassVar = "sqlite3"
    driver_module: ClassVar = modules.SQLITE_DRIVER
    driver_file: ClassVar = "res_config_sqlite3.conf"

    path: Path


@dataclass(frozen=True, slots=True, kw_only=True)
class PostgresDatabase:
    """Devices are read from this PostgreSQL database."""

    driver: ClassVar = "pgsql"
    driver_module: ClassVar = modules.POSTGRES_DRIVER
    driver_file: ClassVar = "res_pgsql.conf"

    host: str
    port: int
    user: str
    password: str = field(repr=False)
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class NodeTls:
    """SIP over TLS: where it listens, with which certificate, and whose it believes.

    ``authorities_file`` holds further certificates of those who may vouch for carriers;
    ``system_authorities`` is the folder of those whom Asterisk's machine believes, if there is one.
    """

    host: str
    port: int
    certificate_file: Path
    key_file: Path
    authorities_file: Path | None = None
    system_authorities: Path | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class NodeSettings:
    """One Asterisk: where it lives, where it listens, which database knows its phones."""

    home: Path
    asterisk: AsteriskInstall | AsteriskElsewhere
    sip_bind_host: str
    sip_bind_port: int
    rtp_first: int
    rtp_last: int
    ari_host: str
    ari_port: int
    database: SqliteDatabase | PostgresDatabase
    ami_bind: Address | None = None
    """None for a loopback address of this home's own, drawn once."""
    external_address: str = ""
    """What those outside reach us by, when a router or a container stands between."""
    local_nets: tuple[str, ...] = ()
    tls: NodeTls | None = None
    app: str = "pbx"

    def __post_init__(self) -> None:
        self._check_audio_ports()
        self._check_home()

    def _check_audio_ports(self) -> None:
        if self.rtp_last - self.rtp_first + 1 < FEWEST_RTP_PORTS:
            raise UnusableSetting(
                "PBX_RTP_PORTS",
                f"{self.rtp_first}-{self.rtp_last}",
                f"at least {FEWEST_RTP_PORTS} ports are needed for one call",
            )
        if self.rtp_first < LOWEST_RTP_PORT or self.rtp_last > HIGHEST_PORT:
            raise UnusableSetting(
                "PBX_RTP_PORTS",
                f"{self.rtp_first}-{self.rtp_last}",
                f"ports must lie between {LOWEST_RTP_PORT} and {HIGHEST_PORT}",
            )

    def _check_home(self) -> None:
        if not self.home.is_absolute():
            raise UnusableSetting("PBX_HOME", self.home, "must be an absolute path here")
        if len(str(self.control_socket).encode()) > LONGEST_SOCKET_PATH:
            raise UnusableSetting(
                "PBX_HOME",
                self.home,
                f"too long: {self.control_socket} must fit into {LONGEST_SOCKET_PATH} bytes",
            )

    @property
    def install(self) -> AsteriskInstall:
        """The Asterisk on this machine.

        Raises:
            AsteriskMissing: It is elsewhere, and nobody starts it or asks its console from here.
        """
        if isinstance(self.asterisk, AsteriskElsewhere):
            raise AsteriskMissing("Asterisk runs elsewhere: it is started and stopped over there")
        return self.asterisk

    @property
    def modules(self) -> tuple[str, ...]:
        """Every module that is loaded, by name."""
        drivers = {modules.SQLITE_DRIVER: None, self.database.driver_module: None}
        return (*modules.COMMON, *drivers)

    @property
    def driver_files(self) -> tuple[str, ...]:
        """The configuration files of the database drivers."""
        return tuple(dict.fromkeys((SqliteDatabase.driver_file, self.database.driver_file)))

    @property
    def folder(self) -> Path:
        """Everything of Asterisk's own: configuration, spool, logs, its contacts database."""
        return self.home / "asterisk"

    @property
    def etc(self) -> Path:
        """Where the rendered configuration lies."""
        return self.folder / "etc"

    @property
    def main_file(self) -> Path:
        """The file that Asterisk is started with, and by which a running one is recognised."""
        return self.etc / "asterisk.conf"

    @property
    def log_file(self) -> Path:
        """Asterisk's own log: notices, warnings, errors."""
        return self.folder / "log" / "asterisk.log"

    @property
    def security_log_file(self) -> Path:
        """Every refused and accepted login, for bans."""
        return self.folder / "log" / "security.log"

    @property
    def output_file(self) -> Path:
        """What the process itself printed: complaints from before its log was open."""
        return self.folder / "log" / "output.log"

    @property
    def pid_file(self) -> Path:
        """Holds the number of the Asterisk process that we started."""
        return self.folder / "run" / "started.pid"

    @property
    def control_socket(self) -> Path:
        """Where the Asterisk console of this node is reached."""
        return self.folder / "run" / "asterisk.ctl"

    @property
    def swallow_file(self) -> Path:
        """The table that takes what Asterisk would store and keeps nothing, see `swallow`."""
        return self.folder / "lib" / "swallow.sqlite3"

    @property
    def ari_secret_file(self) -> Path:
        """The password under which the application speaks to Asterisk."""
        return self.folder / "ari.secret"

    @property
    def ami_secret_file(self) -> Path:
        """The password under which the application tells phones of waiting messages."""
        return self.folder / "ami.secret"

    @property
    def ami_address_file(self) -> Path:
        """Where Asterisk listens for what ARI cannot do, when it was drawn."""
        return self.folder / "ami.address"

    @property
    def certificate_file(self) -> Path:
        """Asterisk's own copy of the certificate that phones see, with its key."""
        return certificate_place(self.home)

    @property
    def authorities_file(self) -> Path:
        """Asterisk's own copy of the certificates of those who may vouch for carriers."""
        return self.folder / "authorities.pem"

    @property
    def node_name_file(self) -> Path:
        """The name with which the id of every call of this node begins."""
        return node_name_place(self.home)

    def entity_id(self, node_name: str) -> str:
        """Asterisk's name among its kind, shaped like a MAC address but not a real one.

        Left alone, Asterisk takes the machine's MAC address: the same for two nodes on
        one machine, and nobody's business.
        """
        digest = hashlib.sha256(f"{node_name}\0{self.home}".encode()).digest()
        octets = bytes([digest[0] & 0xFE | 0x02]) + digest[1:6]
        return ":".join(f"{octet:02x}" for octet in octets)


def certificate_place(home: Path) -> Path:
    """Where Asterisk's own copy of the certificate lies, with its key."""
    return home / "asterisk" / "tls.pem"


def node_name_place(home: Path) -> Path:
    """Where the name of this node lies; no two exchanges have the same."""
    return home / "asterisk" / "node.name"


def shown(host: str) -> str:
    """Write a host so that a port can follow: IPv6 in brackets (RFC 3986 3.2.2)."""
    return f"[{host}]" if ":" in host else host
