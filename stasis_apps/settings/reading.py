"""Reads the settings once, from the environment and the settings file."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from ipaddress import ip_network
from pathlib import Path
from urllib.parse import urlsplit

from stasis_apps.settings.addresses import (
    read_address,
    read_external_address,
    read_host,
    read_networks,
    read_port_range,
)
from stasis_apps.settings.file import find_settings_file
from stasis_apps.settings.mail import mail_server
from stasis_apps.settings.places import is_checkout, whole_path
from stasis_apps.settings.values import SettingInvalid, Settings, SipTls

LOG_FORMATS = ("console", "json")
LOG_LEVELS = ("debug", "info", "warning", "error")
HTTP_BIND = "127.0.0.1:8080"
HEALTH_BIND = "127.0.0.1:8081"
TLS_BIND = "0.0.0.0:5061"
SQLITE = "sqlite://"
HIDDEN = "(hidden)"


def read_settings(environment: Mapping[str, str] | None = None) -> Settings:
    """The settings of this process; the environment wins over the settings file.

    Raises:
        SettingInvalid: One of them cannot be used.
    """
    given = environment if environment is not None else _environment()
    home = _home(given)
    return Settings(
        home=home,
        database_url=_database_url(given, home),
        asterisk_root=_asterisk_root(given),
        sip_bind=read_address(given, "PBX_SIP_BIND", "0.0.0.0:5060"),
        rtp_ports=read_port_range(given, "PBX_RTP_PORTS", "10000-20000"),
        external_address=read_external_address(given, "PBX_EXTERNAL_ADDRESS"),
        local_nets=read_networks(given, "PBX_LOCAL_NETS"),
        tls=_tls(given),
        ari_bind=read_address(given, "PBX_ARI_BIND", "127.0.0.1:8088"),
        ami_bind=read_address(given, "PBX_AMI_BIND", "") if given.get("PBX_AMI_BIND") else None,
        asterisk_host=read_host(given, "PBX_ASTERISK_HOST"),
        http_bind=read_address(given, "PBX_HTTP_BIND", HTTP_BIND),
        health_bind=read_address(given, "PBX_HEALTH_BIND", HEALTH_BIND),
        public_url=_public_url(given),
        mail_server=mail_server(given.get("PBX_SMTP_URL", "")),
        secret_key_file=_path(given, "PBX_SECRET_KEY_FILE", home / "secret.key"),
        webhook_nets=tuple(map(ip_network, read_networks(given, "PBX_WEBHOOK_NETS"))),
        log_format=_one_of(given, "PBX_LOG_FORMAT", LOG_FORMATS, _usual_log_format()),
        log_level=_one_of(given, "PBX_LOG_LEVEL", LOG_LEVELS, "info"),
    )


def _usual_log_format() -> str:
    return "console" if sys.stderr.isatty() else "json"


def _environment() -> Mapping[str, str]:
    found = find_settings_file(os.environ)
    return {**(found.values if found else {}), **os.environ}


def _home(given: Mapping[str, str]) -> Path:
    """An installed program that nobody has told a home makes none wherever it happens to be."""
    told = given.get("PBX_HOME") or ("var" if is_checkout() else "")
    if not told:
        rule = (
            "stands neither in the environment nor in a settings file; "
            "`pbx init` makes a home and a settings file"
        )
        raise SettingInvalid("PBX_HOME", "", rule)
    return whole_path("PBX_HOME", told)


def _path(given: Mapping[str, str], name: str, default: Path) -> Path:
    return whole_path(name, given.get(name) or default)


def _database_url(given: Mapping[str, str], home: Path) -> str:
    """The address of the database; a refusal repeats nothing of it, because of the password."""
    url = given.get("PBX_DATABASE_URL") or f"{SQLITE}{home / 'pbx.sqlite3'}"
    if url.startswith(SQLITE):
        return _with_one_slash(url)
    if not url.startswith("postgres://"):
        kind = url.partition("://")[0] if "://" in url else HIDDEN
        raise SettingInvalid("PBX_DATABASE_URL", kind, "must begin with sqlite:// or postgres://")
    try:
        is_right = urlsplit(url).port != 0
    except ValueError:
        is_right = False
    if not is_right:
        rule = (
            "must be postgres://user:password@host:port/name, with a port of 1 to 65535; "
            "a sign like @ or / in a password is written %40, %2F"
        )
        raise SettingInvalid("PBX_DATABASE_URL", HIDDEN, rule)
    return url


def _with_one_slash(url: str) -> str:
    """Others write four slashes before the path of a file; the file is the same."""
    path = url.removeprefix(SQLITE)
    return f"{SQLITE}/{path.lstrip('/')}" if path.startswith("//") else url


def _tls(given: Mapping[str, str]) -> SipTls | None:
    certificate, key = given.get("PBX_TLS_CERT_FILE", ""), given.get("PBX_TLS_KEY_FILE", "")
    authorities = given.get("PBX_TLS_CA_FILE", "")
    if not certificate and not key:
        if authorities:
            rule = "is for carriers by TLS: set PBX_TLS_CERT_FILE and PBX_TLS_KEY_FILE, too"
            raise SettingInvalid("PBX_TLS_CA_FILE", authorities, rule)
        return None
    if not certificate or not key:
        missing = "PBX_TLS_KEY_FILE" if certificate else "PBX_TLS_CERT_FILE"
        raise SettingInvalid(missing, "", "a certificate and its key are set together")
    return SipTls(
        bind=read_address(given, "PBX_TLS_BIND", TLS_BIND),
        certificate_file=whole_path("PBX_TLS_CERT_FILE", certificate),
        key_file=whole_path("PBX_TLS_KEY_FILE", key),
        authorities_file=whole_path("PBX_TLS_CA_FILE", authorities) if authorities else None,
    )


def _public_url(given: Mapping[str, str]) -> str:
    bind = read_address(given, "PBX_HTTP_BIND", HTTP_BIND)
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


def _asterisk_root(given: Mapping[str, str]) -> Path:
    cache = Path(given.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    return _path(given, "PBX_ASTERISK_ROOT", cache / "pbx" / "asterisk")


def _one_of(given: Mapping[str, str], name: str, allowed: tuple[str, ...], default: str) -> str:
    text = given.get(name) or default
    if text not in allowed:
        raise SettingInvalid(name, text, f"must be one of {', '.join(allowed)}")
    return text
