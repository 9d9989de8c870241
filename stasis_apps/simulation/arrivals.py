"""How an imagined caller stands at the exchange's door, as Asterisk would tell it."""

from __future__ import annotations

from dataclasses import replace

import msgspec

from ari_client.generated import models
from ari_client.testing import FakeAsterisk
from models.numbering import is_internal
from models.tenant_file.route_test_schema import OUT_OF_TIME, YEARS
from stasis_apps.call import WayIn
from stasis_apps.plan import NumberPlan, PlannedDevice, PlannedTrunk
from stasis_apps.router import (
    PHONE_ARGUMENT,
    STRANGER_ARGUMENT,
    TRUNK_ARGUMENT,
    Arrival,
)
from stasis_apps.simulation.asterisk import CALLER_ID
from stasis_apps.simulation.scenario import Scenario, ScenarioInvalid

_STRANGER = "strangers"
_HIDDEN, _SHOWN = "prohib_not_screened", "allowed_not_screened"


def with_moment(scenario: Scenario, plan: NumberPlan) -> Scenario:
    """The scenario with its moment told by the tenant's clock, where it has no zone of its own.

    Raises:
        ScenarioInvalid: It lies in years of which clocks and calendars know nothing.
    """
    at = scenario.at
    if at.year not in YEARS:
        raise ScenarioInvalid("at", at.isoformat(), OUT_OF_TIME)
    if at.tzinfo is None:
        at = at.replace(tzinfo=plan.tenant.timezone)
    return replace(scenario, at=at)


def arrive(fake: FakeAsterisk, plan: NumberPlan, scenario: Scenario) -> Arrival:
    """Let the caller come in by their door.

    Raises:
        ScenarioInvalid: There is no such door, or they cannot come in by it.
    """
    match way_in_of(scenario, plan):
        case WayIn.PHONE:
            device = _phone(scenario, plan)
            return _arrival(fake, plan, scenario, device.endpoint, (PHONE_ARGUMENT,))
        case WayIn.TRUNK:
            trunk = _trunk(scenario, plan)
            shown = _SHOWN if scenario.caller else _HIDDEN
            return _arrival(fake, plan, scenario, trunk.endpoint, (TRUNK_ARGUMENT, shown, ""))
        case WayIn.DIRECT_SIP:
            args = (STRANGER_ARGUMENT, str(plan.tenant.id), "")
            return _arrival(fake, plan, scenario, _STRANGER, args)


def way_in_of(scenario: Scenario, plan: NumberPlan) -> WayIn:
    """By which door the caller comes: as the scenario says, or as their number tells."""
    if scenario.way_in is not None:
        return scenario.way_in
    if scenario.trunk:
        return WayIn.TRUNK
    is_ours = is_internal(scenario.caller) or plan.phone(scenario.caller) is not None
    return WayIn.PHONE if is_ours else WayIn.TRUNK


def _phone(scenario: Scenario, plan: NumberPlan) -> PlannedDevice:
    named = plan.phone(scenario.caller)
    if named is not None:
        return named
    own = [one for one in plan.devices.values() if one.extension == scenario.caller]
    if own:
        return min(own, key=lambda device: device.name)
    if scenario.caller in plan.extensions:
        raise ScenarioInvalid("caller", scenario.caller, "the extension has no device to call from")
    raise ScenarioInvalid("caller", scenario.caller, "is no extension or device of the tenant")


def _trunk(scenario: Scenario, plan: NumberPlan) -> PlannedTrunk:
    by_name = {trunk.name: trunk for trunk in plan.trunks.values()}
    if scenario.trunk:
        if scenario.trunk not in by_name:
            known = ", ".join(by_name) or "none"
            rule = f"is no trunk that is switched on; there are: {known}"
            raise ScenarioInvalid("trunk", scenario.trunk, rule)
        return by_name[scenario.trunk]
    for trunk in by_name.values():
        number = plan.number_dialled(scenario.dialled, through=trunk)
        if number is not None and number.trunk in by_name:
            return by_name[number.trunk]
    if not by_name:
        rule = "calls from outside need a trunk, and the tenant has none that is switched on"
        raise ScenarioInvalid("trunk", "", rule)
    return next((one for one in by_name.values() if one.is_default), next(iter(by_name.values())))


def _arrival(
    fake: FakeAsterisk,
    plan: NumberPlan,
    scenario: Scenario,
    endpoint: str,
    args: tuple[str, ...],
) -> Arrival:
    fake.incoming_call(
        endpoint=endpoint,
        dialled=scenario.dialled,
        tenant_id=str(plan.tenant.id),
        args=args,
        channel_id=CALLER_ID,
    )
    caller = models.CallerID(number=scenario.caller, name=scenario.caller_name)
    channel = msgspec.structs.replace(fake.channels[CALLER_ID].model(), caller=caller)
    return Arrival(channel=channel, args=args, at=scenario.at)
