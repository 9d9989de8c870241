"""What the rest of the program gets instead of rows: frozen values with no database behind."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import NamedTuple

from models.outside_policy import OutsidePolicy


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
    caller_id: str = ""
    outside: OutsidePolicy = field(default_factory=OutsidePolicy)
    emergency_trunks: tuple[str, ...] = ()
    route_tests: tuple[Mapping[str, object], ...] = ()
    silenced: tuple[Mapping[str, object], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ExtensionFacts:
    """A person who can be called.

    ``settings`` are what the element kind ``user`` knows: personal rules, voicemail and so on.
    ``caller_id`` is the number that calls out show, and ``location`` where their phones stand, both
    empty for what the tenant has.
    """

    number: str
    name: str
    email: str | None
    ring_s: int
    settings: Mapping[str, object] = field(default_factory=dict)
    caller_id: str = ""
    location: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class DeviceFacts:
    """A phone.

    ``endpoint`` is what is dialled. ``caller_name`` is what others see; None for the extension's.
    ``caller_id`` is the number that calls out show, ``location`` where it stands; both empty for
    what the extension has. ``hides_number`` lets the called see no number at all. ``encryption``
    (``off``, ``optional``, ``required``) is whether its sound is encrypted (SRTP).
    ``created_at`` is when it was set up, where that is known; two that differ in this alone are
    equal.
    """

    name: str
    extension: str
    endpoint: str
    caller_name: str | None
    caller_id: str = ""
    hides_number: bool = False
    location: str = ""
    encryption: str = "off"
    created_at: datetime | None = field(default=None, compare=False)


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
class TrunkFacts:
    """A line to a carrier or to another exchange; `sealed_trunk_password` alone tells its password.

    Attributes:
        id: Its row.
        name: What people call it, 70 bytes of UTF-8 at most.
        endpoint: What Asterisk calls it: ``trunk-`` and eight hex digits, unique over all tenants.
        preset: Where the settings came from that nobody gave.
        registration: ``outbound`` (we register there), ``inbound`` (they register here, with the
            name in ``endpoint``), ``none``.
        host: A DNS name or an address; may be empty when they register here.
        port: None for what DNS says, or 5060 (``tls``: 5061).
        transport: ``udp``, ``tcp`` or ``tls``.
        proxy: ``host`` or ``host:port`` that everything is sent through, or empty.
        username: Our login there.
        auth_username: The name in the digest, where it differs from the login; else empty.
        from_user: The user of the From header, or empty for the caller's number.
        from_domain: The domain of the From header, or empty for the host.
        addresses: From where its calls come: IP addresses and networks.
        max_channels: Calls at once, both ways together; 0 for no limit.
        forward_via_same: Whether a call that came in here and is forwarded leaves here, too.
        is_default: Whether calls go out here when nothing says otherwise; one per tenant.
        caller_id: The number shown to those who are called, or empty for the caller's own.
        passes_caller_id: Whether the number of a forwarded caller is shown instead.
        number_source: Where the dialled number stands: ``request_uri``, ``to``, or a header.
        caller_source: Where the caller's number stands: ``from``, ``identity``, or a header.
        codecs: In the order in which they are offered.
        expires_s: For how long we register.
        qualify_s: How often it is asked whether it is there; 0 for never.
        is_enabled: Whether calls go through it.
        patience_s: Seconds until a phone must ring, or somebody be heard; then the next trunk is
            tried.
        final_codes: SIP statuses after which no other trunk is tried; empty for the usual ones.
        caller_id_format: How the number shown is written: ``as_written``, ``e164_plus``
            (+74951234567), ``e164`` (74951234567), ``national`` (84951234567).
        forwarded_by: What tells the carrier that the call was another's: ``diversion`` (RFC 5806),
            ``history_info`` (RFC 7044), ``both``, ``none``.
        encryption: Whether the sound is encrypted: ``off``, ``optional``, ``required``.
        password_mark: Another text after each new password, and nothing that tells about it.
    """

    id: int
    name: str
    endpoint: str
    preset: str = "other"
    registration: str = "none"
    host: str = ""
    port: int | None = None
    transport: str = "udp"
    proxy: str = ""
    username: str = ""
    auth_username: str = ""
    from_user: str = ""
    from_domain: str = ""
    addresses: tuple[str, ...] = ()
    max_channels: int = 0
    forward_via_same: bool = False
    is_default: bool = False
    caller_id: str = ""
    passes_caller_id: bool = False
    number_source: str = "request_uri"
    caller_source: str = "from"
    codecs: tuple[str, ...] = ("alaw", "ulaw")
    expires_s: int = 300
    qualify_s: int = 60
    is_enabled: bool = True
    patience_s: int = 12
    final_codes: tuple[int, ...] = ()
    caller_id_format: str = "as_written"
    forwarded_by: str = "diversion"
    encryption: str = "off"
    password_mark: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class NumberFacts:
    """A number that outsiders dial.

    Attributes:
        number: As it was given.
        digits: E.164 without the plus; what the dialled number of a call is compared with.
        trunk: The name of the trunk its calls come through.
        target: Where they are led; empty for nowhere.
        label: What people call it, or empty.
    """

    number: str
    digits: str
    trunk: str
    target: str
    label: str = ""


class NumberAssignment(NamedTuple):
    """From this moment on a number belonged to this trunk and led to this target.

    An empty trunk means that the number was removed.
    """

    assigned_at: datetime
    trunk: str
    target: str


@dataclass(frozen=True, slots=True, kw_only=True)
class NumberAssigned:
    """A number as it is now, and what it was before where that has changed; None where not."""

    number: NumberFacts
    replaced_target: str | None = None
    replaced_trunk: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class OutboundRuleFacts:
    """One rule of the list that says how dialled numbers leave; the first that fits is taken.

    Attributes:
        place: 1 for the first.
        name: What people call it, 70 bytes of UTF-8 at most.
        mask: Which dialled numbers it is for (`stasis_apps.decisions.masks`).
        output: What is sent; ``$`` stands for what the mask captured. Zeros alone forbid the call.
        action: ``send`` or ``deny``.
        trunks: By name, in the order in which they are tried; none for the default trunk.
        mode: ``except`` (for all but these users) or ``only`` (for these alone).
        users: Extension numbers, or numbers of elements for which calls are made.
        hours: When it holds, as the settings ``timezone`` and ``windows`` of a time rule; empty
            for always.
        caller_id: The number shown instead of the caller's own, or empty.
        pin_hash: Of that PIN; shown to nobody.
        is_enabled: Whether it is looked at.
    """

    place: int
    name: str
    mask: str
    output: str = "$"
    action: str = "send"
    trunks: tuple[str, ...] = ()
    mode: str = "except"
    users: tuple[str, ...] = ()
    hours: Mapping[str, object] = field(default_factory=dict)
    caller_id: str = ""
    pin_hash: str = field(default="", repr=False)
    is_enabled: bool = True

    @property
    def has_pin(self) -> bool:
        """Whether a PIN is asked for."""
        return bool(self.pin_hash)


@dataclass(frozen=True, slots=True, kw_only=True)
class EmergencyAddressFacts:
    """The address that is on record with one of the tenant's numbers.

    ``number`` is the number as it was given, ``digits`` E.164 without the plus.
    """

    number: str
    digits: str
    party: str
    street: str
    city: str
    region: str = ""
    postal_code: str = ""
    country: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class LocationFacts:
    """Where phones stand.

    ``number`` is what its phones show in emergency calls, as it was given; empty for what they show
    otherwise. Phones that nobody has placed stand at the default location.
    """

    name: str
    number: str = ""
    detail: str = ""
    is_default: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class AliasFacts:
    """A name that callers write instead of a number: ``sip:info@acme.test``."""

    name: str
    target: str
    allows_direct_sip: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class CalendarDay:
    """Days that belong together, from the first to the last, both included."""

    first: date
    last: date
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CalendarFacts:
    """Holidays, by the name that time rules call them.

    Attributes:
        name: What time rules call it.
        days: In their order.
        covers_until: The last day that the file says anything about; None when it does not tell.
        source: The file it was read from.
    """

    name: str
    days: tuple[CalendarDay, ...]
    covers_until: date | None = None
    source: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class SwitchFacts:
    """Which way somebody has thrown the switch at an element, and until when.

    Attributes:
        number: The element.
        position: ``open`` or ``closed``.
        until_at: When it falls back by itself; None for never.
        set_by: Who threw it: a user's number, or ``pbx``.
        set_at: When.
    """

    number: str
    position: str
    until_at: datetime | None = None
    set_by: str = ""
    set_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class TenantRows:
    """All that a number plan is built from, read at one moment."""

    tenant: TenantFacts
    extensions: tuple[ExtensionFacts, ...]
    devices: tuple[DeviceFacts, ...]
    elements: tuple[ElementFacts, ...]
    sounds: tuple[SoundFacts, ...]
    trunks: tuple[TrunkFacts, ...] = ()
    numbers: tuple[NumberFacts, ...] = ()
    aliases: tuple[AliasFacts, ...] = ()
    calendars: tuple[CalendarFacts, ...] = ()
    switches: tuple[SwitchFacts, ...] = ()
    pins: Mapping[str, str] = field(default_factory=dict)
    outbound: tuple[OutboundRuleFacts, ...] = ()
    locations: tuple[LocationFacts, ...] = ()
    emergency_addresses: tuple[EmergencyAddressFacts, ...] = ()


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
    encryption: str
