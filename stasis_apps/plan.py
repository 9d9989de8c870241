"""A tenant's numbers and what stands behind each, as one frozen value for one revision."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime, tzinfo
from typing import Final

from models.facts import (
    AliasFacts,
    EmergencyAddressFacts,
    LocationFacts,
    NumberFacts,
    SwitchFacts,
    TrunkFacts,
)
from models.feature_codes import FeatureCode
from models.numbering import TargetKind, bare_of, is_emergency, is_reserved, target_kind
from models.outside_policy import OutsidePolicy
from stasis_apps.call import Endpoint, Holiday, Person, Position, SoundName, Target
from stasis_apps.decisions.dialled import Dialled, Known, Meaning, read_dialled
from stasis_apps.decisions.numbers import normalise
from stasis_apps.decisions.outbound import OutboundRule, Purpose, choose_rule
from stasis_apps.element import Element, Switched
from stasis_apps.emergency import Emergency
from stasis_apps.outside import Outside
from stasis_apps.redial import Redial

ASTERISK_SOUND: Final = "asterisk:"
OUTSIDE_KIND: Final = "outside"
EMERGENCY_KIND: Final = "emergency"
REDIAL_KIND: Final = "redial"

BLOCKED: Final = "blocked"
"""The state of a tenant whose phones reach help and nothing else."""

PlannedTrunk = TrunkFacts
"""A line to a carrier, as the tables have it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedTenant:
    """Whose plan it is.

    Attributes:
        country: ISO 3166 code; says how numbers are written that come from outside.
        language: ``en`` or ``ru``, for what is spoken and written.
        state: ``trial``, ``active`` or ``blocked``.
        caller_id: What calls out show when nobody else says; empty for nothing.
        outside: What its calls out are held to.
        emergency_trunks: By name, in the order in which emergency calls try them; none for the
            default trunk and then all others.
    """

    id: int
    name: str
    domain: str
    timezone: tzinfo
    country: str
    language: str
    state: str
    caller_id: str = ""
    outside: OutsidePolicy = field(default_factory=OutsidePolicy)
    emergency_trunks: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class LedBy:
    """Who leads a call to a number.

    Attributes:
        acting: A user or an element, by its number; empty for nobody, as with calls to an outside
            number of ours that leads there.
        purpose: Why they do.
        hides_number: Whether they asked that an outside number is shown nobody's.
        is_dialling: Whether they dial on a phone, by which help and codes can be reached, too.
    """

    acting: str = ""
    purpose: Purpose = Purpose.LED
    hides_number: bool = False
    is_dialling: bool = False


NOBODY: Final = LedBy()


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedElement:
    """An element with the number it stands behind."""

    number: str
    kind: str
    element: Element


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedDevice:
    """A phone as a caller: whose it is and what others see when it calls.

    Attributes:
        caller_id: The number that calls out show; of the device, else of its extension, or empty.
        hides_number: Whether its calls out show none.
        location: Where it stands: the device's place, its extension's, or the tenant's default; or
            empty.
        created_at: When it was set up, where that is known.
    """

    endpoint: Endpoint
    name: str
    extension: str
    caller_name: str
    caller_id: str = ""
    hides_number: bool = False
    location: str = ""
    created_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedSound:
    """A prompt: what Asterisk plays, and how long that takes.

    Attributes:
        media: ``sound:`` with the path, without extension.
        duration_s: Its length, or a bound of it.
        language: Of a prompt that ships with Asterisk; None where there is but one. Asterisk
            plays English when the language lacks the prompt.
        spare: The media to play when English lacks it as well.
    """

    media: str
    duration_s: float
    language: str | None = None
    spare: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedMailbox:
    """A mailbox: a voicemail element's, or a user's own.

    Attributes:
        number: The number it is known by.
        name: Whose it is, for mails.
        emails: Who is told of a message by mail.
        attach: ``wav``, ``mp3``, ``link`` or ``none``: how a mail brings the message.
        delete_after_mail: Whether a message that everybody has by mail is thrown away.
        max_messages: A mailbox with so many takes no further one.
        pin_hash: Of the PIN that opens it by phone; empty when it has none.
        lamps: The users whose phones show that a message waits.
    """

    number: str
    name: str
    emails: tuple[str, ...] = ()
    attach: str = "wav"
    delete_after_mail: bool = False
    max_messages: int = 100
    pin_hash: str = ""
    lamps: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanFault:
    """Something in the tables that cannot be run; the rest of the plan works without it."""

    number: str
    message: str


