"""Turns a node's settings into the folder of files that Asterisk reads; starts nothing."""

from __future__ import annotations

import re
import secrets
import sqlite3
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Final

from jinja2 import Environment, PackageLoader, StrictUndefined

from asterisk_conf import ami, authorities, certificate, noted_ends, swallow
from asterisk_conf.errors import UnusableSetting
from asterisk_conf.leg_ends import REFUSALS
from asterisk_conf.node import NodeSettings, shown
from asterisk_conf.ports import check_that_ports_are_apart
from asterisk_conf.private_files import keep_file, replace_file

PRIVATE_FOLDER: Final = 0o700
SECRET_BYTES: Final = 32

NODE_NAME: Final = re.compile(r"pbx-[0-9a-f]{6}")
"""Never with a ``~``: ids of ours are told from Asterisk's by it."""

DATABASE_SECTION: Final = "pbx"

VIEWS: Final = (
    "ps_endpoints",
    "ps_auths",
    "ps_aors",
    "ps_domain_aliases",
    "pbx_dial_fallback",
    "pbx_direct_sip",
    "pbx_emergency_line",
    "pbx_emergency_caller",
    "pbx_outside_lock",
)
"""The families of rows that the database offers to Asterisk."""

TEMPLATES: Final = (
    "asterisk.conf",
    "modules.conf",
    "logger.conf",
    "http.conf",
    "ari.conf",
    "manager.conf",
    "pjsip.conf",
    "pjsip_notify.conf",
    "rtp.conf",
    "sorcery.conf",
    "extconfig.conf",
    "extensions.conf",
    "musiconhold.conf",
    "indications.conf",
    "cel.conf",
    "cel_custom.conf",
)

SWITCHED_OFF: Final = {
    "cdr.conf": ("enable", "call records come from the journal of our application"),
}

EMPTY: Final = {
    "acl.conf": "no named access lists",
    "ccss.conf": "no call completion by Asterisk; our application calls back",
    "features.conf": "no feature codes in Asterisk; keys belong to our application",
    "pjproject.conf": "what the SIP library logs by itself is enough",
    "stasis.conf": "Asterisk's own sizes for its inner message bus will do",
    "udptl.conf": "no fax over UDPTL",
    "websocket_client.conf": "Asterisk opens no connections to the outside",
}
"""Files without which Asterisk complains, though it needs nothing from them."""

LONGEST_PGSQL_VALUE: Final = 63
"""res_config_pgsql cuts longer values off without a word."""

FOLDERS: Final = (
    *("etc", "lib", "cache", "spool", "spool/recording", "run", "log"),
    noted_ends.FOLDER,
)


def value(text: object) -> str:
    """Write a value so that Asterisk's configuration reader takes it as it is.

    Raises:
        UnusableSetting: It holds a line break or a zero byte, which no escape can save.
    """
    plain = str(text)
    if any(character in plain for character in "\n\r\0"):
        raise UnusableSetting("configuration value", repr(plain), "must be one line of text")
    return plain.replace(";", "\\;")


def libpq_value(text: str) -> str:
    """Quote a value of a PostgreSQL connection string (libpq, "Keyword/Value Strings").

    Raises:
        UnusableSetting: Quoted, it is longer than Asterisk keeps.
    """
    escaped = text.replace("\\", "\\\\").replace("'", "\\'")
    quoted = f"'{escaped}'"
    if len(quoted.encode()) > LONGEST_PGSQL_VALUE:
        raise UnusableSetting(
            "PBX_DATABASE_URL",
            "(a part of it)",
            f"Asterisk takes at most {LONGEST_PGSQL_VALUE - 2} bytes for each of host, user, "
            "password and database name",
        )
    return quoted


def render(
    settings: NodeSettings,
    *,
    ari_secret: str,
    ami_secret: str,
    ami_address: ami.Address,
    node_name: str,
) -> Mapping[str, str]:
    """Return every file of Asterisk's configuration folder by name."""
    environment = _environment()
    facts = {
        **_facts(settings, node_name),
        "ami_host": ami_address.host,
        "ami_password": ami_secret,
        "ami_port": ami_address.port,
        "ari_password": ari_secret,
    }
    files = {name: environment.get_template(name).render(facts) for name in TEMPLATES}
    for driver_file in settings.driver_files:
        files[driver_file] = environment.get_template(driver_file).render(facts)
    for name, (setting, why) in SWITCHED_OFF.items():
        template = environment.get_template("switched_off.conf")
        files[name] = template.render(setting=setting, why=why)
    for name, why in EMPTY.items():
        files[name] = environment.get_template("empty.conf").render(why=why)
    return dict(sorted(files.items()))


def check(settings: NodeSettings) -> None:
    """Refuse what `write` could not write, before anything is made or changed.

    Raises:
        UnusableSetting: Ports overlap, the certificate is no good, or a value cannot be rendered.
    """
    check_that_ports_are_apart(settings)
    if settings.tls is not None:
        certificate.check(settings.tls, settings.certificate_file)
        authorities.check(settings.tls)
    anywhere = settings.ami_bind or ami.Address(settings.ari_host, settings.ari_port)
    render(settings, ari_secret="", ami_secret="", ami_address=anywhere, node_name="")


