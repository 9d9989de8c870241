"""What the rest of the program gets instead of rows: frozen values with no database behind."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple


class TenantRevision(NamedTuple):
    """A tenant has changed (or gone) at this revision."""

    tenant_id: int
    revision: int


@dataclass(frozen=True, slots=True, kw_only=True)
class TenantFacts:
    """One customer of the exchange."""

    id: int
    name: str
    domain: str
    domain_aliases: tuple[str, ...]
    timezone: str
    country: str
    language: str
    state: str
    revision: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ExtensionFacts:
    """A person who can be called."""

    number: str
    name: str
    email: str | None
    ring_s: int


@dataclass(frozen=True, slots=True, kw_only=True)
class DeviceFacts:
    """A phone.

    ``endpoint`` is what is dialled. ``caller_name`` is what others see; None for the extension's.
    """

    name: str
    extension: str
    endpoint: str
    caller_name: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ElementFacts:
    """What stands behind a number from 5000 up."""

    number: str
    kind: str
    settings: Mapping[str, object]


@dataclass(frozen=True, slots=True, kw_only=True)
class SoundFacts:
    """An uploaded prompt."""

    name: str
    duration_s: float
    source_rate_hz: int
    sha256: str
    warnings: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class TenantRows:
    """All that a number plan is built from, read at one moment."""

    tenant: TenantFacts
    extensions: tuple[ExtensionFacts, ...]
    devices: tuple[DeviceFacts, ...]
    elements: tuple[ElementFacts, ...]
    sounds: tuple[SoundFacts, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class NewDevice:
    """A device together with its password, which is shown this once; None when it is not new."""

    device: DeviceFacts
    password: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class NewExtension:
    """An extension, and its first device with the password, when one was made now."""

    extension: ExtensionFacts
    device: DeviceFacts | None
    password: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class DeviceSetup:
    """What a person types into a phone (requirements A18.3); the phone knows its own address."""

    domain: str
    login: str
    password: str
