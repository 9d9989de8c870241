"""How much a tenant may call outside, and whereto: the lock on fraud; pure."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, fields, replace
from enum import StrEnum
from typing import Final, TypedDict

from models import rules
from models.errors import Fault

MOST_EMAILS: Final = 20

_CLOCK = r"(?:[01][0-9]|2[0-3]):[0-5][0-9]"
_HOURS = re.compile(rf"(?P<begins>{_CLOCK})-(?P<ends>{_CLOCK})", re.ASCII)

HIGHEST: Final = {
    "max_calls": (10_000, "calls to outside numbers at once"),
    "max_calls_per_device": (10_000, "calls to outside numbers at once by one phone"),
    "calls_per_second": (1_000, "calls out that begin in one second"),
    "minutes_per_day": (10_000_000, "minutes of talking a day, all calls together"),
}
"""The amounts of a policy: the highest that is taken, and what it is; 0 is no limit."""


class Reach(StrEnum):
    """How far calls may go."""

    ALL = "all"
    """Wherever the tenant may call at all."""

    HOME = "home"
    """Within the tenant's own country."""

    NONE = "none"
    """Nowhere outside."""


class NumberClass(StrEnum):
    """Numbers that cost more than others, or nobody knows what; closed until they are opened."""

    PREMIUM = "premium"
    SHARED_COST = "shared_cost"
    SATELLITE = "satellite"
    PERSONAL = "personal"
    UNKNOWN = "unknown"


EVERYWHERE: Final = "*"
"""In the place of countries: all of them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OutsidePolicy:
    """What a tenant's calls out are held to. Emergency calls are held to none of it.

    Attributes:
        max_calls: Legs to outside numbers at once, ringing ones too; 0 for no limit.
        max_calls_per_device: The same for each phone.
        calls_per_second: Calls out that begin in one second; 0 for no limit.
        minutes_per_day: Talking time through trunks on a day of the tenant's zone, all calls
            together; a call out that would begin after that is refused. 0 for no limit.
        countries: ISO 3166 codes that may be called besides the tenant's own; `EVERYWHERE` for all.
        classes: Which of `NumberClass` may be called.
        night_hours: ``22:00-07:00`` in the tenant's zone; empty for no night.
        night_reach: How far calls may go in the night.
        forward_reach: How far calls may go that somebody's rules, or an element, send outside.
        forwards_by_rules: Whether forwarded calls take trunk and form of the number from the
            outbound rules, too, and not from the default trunk.
        alert_emails: Who is told when a limit is reached, and of emergency calls.
    """

    max_calls: int = 5
    max_calls_per_device: int = 5
    calls_per_second: int = 2
    minutes_per_day: int = 2400
    countries: tuple[str, ...] = ()
    classes: tuple[str, ...] = ()
    night_hours: str = ""
    night_reach: str = Reach.NONE.value
    forward_reach: str = Reach.HOME.value
    forwards_by_rules: bool = False
    alert_emails: tuple[str, ...] = ()


class PolicyChanges(TypedDict, total=False):
    """What of a policy shall change; see `OutsidePolicy`. Lists are all there is from then on."""

    max_calls: int
    max_calls_per_device: int
    calls_per_second: int
    minutes_per_day: int
    countries: tuple[str, ...]
    classes: tuple[str, ...]
    night_hours: str
    night_reach: str
    forward_reach: str
    forwards_by_rules: bool
    alert_emails: tuple[str, ...]


def policy_of(stored: Mapping[str, object]) -> OutsidePolicy:
    """The policy from what is stored of it; what is not stored is as usual."""
    known = {one.name for one in fields(OutsidePolicy)}
    given = {
        name: tuple(value) if isinstance(value, list) else value
        for name, value in stored.items()
        if name in known
    }
    return OutsidePolicy(**given)  # type: ignore[arg-type] # what is stored was checked when it was


def to_store(policy: OutsidePolicy) -> dict[str, object]:
    """What differs from the usual; tomorrow's defaults hold for whoever never chose."""
    usual = asdict(OutsidePolicy())
    chosen = {name: value for name, value in asdict(policy).items() if value != usual[name]}
    return {name: list(v) if isinstance(v, tuple) else v for name, v in chosen.items()}


def changed(policy: OutsidePolicy, changes: PolicyChanges) -> OutsidePolicy:
    """The policy with some of it changed; lists lose what they name twice."""
    return replace(
        policy,
        **{  # type: ignore[arg-type] # the fields and types of PolicyChanges are the policy's
            name: tuple(dict.fromkeys(value)) if isinstance(value, list | tuple) else value
            for name, value in changes.items()
        },
    )


def policy_faults(policy: OutsidePolicy) -> list[Fault]:
    """Say all that is wrong with a policy."""
    return [
        *_amount_faults(policy),
        *_country_faults(policy.countries),
        *_class_faults(policy.classes),
        *_night_faults(policy.night_hours),
        *_reach_faults("night_reach", policy.night_reach),
        *_reach_faults("forward_reach", policy.forward_reach),
        *_email_faults(policy.alert_emails),
    ]


def _amount_faults(policy: OutsidePolicy) -> Iterator[Fault]:
    for path, (highest, meaning) in HIGHEST.items():
        value = getattr(policy, path)
        if not 0 <= value <= highest:
            yield Fault(path, value, f"from 0 to {highest} ({meaning}; 0 is no limit)")


def _country_faults(countries: Sequence[str]) -> Iterator[Fault]:
    if EVERYWHERE in countries and len(countries) > 1:
        rule = f"{EVERYWHERE} opens all countries: name it alone, or name countries"
        yield Fault("countries", EVERYWHERE, rule)
    for country in (one for one in countries if one != EVERYWHERE):
        yield from rules.country_faults(country, "countries")


def _class_faults(classes: Sequence[str]) -> Iterator[Fault]:
    known = tuple(NumberClass)
    for one in classes:
        if one not in known:
            yield Fault("classes", one, f"one of {', '.join(known)}")


def _night_faults(hours: str) -> Iterator[Fault]:
    found = _HOURS.fullmatch(hours)
    if hours and (found is None or found["begins"] == found["ends"]):
        rule = "a night has a beginning and another moment as its end, 00:00 to 23:59 (22:00-07:00)"
        yield Fault("night_hours", hours, rule)


def _reach_faults(path: str, reach: str) -> Iterator[Fault]:
    if reach not in tuple(Reach):
        yield Fault(path, reach, f"one of {', '.join(Reach)}")


def _email_faults(emails: Sequence[str]) -> Iterator[Fault]:
    for email in emails:
        yield from rules.email_faults(email, "alert_emails")
    if len(emails) > MOST_EMAILS:
        yield Fault("alert_emails", len(emails), f"at most {MOST_EMAILS} addresses are told")
