"""What settings are made of, and all of them together; reads nothing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from ipaddress import IPv4Network, IPv6Network
from pathlib import Path


class SettingInvalid(Exception):
    """A setting cannot be used; the message names it, its value and the rule."""

    def __init__(self, name: str, value: str, rule: str) -> None:
        super().__init__(f"{name}={value!r}: {rule}")


class SettingsFileFaulty(SettingInvalid):
    """Lines of a settings file cannot be meant; the message names file, line and rule of each."""

    def __init__(self, path: Path, faults: Sequence[tuple[int, str]]) -> None:
        Exception.__init__(self, "\n".join(f"{path}:{line}: {rule}" for line, rule in faults))


@dataclass(frozen=True, slots=True)
class Address:
    """Where a server listens.

    Attributes:
        host: An IPv4 or IPv6 address, without brackets.
        port: 1 to 65535.
    """

    host: str
    port: int

    def __str__(self) -> str:
        """The address as it stands in settings and URLs: IPv6 in brackets (RFC 3986 3.2.2)."""
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"


@dataclass(frozen=True, slots=True)
class PortRange:
    """Ports from first to last, both included."""

    first: int
    last: int


class Tls(StrEnum):
    """How the way to the mail server is guarded."""

    NONE = "none"
    STARTTLS = "starttls"
    FROM_THE_START = "from the start"


@dataclass(frozen=True, slots=True, kw_only=True)
class MailServer:
    """Who takes our mail and carries it on.

    Attributes:
        host: A name or an address.
        port: 1 to 65535.
        tls: How the way there is guarded.
        username: What we log in as; empty when the server wants no login.
        password: Belongs to it.
        sender: Who our mails are from; empty for an address of each tenant's own domain.
    """

    host: str
    port: int
    tls: Tls = Tls.NONE
    username: str = ""
    password: str = field(default="", repr=False)
    sender: str = ""

    @property
    def shown(self) -> str:
        """How the log names it."""
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"


@dataclass(frozen=True, slots=True, kw_only=True)
class SipTls:
    """SIP over TLS for phones and carriers.

    Attributes:
        bind: Where it listens.
        certificate_file: PEM: the certificate, then those between it and its root.
        key_file: PEM, readable by us alone.
        authorities_file: PEM: who may vouch for carriers, besides those whom the machine believes.
    """

    bind: Address
    certificate_file: Path
    key_file: Path
    authorities_file: Path | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """All settings; see docs/operations.md for the words an operator reads.

    Attributes:
        home: Everything that changes: database, sounds, recordings, logs, secrets.
        database_url: ``sqlite://...`` or ``postgres://...``.
        asterisk_root: Where an Asterisk that we fetched lives, shared by all homes of this user.
        sip_bind: SIP over UDP and TCP.
        rtp_ports: Media.
        external_address: What phones and carriers outside reach us by, when a router or a container
            stands between; empty when nothing does.
        local_nets: The networks inside, which are told Asterisk's own address instead.
        tls: SIP over TLS; None when it is not offered.
        ari_bind: Where Asterisk's HTTP server listens.
        ami_bind: Where Asterisk's manager interface listens; None for a loopback address that this
            home draws once.
        asterisk_host: The name or address of the machine or container that Asterisk runs in; empty
            when it runs here.
        http_bind: Our own HTTP server, which people reach.
        health_bind: Our own HTTP server for those who watch over us: health and metrics.
        public_url: How people reach our HTTP server; links in mails begin with it.
        mail_server: Where mail is handed over; None means that it waits.
        secret_key_file: The key that seals stored secrets.
        webhook_nets: Networks inside to which HTTP requests of tenants may go; elsewhere they reach
            the internet alone.
        log_format: ``console`` or ``json``.
        log_level: ``debug``, ``info``, ``warning`` or ``error``.
    """

    home: Path
    database_url: str = field(repr=False)
    asterisk_root: Path
    sip_bind: Address
    rtp_ports: PortRange
    external_address: str
    local_nets: tuple[str, ...]
    tls: SipTls | None
    ari_bind: Address
    ami_bind: Address | None
    asterisk_host: str
    http_bind: Address
    health_bind: Address
    public_url: str
    mail_server: MailServer | None
    secret_key_file: Path
    webhook_nets: tuple[IPv4Network | IPv6Network, ...]
    log_format: str
    log_level: str

    @property
    def ari_base_url(self) -> str:
        """Where Asterisk is told what to do with calls."""
        return f"http://{self.reached_at(self.ari_bind)}/ari"

    def reached_at(self, bind: Address) -> Address:
        """Where a server of Asterisk's that listens at ``bind`` is reached from here."""
        return Address(self.asterisk_host, bind.port) if self.asterisk_host else bind

    @property
    def sound_folder(self) -> Path:
        """Where the prompts of all tenants lie, a folder each."""
        return self.home / "sounds"

    @property
    def voicemail_folder(self) -> Path:
        """Where the messages of all mailboxes lie."""
        return self.home / "voicemail"

    @property
    def run_folder(self) -> Path:
        """Where running processes say who they are."""
        return self.home / "run"
