"""Calls for help: by which numbers, through which trunks, and which number they show.

Pure. The exchange, Asterisk's own dialplan and the audit all ask here, so that none of them differs
from the others. An emergency number leads to help only while nothing else stands behind it.
"""

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path
from types import MappingProxyType
from typing import Final

import yaml
from phonenumbers import PhoneMetadata

from models.errors import Fault
from models.facts import DeviceFacts, LocationFacts, TenantRows, TrunkFacts
from models.numbering import normalised

LONGEST_EMERGENCY_NUMBER: Final = 6

# In Russia 104 leads to the gas service; the list of numbers that we read knows 101 to 103 alone.
_BESIDES: Final = {"RU": ("104",)}

_SHOWN_AT_ONCE: Final = 5


def _countries() -> Mapping[str, str]:
    """Read why each country asks for an address; once, when the program starts."""
    file = Path(__file__).with_name("emergency_countries.yaml")
    written = yaml.safe_load(file.read_text(encoding="utf-8"))
    return MappingProxyType({country: one["why"] for country, one in written.items()})


ASKS_FOR_ADDRESS: Final = _countries()
"""Why a number that is shown in emergency calls must have an address on record, by country."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownForHelp:
    """The number that an emergency call shows.

    Attributes:
        number: As it was given.
        digits: E.164 without the plus.
        field: Who says so: ``location``, ``device``, ``extension``, ``trunk``, ``tenant``,
            ``login`` (of the trunk: the carrier knows us by it).
        owner: Whose field it is, by name.
    """

    number: str
    digits: str
    field: str
    owner: str


@cache
def emergency_numbers(country: str) -> tuple[str, ...]:
    """Every emergency number of a country, the short ones first; takes a while at its first call.

    Args:
        country: ISO 3166 code.
    """
    known = PhoneMetadata.short_metadata_for_region(country)
    if known is None or known.emergency is None or not known.emergency.national_number_pattern:
        return _BESIDES.get(country, ())
    pattern = re.compile(known.emergency.national_number_pattern, re.ASCII)
    lengths = [one for one in known.emergency.possible_length if one <= LONGEST_EMERGENCY_NUMBER]
    found = [
        number
        for length in sorted(lengths)
        for number in (f"{one:0{length}d}" for one in range(10**length))
        if pattern.fullmatch(number)
    ]
    return (*found, *(one for one in _BESIDES.get(country, ()) if one not in found))


def numbers_for_help(rows: TenantRows) -> list[str]:
    """The emergency numbers that lead to help here; not those that were given to somebody."""
    given = {one.number for one in rows.extensions} | {one.number for one in rows.elements}
    return [one for one in emergency_numbers(rows.tenant.country) if one not in given]


def in_emergency_order(first: Sequence[str], trunks: Iterable[TrunkFacts]) -> list[TrunkFacts]:
    """The trunks that an emergency call tries, one after the other; none that is switched off.

    Args:
        first: The names of those that the tenant wants tried first.
        trunks: All of the tenant; the default trunk comes before those that nobody named.
    """
    usable = [trunk for trunk in trunks if trunk.is_enabled]
    named = [trunk for name in first for trunk in usable if trunk.name == name]
    others = [trunk for trunk in usable if trunk not in named]
    return [*named, *sorted(others, key=lambda trunk: (not trunk.is_default, trunk.name))]


def number_for_help(
    *,
    location: LocationFacts | None,
    said: Sequence[tuple[str, str, str]],
    trunk: TrunkFacts | None,
    country: str,
    owned: Collection[str],
) -> ShownForHelp | None:
    """The number that an emergency call shows: of the place, else what calls out always show.

    A number that the tenant does not own any more is passed over, but for the trunk's, which may be
    a login there. The caller may have asked to be shown to nobody; whoever is to help sees the
    number all the same.

    Args:
        location: Where the phone stands.
        said: Field, owner and number of device, extension and tenant, in this order.
        trunk: The trunk that is tried; what it shows comes before what the tenant shows.
        country: Of the tenant.
        owned: The digits of the tenant's numbers.
    """
    chain = [("location", location.name, location.number)] if location is not None else []
    chain += [one for one in said if one[0] != "tenant"]
    if trunk is not None:
        chain.append(("trunk", trunk.name, trunk.caller_id))
    chain += [one for one in said if one[0] == "tenant"]
    for field, owner, number in chain:
        digits = _digits(number, country) if number else ""
        if digits and (digits in owned or field == "trunk"):
            return ShownForHelp(number=number, digits=digits, field=field, owner=owner)
    if trunk is None or not trunk.username:
        return None
    digits = _digits(trunk.username, country)
    return ShownForHelp(number=trunk.username, digits=digits, field="login", owner=trunk.name)


class CallersForHelp:
    """The phones of one tenant, made ready to be asked about one after the other.

    Attributes:
        trunks: Through which they call help, in their order.
    """

    def __init__(self, rows: TenantRows) -> None:
        self._rows = rows
        self._extensions = {one.number: one for one in rows.extensions}
        self._places = {one.name: one for one in rows.locations}
        self._default = next((one for one in rows.locations if one.is_default), None)
        self._owned = {one.digits for one in rows.numbers}
        self._addressed = {one.digits for one in rows.emergency_addresses}
        self.trunks = in_emergency_order(rows.tenant.emergency_trunks, rows.trunks)

    @property
    def have_addresses(self) -> bool:
        """Whether an address is on record with any number of theirs."""
        return bool(self._addressed)

    @property
    def asks_for_address(self) -> bool:
        """Whether their country does."""
        return self._rows.tenant.country in ASKS_FOR_ADDRESS

    def place_of(self, device: DeviceFacts) -> LocationFacts | None:
        """Where a phone stands: its own place, its extension's, or the tenant's default."""
        extension = self._extensions.get(device.extension)
        names = (device.location, extension.location if extension else "")
        named = (self._places[name] for name in names if name in self._places)
        return next(named, self._default)

    def shown_by(self, device: DeviceFacts, trunk: TrunkFacts | None) -> ShownForHelp | None:
        """The number that a phone shows in emergency calls through a trunk; None for none."""
        extension = self._extensions.get(device.extension)
        tenant = self._rows.tenant
        said = [
            ("device", device.name, device.caller_id),
            ("extension", device.extension, extension.caller_id if extension else ""),
            ("tenant", tenant.name, tenant.caller_id),
        ]
        return number_for_help(
            location=self.place_of(device),
            said=said,
            trunk=trunk,
            country=tenant.country,
            owned=self._owned,
        )

    def has_address(self, shown: ShownForHelp) -> bool:
        """Whether an address is on record with this number."""
        return shown.digits in self._addressed

    def owns(self, shown: ShownForHelp) -> bool:
        """Whether it is a number of the tenant's, and not just how a carrier knows them."""
        return shown.digits in self._owned

    def without_address(self, device: DeviceFacts) -> list[ShownForHelp]:
        """The tenant's numbers that a phone shows and that lack the address asked for.

        Through all trunks that the call may take: the first may be down when somebody needs help.
        """
        if not self.asks_for_address:
            return []
        shown = [self.shown_by(device, trunk) for trunk in self.trunks or (None,)]
        ours = [one for one in shown if one and (one.field != "login" or self.owns(one))]
        return list(dict.fromkeys(one for one in ours if not self.has_address(one)))


