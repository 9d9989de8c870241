"""Which numbers a tenant's policy closes whatever is in use: direction, forwarding, night; pure.

The gate asks it before every leg, and ``pbx rule explain`` asks it, too: both say the same.
"""

from __future__ import annotations

from datetime import datetime
from typing import Final, Protocol

from stasis_apps.decisions.destinations import Destination
from stasis_apps.decisions.hangup_cause import LegOutcome
from stasis_apps.decisions.outbound import Purpose
from stasis_apps.decisions.schedule_words import Unreadable, parse_hours

EVERYWHERE: Final = "*"
_ALL: Final = "all"
_HOME: Final = "home"


class ReachPolicy(Protocol):
    """What of a tenant's policy says how far calls may go (see `models.outside_policy`)."""

    @property
    def countries(self) -> tuple[str, ...]:
        """What may be called besides the tenant's own country; `EVERYWHERE` for all."""

    @property
    def classes(self) -> tuple[str, ...]:
        """Which classes of costly numbers may be called."""

    @property
    def night_hours(self) -> str:
        """``22:00-07:00``, or empty."""

    @property
    def night_reach(self) -> str:
        """``all``, ``home`` or ``none``."""

    @property
    def forward_reach(self) -> str:
        """The same for calls that nobody dialled."""


def policy_refusal(
    destination: Destination,
    *,
    policy: ReachPolicy,
    purpose: Purpose,
    at: datetime,
    is_trial: bool,
) -> LegOutcome | None:
    """Why a number may not be called at this moment, or None; nothing is counted.

    Args:
        destination: Where it leads.
        policy: How far the tenant's calls may go.
        purpose: Why it is dialled.
        at: The moment, in the tenant's time zone.
        is_trial: Whether the tenant tries the exchange out: its own country's ordinary numbers are
            all that is open then, whatever the policy opens.
    """
    if not _is_open(destination, policy, is_trial=is_trial):
        return LegOutcome.DESTINATION_CLOSED
    if purpose is not Purpose.DIALLED and not _reaches(policy.forward_reach, destination):
        return LegOutcome.FORWARDING_CLOSED
    if is_night(policy.night_hours, at) and not _reaches(policy.night_reach, destination):
        return LegOutcome.NIGHT_CLOSED
    return None


def is_night(night_hours: str, at: datetime) -> bool:
    """Whether a moment lies in the night: from its first minute to the one before its last.

    A text that says no hours is a night without end: what was meant to close something stays shut.

    Args:
        night_hours: ``22:00-07:00``; empty for no night.
        at: The moment, in the tenant's time zone.
    """
    if not night_hours:
        return False
    start, _, end = night_hours.partition("-")
    try:
        hours = parse_hours(start.strip(), end.strip())
    except Unreadable:
        return True
    minute = at.hour * 60 + at.minute
    return hours.include(minute) or hours.include_next_day(minute)


def _is_open(destination: Destination, policy: ReachPolicy, *, is_trial: bool) -> bool:
    number_class = destination.number_class
    if is_trial:
        return destination.is_home and not number_class
    if number_class and number_class not in policy.classes:
        return False
    if destination.is_home or EVERYWHERE in policy.countries:
        return True
    if not destination.country:  # of no country: whoever opened its class has opened it
        return bool(number_class)
    return destination.country in policy.countries


def _reaches(reach: str, destination: Destination) -> bool:
    return reach == _ALL or (reach == _HOME and destination.is_home)