def write(settings: NodeSettings) -> Path:
    """Write the configuration below ``home`` and return the file to start Asterisk with.

    One that runs goes on with what it has read, and takes this at its next start. Folders and files
    are readable by us alone. A file of an earlier version that is no longer rendered is removed, so
    that Asterisk reads nothing that we do not know of.

    Raises:
        UnusableSetting: See `check`, which comes first; or ``home`` cannot be written.
    """
    check(settings)
    files = _files(settings)
    try:
        for name in FOLDERS:
            _private_folder(settings.folder / name)
        for stale in settings.etc.iterdir():
            if stale.name not in files:
                stale.unlink()
        for name, text in files.items():
            if _text_of(settings.etc / name) != text:
                replace_file(settings.etc / name, text)
        swallow.make(settings.swallow_file)
        certificate.lay(settings.tls, settings.certificate_file)
        authorities.lay(settings.tls, settings.authorities_file)
    except (OSError, sqlite3.Error) as problem:
        raise UnusableSetting("PBX_HOME", settings.home, f"cannot be written: {problem}") from None
    return settings.main_file


def outdated_files(settings: NodeSettings) -> Sequence[str]:
    """Name the files that would change if the configuration were written now."""
    files = _files(settings)
    return [name for name, text in files.items() if _text_of(settings.etc / name) != text]


def ari_password(settings: NodeSettings) -> str:
    """Return the password for ARI, made on the first call and kept in ``ari.secret``.

    Raises:
        UnusableSetting: ``home`` cannot be written.
    """
    return _kept(settings, settings.ari_secret_file, lambda: secrets.token_urlsafe(SECRET_BYTES))


def ami_password(settings: NodeSettings) -> str:
    """Return the password for AMI, made on the first call and kept in ``ami.secret``.

    Raises:
        UnusableSetting: ``home`` cannot be written.
    """
    return _kept(settings, settings.ami_secret_file, lambda: secrets.token_urlsafe(SECRET_BYTES))


def ami_address(settings: NodeSettings) -> ami.Address:
    """Return where this node listens for AMI: as set, else drawn on the first call and kept.

    Raises:
        UnusableSetting: ``home`` cannot be written.
    """
    if settings.ami_bind is not None:
        return settings.ami_bind
    path = settings.ami_address_file
    return ami.Address.read(_kept(settings, path, lambda: str(ami.Address.draw())))


def draw_free_ami_address(settings: NodeSettings) -> None:
    """Draw another address for AMI when somebody else has taken the one that was drawn.

    Asterisk must not be running.

    Raises:
        UnusableSetting: ``home`` cannot be written.
    """
    if settings.ami_bind is None and not ami_address(settings).is_free():
        settings.ami_address_file.unlink()


def node_name(settings: NodeSettings) -> str:
    """Return the name of this node, made on the first call and kept in ``node.name``.

    Asterisk puts it before the number of every channel, so that no two nodes that write into one
    database give two calls the same id. It is drawn, because two machines may have equal paths.

    Raises:
        UnusableSetting: ``home`` cannot be written, or the file holds another kind of name.
    """
    path = settings.node_name_file
    name = _kept(settings, path, lambda: f"pbx-{secrets.token_hex(3)}")
    if not NODE_NAME.fullmatch(name):
        rule = f"{path} must hold pbx- and six hexadecimal digits; remove it for a new name"
        raise UnusableSetting("PBX_HOME", settings.home, rule)
    return name


def _files(settings: NodeSettings) -> Mapping[str, str]:
    return render(
        settings,
        ari_secret=ari_password(settings),
        ami_secret=ami_password(settings),
        ami_address=ami_address(settings),
        node_name=node_name(settings),
    )


def _kept(settings: NodeSettings, path: Path, make: Callable[[], str]) -> str:
    """Read what this node keeps for good, making it at the first look."""
    try:
        _private_folder(settings.folder)
        if not path.exists() or not path.stat().st_size:  # a power cut may have emptied it
            keep_file(path, make() + "\n")
        return path.read_text().strip()
    except OSError as problem:
        raise UnusableSetting("PBX_HOME", settings.home, f"cannot be written: {problem}") from None


def _text_of(path: Path) -> str | None:
    try:
        return path.read_text(encoding="utf-8")
    except FileNotFoundError:
        return None


def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("asterisk_conf"),
        undefined=StrictUndefined,
        autoescape=False,  # noqa: S701 - Asterisk's files are not HTML; `conf` escapes for them
        keep_trailing_newline=True,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["conf"] = value
    environment.filters["libpq"] = libpq_value
    return environment


def _facts(settings: NodeSettings, node_name: str) -> dict[str, object]:
    return {
        "app": settings.app,
        "ari_host": settings.ari_host,
        "ari_port": settings.ari_port,
        "authorities_file": settings.authorities_file,
        "database": settings.database,
        "database_section": DATABASE_SECTION,
        "datadir": settings.asterisk.datadir,
        "driver": settings.database.driver,
        "entity_id": settings.entity_id(node_name),
        "etc": settings.etc,
        "external_address": settings.external_address,
        "folder": settings.folder,
        "local_nets": settings.local_nets,
        "moddir": settings.asterisk.moddir,
        "modules": settings.modules,
        "node_name": node_name,
        "noted_ends": noted_ends.FILE,
        "refused": REFUSALS,
        "rtp_first": settings.rtp_first,
        "rtp_last": settings.rtp_last,
        "sip_bind": f"{shown(settings.sip_bind_host)}:{settings.sip_bind_port}",
        "swallow_file": settings.swallow_file,
        "swallow_section": swallow.SECTION,
        "tls": settings.tls,
        "tls_bind": settings.tls and f"{shown(settings.tls.host)}:{settings.tls.port}",
        "tls_file": settings.certificate_file,
        "unwanted_events": ami.UNWANTED_EVENTS,
        "views": VIEWS,
    }


def _private_folder(path: Path) -> None:
    path.mkdir(mode=PRIVATE_FOLDER, parents=True, exist_ok=True)
    path.chmod(PRIVATE_FOLDER)
