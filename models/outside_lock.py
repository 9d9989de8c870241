"""What Asterisk itself holds a tenant's legs outside to: made from the policy, told as one line."""

from dataclasses import astuple, dataclass
from typing import Final

from models.outside_codes import TRIAL, open_codes, own_code
from models.outside_policy import OutsidePolicy

NOTHING: Final = "-"
"""In the place of words of which there are none."""

_NO_NIGHT: Final = ("0", "0")
_ALL_DAY: Final = ("0", "2400")


@dataclass(frozen=True, slots=True, kw_only=True)
class Lock:
    """The limits of one tenant; texts hold no comma, for the dialplan cuts them there.

    Attributes:
        max_calls: Legs at once; 0 for no limit, as in the others that count.
        max_calls_per_device: The same for each phone.
        codes: The calling codes that are open, as an alternation (``49|7``), or ``*``.
        classes: Which numbers that cost more may be called, likewise (``premium|satellite``).
        home: The calling code of the tenant's own country.
        forward_reach: How far calls may go that nobody dialled: ``all``, ``home`` or ``none``.
        night_begins: Hours and minutes (``2200``); with an end equal to it there is no night.
        night_ends: Likewise; may be less than the beginning.
        night_reach: How far calls may go in the night.
        calls_per_second: Calls that may begin in a second.
        minutes_per_day: Talking time on a day of the tenant's zone.
    """

    max_calls: int
    max_calls_per_device: int
    codes: str
    classes: str
    home: str
    forward_reach: str
    night_begins: str
    night_ends: str
    night_reach: str
    calls_per_second: int
    minutes_per_day: int


def lock_of(policy: OutsidePolicy, *, country: str, state: str) -> Lock:
    """What Asterisk holds a tenant to.

    Args:
        policy: What the tenant's calls out are held to.
        country: ISO 3166 code of the tenant.
        state: Of the tenant.
    """
    night_begins, night_ends = _night(policy.night_hours)
    return Lock(
        max_calls=policy.max_calls,
        max_calls_per_device=policy.max_calls_per_device,
        codes=open_codes(policy, country=country, state=state),
        classes=NOTHING if state == TRIAL else "|".join(policy.classes) or NOTHING,
        home=own_code(country) or NOTHING,
        forward_reach=policy.forward_reach,
        night_begins=night_begins,
        night_ends=night_ends,
        night_reach=policy.night_reach,
        calls_per_second=policy.calls_per_second,
        minutes_per_day=policy.minutes_per_day,
    )


def limits_of(lock: Lock, *, state: str, timezone: str) -> str:
    """The lock as one line, which the dialplan cuts at its commas; as `pbx_outside_lock` has it.

    The view adds the latest day on which the tenant has talked, and for how many seconds.
    """
    return ",".join([state, timezone, *(str(one) for one in astuple(lock))])


def _night(hours: str) -> tuple[str, str]:
    """Beginning and end; a text that says no hours is a night without end, as it is to the gate."""
    if not hours:
        return _NO_NIGHT
    begins, _, ends = hours.replace(":", "").partition("-")
    return (begins, ends) if begins.isdecimal() and ends.isdecimal() else _ALL_DAY
