"""Certificates for tests: an authority of the test's own, and what it signs."""

import asyncio
import hashlib
import ssl
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

HOST = "127.0.0.1"


@dataclass(frozen=True, slots=True)
class TlsPair:
    """A certificate and its key, in files as an operator's."""

    certificate_file: Path
    key_file: Path

    @property
    def fingerprint(self) -> str:
        """The SHA-256 of the certificate."""
        there = ssl.PEM_cert_to_DER_cert(self.certificate_file.read_text())
        return hashlib.sha256(there).hexdigest()

    @property
    def settings(self) -> dict[str, str]:
        """What an operator writes into the settings."""
        return {
            "PBX_TLS_CERT_FILE": str(self.certificate_file),
            "PBX_TLS_KEY_FILE": str(self.key_file),
        }


@dataclass(frozen=True, slots=True)
class Authority:
    """Signs certificates, usually for 127.0.0.1, and is believed by those who ask with its own."""

    folder: Path
    _key: ec.EllipticCurvePrivateKey = field(
        default_factory=lambda: ec.generate_private_key(ec.SECP256R1())
    )

    def pair(self, *, begins_days: float = -1, ends_days: float = 90, host: str = HOST) -> TlsPair:
        """Write a certificate and its key where the last ones were, as a renewal does."""
        key = ec.generate_private_key(ec.SECP256R1())
        pair = TlsPair(self.folder / "fullchain.pem", self.folder / "privkey.pem")
        signed = self._signed("pbx.test", key, begins_days, ends_days, host)
        pair.certificate_file.write_bytes(signed.public_bytes(Encoding.PEM))
        pair.key_file.write_bytes(
            key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        )
        return pair

    def file(self) -> Path:
        """Write its own certificate, for those who are to believe it."""
        path = self.folder / "authority.pem"
        path.write_bytes(self._own.public_bytes(Encoding.PEM))
        return path

    async def vouches_for(self, port: int) -> str:
        """Connect as a phone that checks whom it speaks to; the fingerprint of what it is shown."""
        trusting = ssl.create_default_context(cadata=self._own.public_bytes(Encoding.PEM).decode())
        _, writer = await asyncio.open_connection(HOST, port, ssl=trusting)
        shown = writer.get_extra_info("ssl_object").getpeercert(binary_form=True)
        writer.transport.abort()
        await writer.wait_closed()
        return hashlib.sha256(shown).hexdigest()

    @property
    def _own(self) -> x509.Certificate:
        return self._signed("authority.test", self._key, -1, 90)

    def _signed(
        self,
        name: str,
        key: ec.EllipticCurvePrivateKey,
        begins_days: float,
        ends_days: float,
        host: str = HOST,
    ) -> x509.Certificate:
        now_at = datetime.now(UTC)
        is_own = key is self._key
        return (
            x509.CertificateBuilder()
            .subject_name(_called(name))
            .issuer_name(_called("authority.test"))
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(now_at + timedelta(days=begins_days))
            .not_valid_after(now_at + timedelta(days=ends_days))
            .add_extension(x509.BasicConstraints(ca=is_own, path_length=None), critical=True)
            .add_extension(
                x509.SubjectAlternativeName([x509.DNSName(name), x509.IPAddress(ip_address(host))]),
                critical=False,
            )
            .sign(self._key, hashes.SHA256())
        )


def _called(name: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name)])