@dataclass(frozen=True, slots=True, kw_only=True)
class NumberPlan:
    """All that a call of this tenant may need, in memory.

    A call keeps the plan it began with; a change makes a new one for the next call.

    Attributes:
        elements: What stands behind each internal number.
        people: Users by extension number.
        devices: Phones by endpoint.
        trunks: Lines to carriers by endpoint.
        numbers: Outside numbers by their digits (E.164 without the plus).
        aliases: Names for SIP URIs.
        open_to_strangers: Users whom anybody may call by SIP.
        calendars: Holidays by the calendar's name.
        calendar_ends: The last day of which each of them says anything, where that is known.
        switches: What has been thrown, by the element's number.
        mailboxes: By the number they are known by.
        pins: The numbers for which a PIN is set.
        outbound: The outbound rules, in their order; without those that are switched off.
        caller_ids: The number that calls out show, by extension; only those that have one.
        locations: Where phones stand, by name.
        addresses: What is on record with our numbers, by their digits (E.164 without the plus).
        codes: What phones can dial besides numbers.
        faults: What could not be planned.
    """

    tenant: PlannedTenant
    revision: int
    elements: Mapping[str, PlannedElement]
    extensions: tuple[str, ...]
    devices: Mapping[str, PlannedDevice]
    sounds: Mapping[str, PlannedSound]
    people: Mapping[str, Person] = field(default_factory=dict)
    trunks: Mapping[str, PlannedTrunk] = field(default_factory=dict)
    numbers: Mapping[str, NumberFacts] = field(default_factory=dict)
    aliases: Mapping[str, AliasFacts] = field(default_factory=dict)
    open_to_strangers: frozenset[str] = frozenset()
    calendars: Mapping[str, tuple[Holiday, ...]] = field(default_factory=dict)
    calendar_ends: Mapping[str, date] = field(default_factory=dict)
    switches: Mapping[str, SwitchFacts] = field(default_factory=dict)
    mailboxes: Mapping[str, PlannedMailbox] = field(default_factory=dict)
    pins: frozenset[str] = frozenset()
    outbound: tuple[OutboundRule, ...] = ()
    caller_ids: Mapping[str, str] = field(default_factory=dict)
    locations: Mapping[str, LocationFacts] = field(default_factory=dict)
    addresses: Mapping[str, EmergencyAddressFacts] = field(default_factory=dict)
    codes: tuple[FeatureCode, ...] = ()
    faults: tuple[PlanFault, ...] = ()

    def behind(self, target: Target) -> PlannedElement | None:
        """What stands behind an internal number or alias, or None when the tenant has no such."""
        alias = self.aliases.get(target)
        return self.elements.get(alias.target if alias else target)

    def at(self, target: Target, *, led_by: LedBy = NOBODY) -> PlannedElement | None:
        """The same, and for an outside number the element that dials it.

        Only who dials reaches help and codes: no call is led there by the plan.

        Args:
            target: Where the call is led, or what was dialled.
            led_by: Who leads it there.
        """
        if led_by.is_dialling:
            return self._at_dialled(self.dialled(target), led_by)
        found = self.behind(target)
        if found is None and target_kind(target, self.tenant.country) is TargetKind.OUTSIDE:
            return _outside(target, led_by)
        return found

    def dialled(self, sent: str) -> Dialled:
        """What a phone means by what it sends."""
        country = self.tenant.country
        known = Known(
            codes=self.codes,
            is_ours=lambda number: self.behind(Target(number)) is not None,
            is_reserved=lambda number: is_reserved(number, country),
            is_emergency=lambda number: is_emergency(number, country),
        )
        return read_dialled(sent, known)

    def is_help(self, dialled: Dialled, *, acting: str, at: datetime) -> bool:
        """Whether a phone calls help, by itself or by the outbound rule that fires (0 112).

        Args:
            dialled: What it means by what it sends.
            acting: Whose phone it is.
            at: The moment.
        """
        if dialled.meaning is not Meaning.OUTSIDE:
            return dialled.meaning is Meaning.EMERGENCY
        at = at.astimezone(self.tenant.timezone)
        choice = choose_rule(self.outbound, dialled.number, acting=acting, at=at)
        return is_emergency(bare_of(choice.sends), self.tenant.country)

    def _at_dialled(self, dialled: Dialled, led_by: LedBy) -> PlannedElement | None:
        number = dialled.number
        match dialled.meaning:
            case Meaning.OURS:
                return self.behind(Target(number))
            case Meaning.EMERGENCY:
                help_ = Emergency(number=number, acting=led_by.acting)
                return PlannedElement(number=number, kind=EMERGENCY_KIND, element=help_)
            case Meaning.OUTSIDE:
                hides = led_by.hides_number or dialled.hides_number
                return _outside(number, replace(led_by, hides_number=hides))
            case Meaning.REDIAL:
                again = self._redial(led_by.acting)
                return PlannedElement(number=number, kind=REDIAL_KIND, element=again)
            case _:
                return None

    def _redial(self, acting: str) -> Redial:
        """What dials again; in a blocked tenant, only calls for help."""
        if self.tenant.state != BLOCKED:
            return Redial()
        return Redial(
            may_call=lambda sent, at: self.is_help(self.dialled(sent), acting=acting, at=at)
        )

    def trunk_behind(self, endpoint: Endpoint) -> PlannedTrunk | None:
        """The trunk that Asterisk knows by this endpoint, or None."""
        return self.trunks.get(endpoint)

    def number_dialled(self, dialled: str, *, through: PlannedTrunk) -> NumberFacts | None:
        """Which of the tenant's outside numbers a carrier has called, or None.

        Carriers write a number in several ways, and some call the account instead of the number;
        that means the only number of the trunk. A number may be called through another trunk than
        its own, as when a carrier moves it to a new account: the call goes where the number leads,
        and counts for the trunk that it really came in on, in its channels and for a forward that
        leaves by the same trunk. The call's story names both (see `router`).
        """
        for written in (normalise(dialled, self.tenant.country), dialled):
            found = self.numbers.get(written.removeprefix("+"))
            if found is not None:
                return found
        of_trunk = [one for one in self.numbers.values() if one.trunk == through.name]
        calls_the_account = dialled == through.username and len(of_trunk) == 1
        return of_trunk[0] if calls_the_account else None

    def is_open_to_strangers(self, dialled: str) -> bool:
        """Whether anybody on the internet may call this alias or user."""
        alias = self.aliases.get(dialled)
        return alias.allows_direct_sip if alias else dialled in self.open_to_strangers

    def position(self, number: str, at: datetime) -> Position | None:
        """Which way the switch at an element is forced at a moment, or None."""
        switch = self.switches.get(number)
        if switch is None or (switch.until_at is not None and switch.until_at <= at):
            return None
        return Position(switch.position)

    def position_in_effect(self, number: str, at: datetime) -> Position:
        """Which way calls go at an element at a moment, whether it is forced or goes by itself."""
        planned = self.elements.get(number)
        by_itself = Position.OPEN
        if planned is not None and isinstance(planned.element, Switched):
            by_itself = planned.element.position_by_itself(
                at, lambda name: self.calendars.get(name, ())
            )
        return self.position(number, at) or by_itself

    def device(self, endpoint: Endpoint) -> PlannedDevice:
        """A phone by its endpoint; one that is not in the plan (any more) goes by its address."""
        known = self.devices.get(endpoint)
        name = endpoint.partition("@")[0]
        return known or PlannedDevice(
            endpoint=endpoint, name=name, extension=name.partition("-")[0], caller_name=""
        )

    def phone(self, name: str) -> PlannedDevice | None:
        """A phone by the name it logs in with, or None."""
        return self.devices.get(f"{name}@{self.tenant.domain}")

    def sound(self, name: SoundName) -> PlannedSound | None:
        """A prompt by name; those that ship with Asterisk are known by their prefix."""
        if name.startswith(ASTERISK_SOUND):
            media = f"sound:{name.removeprefix(ASTERISK_SOUND)}"
            return PlannedSound(media=media, duration_s=LONGEST_BUILT_IN_SOUND_S)
        return self.sounds.get(name)


def _outside(number: str, led_by: LedBy) -> PlannedElement:
    dials = Outside(
        number=number,
        acting=led_by.acting,
        purpose=led_by.purpose,
        hides_number=led_by.hides_number,
        is_dialling=led_by.is_dialling,
    )
    return PlannedElement(number=number, kind=OUTSIDE_KIND, element=dials)


LONGEST_BUILT_IN_SOUND_S = 60.0
"""Longer than any prompt that ships with Asterisk; bounds the wait for its end."""
