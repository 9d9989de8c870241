"""Settings: what the operator decides, read once from the environment and ``.env``."""

from __future__ import annotations

import ipaddress
import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from urllib.parse import parse_qsl, unquote, urlsplit

from dotenv import dotenv_values

LOG_FORMATS = ("console", "json")
LOG_LEVELS = ("debug", "info", "warning", "error")
HIGHEST_PORT = 65535
HTTP_BIND = "127.0.0.1:8080"


class SettingInvalid(Exception):
    """A setting cannot be used; the message names it, its value and the rule."""

    def __init__(self, name: str, value: str, rule: str) -> None:
        super().__init__(f"{name}={value!r}: {rule}")


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


def ari_base_url(bind: Address) -> str:
    """Where Asterisk that listens there is told what to do with calls."""
    return f"http://{bind}/ari"


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


_MAIL_PORTS = {"smtp": 25, "starttls": 587, "smtps": 465}
_TLS = {"smtp": Tls.NONE, "starttls": Tls.STARTTLS, "smtps": Tls.FROM_THE_START}


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
class Settings:
    """All settings; see docs/operations.md for the words an operator reads.

    Attributes:
        home: Everything that changes: database, sounds, recordings, logs, secrets.
        database_url: ``sqlite://...`` or ``postgres://...``.
        asterisk_root: Where an Asterisk that we fetched lives, shared by all homes of this user.
        sip_bind: SIP over UDP and TCP.
        rtp_ports: Media.
        ari_bind: Asterisk's HTTP server.
        http_bind: Our own HTTP server.
        public_url: How people reach our HTTP server; links in mails begin with it.
        mail_server: Where mail is handed over; None means that it waits.
        secret_key_file: The key that seals stored secrets.
        log_format: ``console`` or ``json``.
        log_level: ``debug``, ``info``, ``warning`` or ``error``.
    """

    home: Path
    database_url: str = field(repr=False)
    asterisk_root: Path
    sip_bind: Address
    rtp_ports: PortRange
    ari_bind: Address
    http_bind: Address
    public_url: str
    mail_server: MailServer | None
    secret_key_file: Path
    log_format: str
    log_level: str

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


def read_settings(environment: Mapping[str, str] | None = None) -> Settings:
    """The settings of this process; the environment wins over ``.env`` in the working folder.

    Raises:
        SettingInvalid: One of them cannot be used.
    """
    given = environment if environment is not None else _environment()
    home = Path(given.get("PBX_HOME") or "var").absolute()
    return Settings(
        home=home,
        database_url=_database_url(given, home),
        asterisk_root=_asterisk_root(given),
        sip_bind=_address(given, "PBX_SIP_BIND", "0.0.0.0:5060"),
        rtp_ports=_port_range(given, "PBX_RTP_PORTS", "10000-20000"),
        ari_bind=_address(given, "PBX_ARI_BIND", "127.0.0.1:8088"),
        http_bind=_address(given, "PBX_HTTP_BIND", HTTP_BIND),
        public_url=_public_url(given),
        mail_server=_mail_server(given.get("PBX_SMTP_URL", "")),
        secret_key_file=Path(given.get("PBX_SECRET_KEY_FILE") or home / "secret.key").absolute(),
        log_format=_one_of(given, "PBX_LOG_FORMAT", LOG_FORMATS, _usual_log_format()),
        log_level=_one_of(given, "PBX_LOG_LEVEL", LOG_LEVELS, "info"),
    )


def _usual_log_format() -> str:
    return "console" if sys.stderr.isatty() else "json"


def _environment() -> Mapping[str, str]:
    from_file = {name: value or "" for name, value in dotenv_values(".env").items()}
    return {**from_file, **os.environ}


def _database_url(given: Mapping[str, str], home: Path) -> str:
    url = given.get("PBX_DATABASE_URL") or f"sqlite://{home / 'pbx.sqlite3'}"
    if not url.startswith(("sqlite://", "postgres://")):
        kind = url.partition("://")[0]
        raise SettingInvalid("PBX_DATABASE_URL", kind, "must begin with sqlite:// or postgres://")
    return url


def _public_url(given: Mapping[str, str]) -> str:
    bind = _address(given, "PBX_HTTP_BIND", HTTP_BIND)
    url = given.get("PBX_PUBLIC_URL") or f"http://{bind}"
    try:
        parts = urlsplit(url)
        is_right = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        is_right, parts = False, urlsplit("")
    if not is_right or parts.query or parts.fragment or parts.username or not url.isprintable():
        rule = "must be how people reach us, as in https://pbx.example.com"
        raise SettingInvalid("PBX_PUBLIC_URL", url, rule)
    return url.rstrip("/")


