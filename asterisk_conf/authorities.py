"""Who may vouch for carriers by TLS: certificates read, and laid where Asterisk reads them."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from cryptography import x509

from asterisk_conf.errors import UnusableSetting
from asterisk_conf.node import NodeTls
from asterisk_conf.private_files import replace_file

SETTING: Final = "PBX_TLS_CA_FILE"


def check(tls: NodeTls) -> str:
    """Read the certificates of those who may vouch; empty where nobody was named.

    Raises:
        UnusableSetting: The file cannot be read, or holds none.
    """
    path = tls.authorities_file
    if path is None:
        return ""
    try:
        text = path.read_text(encoding="utf-8", errors="replace")  # free text beside PEM may be so
        x509.load_pem_x509_certificates(text.encode())
    except OSError as problem:
        raise UnusableSetting(SETTING, path, f"cannot be read: {problem.strerror}") from None
    except ValueError:
        rule = "holds no certificate in PEM (-----BEGIN CERTIFICATE-----)"
        raise UnusableSetting(SETTING, path, rule) from None
    return text


def lay(tls: NodeTls | None, place: Path) -> None:
    """Put Asterisk's own copy in its place, or take it away where nobody was named.

    Raises:
        UnusableSetting: See `check`.
        OSError: It cannot be written.
    """
    text = check(tls) if tls else ""
    if text:
        replace_file(place, text)
    else:
        place.unlink(missing_ok=True)
