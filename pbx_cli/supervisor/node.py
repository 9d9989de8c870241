"""What the settings say about the Asterisk of this home, in the words of `asterisk_conf`."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from asterisk_conf import (
    AsteriskElsewhere,
    AsteriskInstall,
    NodeSettings,
    PostgresDatabase,
    SqliteDatabase,
    ami,
)
from asterisk_conf.node import NodeTls
from models.config import parse_url
from stasis_apps.settings import Settings

SYSTEM_AUTHORITIES: Final = Path("/etc/ssl/certs")
"""Where ca-certificates puts whom a machine believes, one file each, named as OpenSSL looks for it;
images of ours have it in both containers."""


def node_settings(
    settings: Settings, asterisk: AsteriskInstall | AsteriskElsewhere
) -> NodeSettings:
    """Describe the one Asterisk of this home.

    Raises:
        UnusableSetting: No Asterisk could work with them.
        DatabaseUnavailable: The database's address cannot be read.
    """
    return NodeSettings(
        home=settings.home,
        asterisk=asterisk,
        sip_bind_host=settings.sip_bind.host,
        sip_bind_port=settings.sip_bind.port,
        rtp_first=settings.rtp_ports.first,
        rtp_last=settings.rtp_ports.last,
        ari_host=settings.ari_bind.host,
        ari_port=settings.ari_bind.port,
        ami_bind=_ami(settings),
        external_address=settings.external_address,
        local_nets=settings.local_nets,
        tls=_tls(settings),
        database=_database(settings.database_url),
    )


def _ami(settings: Settings) -> ami.Address | None:
    bind = settings.ami_bind
    return ami.Address(bind.host, bind.port) if bind else None


def _tls(settings: Settings) -> NodeTls | None:
    if settings.tls is None:
        return None
    return NodeTls(
        host=settings.tls.bind.host,
        port=settings.tls.bind.port,
        certificate_file=settings.tls.certificate_file,
        key_file=settings.tls.key_file,
        authorities_file=settings.tls.authorities_file,
        system_authorities=SYSTEM_AUTHORITIES if SYSTEM_AUTHORITIES.is_dir() else None,
    )


def _database(url: str) -> SqliteDatabase | PostgresDatabase:
    address = parse_url(url)
    if address.sqlite_path is not None:
        return SqliteDatabase(path=Path(address.sqlite_path).absolute())
    parts = address.connection["credentials"]
    return PostgresDatabase(
        host=str(parts["host"]),
        port=int(str(parts["port"])),
        user=str(parts["user"]),
        password=str(parts["password"] or ""),
        name=str(parts["database"]),
    )