def _mail_server(url: str) -> MailServer | None:
    """Take PBX_SMTP_URL apart; refusals repeat nothing of it, because of the password."""
    if not url:
        return None
    try:
        parts = urlsplit(url)
        host, port = parts.hostname, parts.port
        options = dict(parse_qsl(parts.query, keep_blank_values=True, strict_parsing=True))
    except ValueError as fault:
        raise _mail_fault(
            "cannot be read: a sign like @ or / in a password is written %40, %2F"
        ) from fault
    starttls, sender = options.pop("starttls", "0"), options.pop("from", "")
    faults = {
        "must begin with smtp:// or smtps://": parts.scheme not in _MAIL_PORTS,
        "names no host, as in smtp://mail.example.com:587?starttls=1": not host,
        "has a port that is none": port == 0,
        "has a path; behind the host and port only ?starttls=1&from=ADDRESS may stand": (
            parts.path not in ("", "/")
        ),
        "may be followed by starttls=1 and from=ADDRESS only": bool(options),
        "has a starttls that is neither 0 nor 1": starttls not in ("0", "1"),
        "cannot have starttls=1 with smtps://": parts.scheme == "smtps" and starttls == "1",
        "has a password without a user": bool(parts.password) and not parts.username,
        "has a from that is no mail address": bool(sender) and not _is_mail_address(sender),
    }
    for rule, is_broken in faults.items():
        if is_broken:
            raise _mail_fault(rule)
    kind = "starttls" if starttls == "1" else parts.scheme
    return MailServer(
        host=host or "",
        port=port or _MAIL_PORTS[kind],
        tls=_TLS[kind],
        username=unquote(parts.username or ""),
        password=unquote(parts.password or ""),
        sender=sender,
    )


def _is_mail_address(text: str) -> bool:
    local, _, domain = text.rpartition("@")
    return bool(local and domain) and text.isascii() and text.isprintable() and " " not in text


def _mail_fault(rule: str) -> SettingInvalid:
    return SettingInvalid("PBX_SMTP_URL", "(hidden)", rule)


def _asterisk_root(given: Mapping[str, str]) -> Path:
    cache = Path(given.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    return Path(given.get("PBX_ASTERISK_ROOT") or cache / "pbx" / "asterisk").absolute()


def _address(given: Mapping[str, str], name: str, default: str) -> Address:
    text = given.get(name) or default
    host, colon, port = text.rpartition(":")
    if not (host and colon and _is_port(port)):
        raise SettingInvalid(
            name, text, f"must be address:port, with a port of 1 to {HIGHEST_PORT}"
        )
    return Address(_ip_address(name, text, host), int(port))


def _ip_address(name: str, text: str, host: str) -> str:
    """Take off the brackets of IPv6; a name could mean another address at each look-up."""
    is_bracketed = host.startswith("[") and host.endswith("]")
    if ":" in host and not is_bracketed:
        raise SettingInvalid(name, text, "an IPv6 address stands in brackets, as in [::1]:5060")
    bare = host[1:-1] if is_bracketed else host
    family = ipaddress.IPv6Address if is_bracketed else ipaddress.IPv4Address
    try:
        family(bare)
    except ValueError:
        is_unusable = True
    else:
        is_unusable = "%" in bare  # Asterisk does not bind to an address with a zone
    if is_unusable:
        raise SettingInvalid(
            name, text, "must be an IP address and a port, as in 192.0.2.1:5060 or [::1]:5060"
        )
    return bare


def _port_range(given: Mapping[str, str], name: str, default: str) -> PortRange:
    text = given.get(name) or default
    first, _, last = text.partition("-")
    if not (_is_port(first) and _is_port(last) and int(first) < int(last)):
        raise SettingInvalid(name, text, "must be first-last, two ports with first below last")
    return PortRange(int(first), int(last))


def _is_port(text: str) -> bool:
    return text.isascii() and text.isdigit() and 1 <= int(text) <= HIGHEST_PORT


def _one_of(given: Mapping[str, str], name: str, allowed: tuple[str, ...], default: str) -> str:
    text = given.get(name) or default
    if text not in allowed:
        raise SettingInvalid(name, text, f"must be one of {', '.join(allowed)}")
    return text
