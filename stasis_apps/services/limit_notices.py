"""What administrators are told when a limit of calls out is reached: which, by whom, what to do."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, NamedTuple

from models.outside_policy import OutsidePolicy
from stasis_apps.decisions.hangup_cause import LegOutcome
from stasis_apps.outside_gate import TRIAL, OutsideGate, OutsideLeg
from stasis_apps.services.notices import Notice

LIMIT_REACHED: Final = "limit_reached"
"""The kind of these notices."""

_UNLIMITED: Final = "no limit"


class _Limit(NamedTuple):
    """A limit: the field of the policy, what it stands at, and how one would open it."""

    setting: str
    allowed: str
    opens: str


def limit_reached(
    leg: OutsideLeg,
    refusal: LegOutcome,
    *,
    gate: OutsideGate,
    number: str,
    phone: str = "",
    acting: str = "",
) -> Notice:
    """Tell of a leg that the gate has just refused.

    Args:
        leg: The leg.
        refusal: Why; one of `LIMITS`.
        gate: The gate, asked at the same moment.
        number: What was dialled, or stood in the plan.
        phone: The name of the phone that dialled it; empty when none did.
        acting: The user or element for whom it was dialled.
    """
    leg = gate.as_now(leg)
    limit = _LIMITS[refusal](leg, gate)
    facts = {
        "limit": refusal.value,
        "setting": limit.setting,
        "allowed": limit.allowed,
        "number": number,
        "leads_to": leg.destination.e164,
        "country": leg.destination.country,
        "number_class": leg.destination.number_class,
        "phone": phone,
        "user": acting,
        "purpose": leg.purpose.value,
        "opens": f"pbx tenant set {leg.tenant.name} {limit.opens}",
    }
    return Notice(
        tenant=leg.tenant,
        kind=LIMIT_REACHED,
        at=leg.at,
        call_id=leg.call_id,
        facts=facts,
        key=refusal.value,
    )


def _at_once(leg: OutsideLeg, gate: OutsideGate) -> _Limit:
    policy = leg.tenant.outside
    if gate.is_device_full(leg):
        limit = policy.max_calls_per_device
        return _number("max_calls_per_device", limit, "--max-outside-calls-per-device")
    return _number("max_calls", policy.max_calls, "--max-outside-calls")


def _in_a_second(leg: OutsideLeg, _gate: OutsideGate) -> _Limit:
    limit = leg.tenant.outside.calls_per_second
    return _number("calls_per_second", limit, "--outside-calls-per-second")


def _in_a_day(leg: OutsideLeg, _gate: OutsideGate) -> _Limit:
    limit = leg.tenant.outside.minutes_per_day
    return _number("minutes_per_day", limit, "--outside-minutes-per-day")


def _at_night(leg: OutsideLeg, _gate: OutsideGate) -> _Limit:
    policy = leg.tenant.outside
    return _Limit("night_hours", f"{policy.night_hours} ({policy.night_reach})", _farther(leg))


def _farther(leg: OutsideLeg) -> str:
    return f"--night-reach {'home' if leg.destination.is_home else 'all'}"


def _when_forwarded(leg: OutsideLeg, _gate: OutsideGate) -> _Limit:
    farther = "home" if leg.destination.is_home else "all"
    return _Limit("forward_reach", leg.tenant.outside.forward_reach, f"--forward-reach {farther}")


def _whereto(leg: OutsideLeg, _gate: OutsideGate) -> _Limit:
    policy, destination = leg.tenant.outside, leg.destination
    if leg.tenant.state == TRIAL:
        return _Limit("state", TRIAL, "--state active")
    if destination.number_class and destination.number_class not in policy.classes:
        return _list("classes", policy, destination.number_class, "--open-class")
    return _list("countries", policy, destination.country, "--open-country")


def _number(setting: str, limit: int, option: str) -> _Limit:
    return _Limit(setting, str(limit) if limit else _UNLIMITED, f"{option} {2 * limit}")


def _list(setting: str, policy: OutsidePolicy, wanted: str, option: str) -> _Limit:
    is_open: tuple[str, ...] = policy.classes if setting == "classes" else policy.countries
    opens = " ".join(f"{option} {one}" for one in (*is_open, wanted or "'*'"))
    return _Limit(setting, ", ".join(is_open), opens)


_LIMITS: Final[dict[LegOutcome, Callable[[OutsideLeg, OutsideGate], _Limit]]] = {
    LegOutcome.TOO_MANY_OUTSIDE: _at_once,
    LegOutcome.TOO_FAST: _in_a_second,
    LegOutcome.MINUTES_USED_UP: _in_a_day,
    LegOutcome.NIGHT_CLOSED: _at_night,
    LegOutcome.FORWARDING_CLOSED: _when_forwarded,
    LegOutcome.DESTINATION_CLOSED: _whereto,
}
