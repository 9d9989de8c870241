"""Notices that the certificate of phones has been renewed, and lets Asterisk show the new one.

Asterisk starts its TLS listener anew when a reload finds its file changed (res_pjsip, 22.10); it
listens again within milliseconds, and the connections that stand are not touched: who talks goes on
talking, and phones see the new certificate when they connect the next time.
"""

from __future__ import annotations

import asyncio
import hashlib
import ssl
from collections.abc import Sequence
from pathlib import Path
from typing import Final

import structlog

from ari_client import AriClient, AriError
from asterisk_conf import UnusableSetting, certificate
from asterisk_conf.certificate import Certificate
from stasis_apps.settings import Address, SipTls

LOOK_S: Final = 3.0
"""How often the files are looked at; they are read when they are the same at the second look."""

AGAIN_S: Final = 60.0
"""When files that were refused are judged again though nobody touched them: the folder above may
let us in by now, or a certificate may have begun."""

TAKEN_LIMIT_S: Final = 5.0
TAKEN_PAUSE_S: Final = 0.1
CONNECT_LIMIT_S: Final = 3.0
MODULE: Final = "res_pjsip.so"

log = structlog.get_logger(__name__)


class CertificateRenewal:
    """Keeps what phones are shown equal to what lies in the files of the settings."""

    def __init__(self, ari: AriClient, tls: SipTls, place: Path, listener: Address) -> None:
        """Watch over one certificate.

        Args:
            ari: Reloads.
            tls: The files of the settings.
            place: Asterisk's own copy.
            listener: Where Asterisk shows it.
        """
        self._ari = ari
        self._tls = tls
        self._place = place
        self._listener = listener
        self._seen: Sequence[object] = ()
        self._done: Sequence[object] = ()
        self._refused = ""
        self._again_at = 0.0

    async def run(self) -> None:
        """Look again and again until cancelled."""
        while True:
            await self._look()
            await asyncio.sleep(LOOK_S)

    async def _look(self) -> None:
        """Act on files that have come to rest: certificate and key are not written in one step."""
        files = await asyncio.to_thread(_state_of, self._tls.certificate_file, self._tls.key_file)
        has_come_to_rest, self._seen = files == self._seen, files
        if has_come_to_rest and self._is_due(files) and await self._is_done():
            self._done = files

    def _is_due(self, files: Sequence[object]) -> bool:
        """Whether the files are new, or were refused a while ago."""
        is_late = asyncio.get_running_loop().time() >= self._again_at
        return files != self._done or (bool(self._refused) and is_late)

    async def _is_done(self) -> bool:
        """Let Asterisk show what lies in the files; whether nothing is left to be tried now."""
        try:
            wanted = await asyncio.to_thread(certificate.check, self._tls, self._place)
        except UnusableSetting as fault:
            self._refuse(str(fault))
            return True
        self._refused = ""
        is_in_place = await asyncio.to_thread(certificate.is_in_place, wanted, self._place)
        if is_in_place and await shown_at(self._listener) == wanted.fingerprint:
            return True
        return await self._renew(wanted)

    def _refuse(self, fault: str) -> None:
        """Keep what is in use, and say why; once as long as it is for the same reason."""
        if fault != self._refused:
            log.warning("certificate_refused", fault=fault, keeps="the one in use")
        self._refused = fault
        self._again_at = asyncio.get_running_loop().time() + AGAIN_S

    async def _renew(self, wanted: Certificate) -> bool:
        told = log.bind(names=wanted.names, ends_at=wanted.ends_at.isoformat())
        try:
            await asyncio.to_thread(certificate.lay, self._tls, self._place)
            await self._ari.asterisk.reload_module(MODULE)
            async with asyncio.timeout(TAKEN_LIMIT_S):
                while await shown_at(self._listener) != wanted.fingerprint:  # noqa: ASYNC110
                    await asyncio.sleep(TAKEN_PAUSE_S)  # another process's listener, no event
        except (AriError, OSError, UnusableSetting, TimeoutError) as fault:
            told.warning("certificate_not_taken", fault=repr(fault), again_in_s=LOOK_S)
            return False
        told.info("certificate_renewed")
        return True


async def shown_at(listener: Address) -> str | None:
    """The fingerprint of the certificate that phones are shown; None when nobody listens there."""
    anybody = ssl.create_default_context()
    anybody.check_hostname = False
    anybody.verify_mode = ssl.CERT_NONE  # it is looked at, not trusted
    try:
        async with asyncio.timeout(CONNECT_LIMIT_S):
            _, writer = await asyncio.open_connection(
                listener.host, listener.port, ssl=anybody, ssl_handshake_timeout=CONNECT_LIMIT_S
            )
    except (OSError, TimeoutError):  # ssl.SSLError is an OSError
        return None
    try:
        shown = writer.get_extra_info("ssl_object").getpeercert(binary_form=True)
        return hashlib.sha256(shown).hexdigest()
    finally:
        writer.transport.abort()


def _state_of(*paths: Path) -> Sequence[object]:
    """What changes when one of the files is written, replaced, or made readable."""
    found: list[object] = []
    for path in paths:
        try:
            stat = path.stat()
            found.append((stat.st_ino, stat.st_size, stat.st_mtime_ns, stat.st_ctime_ns))
        except OSError as problem:
            found.append(problem.errno)
    return found
