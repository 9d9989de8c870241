"""The certificate that phones see: read, judged, laid where Asterisk reads it; reloads nothing.

Asterisk gets a copy of its own, certificate and key in one file: it appears whole, it has been
judged before, and an Asterisk in another container needs to see no other folder.
"""

from __future__ import annotations

import ssl
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Final, NoReturn, Protocol

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    PublicFormat,
    load_pem_private_key,
)

from asterisk_conf.errors import UnusableSetting
from asterisk_conf.private_files import replace_file

CERTIFICATE_SETTING: Final = "PBX_TLS_CERT_FILE"
KEY_SETTING: Final = "PBX_TLS_KEY_FILE"


class TlsFiles(Protocol):
    """What the settings name, both PEM."""

    @property
    def certificate_file(self) -> Path:
        """The certificate, then those between it and its root."""

    @property
    def key_file(self) -> Path:
        """Its key."""


@dataclass(frozen=True, slots=True)
class _OwnCopy:
    certificate_file: Path
    key_file: Path


@dataclass(frozen=True, slots=True, kw_only=True)
class Certificate:
    """Whom phones are told that they speak to.

    Attributes:
        names: The hosts and addresses that it is good for.
        begins_at: Before it, phones refuse it.
        ends_at: After it, phones refuse it.
        fingerprint: Its SHA-256, in hexadecimal digits.
        pem: It with those between it and its root, and its key, as Asterisk reads them.
    """

    names: tuple[str, ...]
    begins_at: datetime
    ends_at: datetime
    fingerprint: str
    pem: str = field(repr=False)

    def days_left(self, now_at: datetime) -> int:
        """Whole days until it ends; below 0 when it has."""
        return (self.ends_at - now_at).days


def read(tls: TlsFiles) -> Certificate:
    """Read a certificate and its key, whatever its dates.

    Raises:
        UnusableSetting: One of the files cannot be read, or they do not fit together.
    """
    chain_text = _text(CERTIFICATE_SETTING, tls.certificate_file)
    key_text = _text(KEY_SETTING, tls.key_file)
    leaf = _leaf(tls, chain_text)
    if _public_key(tls, key_text) != _spki(leaf):
        rule = f"does not belong to the first certificate in {tls.certificate_file}"
        raise UnusableSetting(KEY_SETTING, tls.key_file, rule)
    _try(tls)
    return Certificate(
        names=_names(leaf),
        begins_at=leaf.not_valid_before_utc,
        ends_at=leaf.not_valid_after_utc,
        fingerprint=leaf.fingerprint(hashes.SHA256()).hex(),
        pem=f"{chain_text.rstrip()}\n{key_text.rstrip()}\n",
    )


def check_dates(tls: TlsFiles, certificate: Certificate, now_at: datetime) -> None:
    """Refuse what phones would refuse now.

    Raises:
        UnusableSetting: It has ended, or has not begun.
    """
    if now_at > certificate.ends_at:
        rule = f"ended at {certificate.ends_at:%Y-%m-%d %H:%M}Z: phones refuse it"
        raise UnusableSetting(CERTIFICATE_SETTING, tls.certificate_file, rule)
    if now_at < certificate.begins_at:
        rule = f"begins at {certificate.begins_at:%Y-%m-%d %H:%M}Z: phones refuse it until then"
        raise UnusableSetting(CERTIFICATE_SETTING, tls.certificate_file, rule)


def check(tls: TlsFiles, place: Path) -> Certificate:
    """Read a certificate and refuse it unless it can be used, or is in use.

    One that has ended while it was in use does not keep the exchange from starting: the phones
    that speak without TLS have no part in it.

    Raises:
        UnusableSetting: Its files are no good, or it is new and has ended or has not begun.
    """
    certificate = read(tls)
    if not is_in_place(certificate, place):
        check_dates(tls, certificate, datetime.now(UTC))
    return certificate


def is_in_place(certificate: Certificate, place: Path) -> bool:
    """Whether Asterisk's own copy is this one."""
    try:
        return place.read_text(encoding="utf-8") == certificate.pem
    except (OSError, ValueError):
        return False


def in_use(place: Path) -> Certificate | None:
    """Asterisk's own copy; None where there is none, or none that could be shown."""
    try:
        return read(_OwnCopy(place, place))
    except UnusableSetting:
        return None


def lay(tls: TlsFiles | None, place: Path) -> None:
    """Put Asterisk's own copy in its place, or take it away where there is no TLS.

    Raises:
        UnusableSetting: See `check`.
        OSError: It cannot be written.
    """
    if tls is None:
        place.unlink(missing_ok=True)
    else:
        replace_file(place, check(tls, place).pem)


def _text(setting: str, path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8", errors="replace")  # free text beside PEM may be so
    except OSError as problem:
        raise UnusableSetting(setting, path, f"cannot be read: {problem.strerror}") from None


def _leaf(tls: TlsFiles, text: str) -> x509.Certificate:
    try:
        return x509.load_pem_x509_certificates(text.encode())[0]
    except ValueError:
        rule = "holds no certificate in PEM (-----BEGIN CERTIFICATE-----)"
        raise UnusableSetting(CERTIFICATE_SETTING, tls.certificate_file, rule) from None


def _public_key(tls: TlsFiles, text: str) -> bytes:
    try:
        key = load_pem_private_key(text.encode(), password=None)
    except TypeError:
        rule = "is locked by a passphrase; Asterisk needs it open: openssl pkey -in OLD -out NEW"
    except ValueError:
        rule = "holds no private key in PEM (-----BEGIN PRIVATE KEY-----)"
    else:
        return key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    raise UnusableSetting(KEY_SETTING, tls.key_file, rule) from None


def _spki(leaf: x509.Certificate) -> bytes:
    return leaf.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)


def _try(tls: TlsFiles) -> None:
    """Let OpenSSL, which Asterisk uses too, say whether it would serve with it."""
    try:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(tls.certificate_file, tls.key_file, password=_nobody_knows)
    except ssl.SSLError as fault:
        rule = f"OpenSSL refuses it: {fault.reason or fault}"
        raise UnusableSetting(CERTIFICATE_SETTING, tls.certificate_file, rule) from None


def _nobody_knows() -> NoReturn:
    raise ValueError("locked by a passphrase")


def _names(leaf: x509.Certificate) -> tuple[str, ...]:
    """Whom it is good for (RFC 6125): its alternative names, else the name in its subject."""
    try:
        others = leaf.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except x509.ExtensionNotFound:
        found = leaf.subject.get_attributes_for_oid(x509.NameOID.COMMON_NAME)
        return tuple(str(one.value) for one in found)
    addresses = others.get_values_for_type(x509.IPAddress)
    return (*others.get_values_for_type(x509.DNSName), *(str(one) for one in addresses))
