"""Where phones speak SIP over TLS, as it is typed into them."""

from __future__ import annotations

from asterisk_conf import AsteriskError, certificate
from pbx_cli.machine import reachable_address
from stasis_apps.settings import Address, Settings


def tls_server(settings: Settings) -> str | None:
    """Where phones speak TLS; None when it is not offered.

    It has a name of the certificate, as far as that can be read from here: phones compare the two.
    """
    if settings.tls is None:
        return None
    try:
        names = certificate.read(settings.tls).names
    except AsteriskError:
        names = ()
    whole = (name for name in names if "*" not in name)
    return str(Address(next(whole, reachable_address(settings)), settings.tls.bind.port))