def emergency_faults(rows: TenantRows, device: DeviceFacts) -> list[Fault]:
    """Refuse a phone that would call help with a number that has no address on record.

    A phone that would show no number of the tenant's at all is not refused: there may be no numbers
    yet. The audit tells of it.

    Args:
        rows: The tenant, as it is.
        device: The phone, as it shall be.
    """
    return [
        Fault(
            *_field_of(wrong, device), f"in emergency calls this phone shows {_rule(wrong, rows)}"
        )
        for wrong in CallersForHelp(rows).without_address(device)
    ]


def emergency_faults_of_change(
    before: TenantRows, after: TenantRows, path: str, value: object
) -> list[Fault]:
    """Refuse a change after which phones would call help with a number without an address.

    Phones of which this is true already are no reason to refuse it.

    Args:
        before: The tenant as it is.
        after: The tenant as it shall be.
        path: The field that is changed, as the person wrote it.
        value: Its new value.
    """
    was, will_be = CallersForHelp(before), CallersForHelp(after)
    if not will_be.asks_for_address:
        return []
    were_wrong = {one.name: was.without_address(one) for one in before.devices}
    new: dict[ShownForHelp, list[str]] = {}
    for device in after.devices:
        for wrong in will_be.without_address(device):
            if wrong not in were_wrong.get(device.name, ()):
                new.setdefault(wrong, []).append(device.name)
    whom = "in emergency calls {} would show {}"
    return [
        Fault(path, value, whom.format(listed(names), _rule(shown, after)))
        for shown, names in new.items()
    ]


def listed(names: Sequence[str]) -> str:
    """Name the first few of many phones."""
    more = len(names) - _SHOWN_AT_ONCE
    shown = ", ".join(names[:_SHOWN_AT_ONCE])
    return f"{shown} and {more} more" if more > 0 else shown


def _field_of(shown: ShownForHelp, device: DeviceFacts) -> tuple[str, str]:
    """The field of the phone that a person would change, with its value."""
    if shown.field == "location":
        return "location", shown.owner
    if shown.field == "trunk":
        return f"trunk {shown.owner}: caller_id", shown.number
    return "caller_id", device.caller_id or shown.number


def _rule(shown: ShownForHelp, rows: TenantRows) -> str:
    tenant = rows.tenant
    whose = "" if shown.field == "device" else f" (of {shown.field} {shown.owner})"
    if shown.field == "trunk":
        whose = f' ("caller_id" of trunk {shown.owner})'
    return (
        f"{shown.number}{whose}, and no address is on record with it: in {tenant.country} "
        f"{ASKS_FOR_ADDRESS[tenant.country]}; "
        f"add it: pbx emergency address set {shown.number} --tenant {tenant.name}"
    )


@lru_cache(maxsize=8192)
def _digits(number: str, country: str) -> str:
    return normalised(number, country)
