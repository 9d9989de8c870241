"""Legs to outside numbers pass the dialplan, which counts once more whatever it is told."""

from __future__ import annotations

import asyncio

import pytest

from ari_client import Channel
from asterisk_conf.leg_ends import REFUSALS
from models.outside_policy import OutsidePolicy
from stasis_apps.decisions.hangup_cause import LegOutcome
from stasis_apps.live_call.leg_ends import end_of_leg
from stasis_apps.live_call.outside_ways import outside_leg_in
from stasis_apps.way_out import Shown
from tests.contract.asterisk_conf.exchange import Exchange
from tests.contract.asterisk_conf.outside import MOBILE, Outside, locked
from tests.contract.asterisk_conf.trunks import MOSCOW
from tests.support.waiting import until_told

pytestmark = pytest.mark.asterisk


@pytest.mark.parametrize(
    ("says", "outcome"),
    [
        ("486 Busy Here", LegOutcome.BUSY),
        ("603 Decline", LegOutcome.DECLINED),
        ("480 Temporarily Unavailable", LegOutcome.NO_ANSWER),
        ("404 Not Found", LegOutcome.UNREACHABLE),
        ("503 Service Unavailable", LegOutcome.UNREACHABLE),
        ("403 Forbidden", LegOutcome.DECLINED),
        ("500 Server Error", LegOutcome.UNREACHABLE),
    ],
)
async def test_the_carriers_answer_is_told_with_the_end_of_the_leg(
    outside: Outside, says: str, outcome: LegOutcome
) -> None:
    outside.carrier.says = says

    end = await outside.ended(await outside.leg())

    read = end_of_leg(end.cause, end.tech_cause)
    assert (read.outcome, read.sip_status) == (outcome, int(says[:3]))


async def test_a_trunk_that_asterisk_does_not_know_ends_the_leg_without_a_status(
    outside: Outside,
) -> None:
    dials = f"Local/trunk-00000000-{MOBILE}@emergency/nm"

    end = await outside.ended(await outside.make(dials, {"OUT_DIALS": "PJSIP/x@trunk-00000000"}))

    read = end_of_leg(end.cause, end.tech_cause)
    assert (read.outcome, read.sip_status) == (LegOutcome.UNREGISTERED, None)


async def test_a_leg_beyond_the_tenants_limit_is_refused_though_it_was_let_pass(
    outside: Outside,
) -> None:
    outside.carrier.says = "180 Ringing"
    for device in ("100@acme.test", "101@acme.test"):
        for _ in range(3 if device.startswith("100") else 2):
            await outside.leg(device=device)
    await outside.rings(5)

    end = await outside.ended(await outside.leg(device="102@acme.test"))

    assert end.cause == REFUSALS["too_many_outside"]
    assert end_of_leg(end.cause, None).outcome is LegOutcome.TOO_MANY_OUTSIDE
    assert len(outside.carrier.invitations) == 5


async def test_a_leg_beyond_the_phones_limit_is_refused(
    running: Exchange, outside: Outside
) -> None:
    running.lock(
        "acme.test", locked(OutsidePolicy(max_calls=0, max_calls_per_device=1, calls_per_second=0))
    )
    outside.carrier.says = "180 Ringing"
    await outside.leg()
    await outside.leg(device="101@acme.test")
    await outside.rings(2)

    end = await outside.ended(await outside.leg())

    assert end.cause == REFUSALS["too_many_outside"]


async def test_a_leg_beyond_the_trunks_channels_is_refused(outside: Outside) -> None:
    outside.carrier.says = "180 Ringing"
    await outside.leg(max_channels=1)
    await outside.rings(1)

    end = await outside.ended(await outside.leg(max_channels=1))

    assert end.cause == REFUSALS["no_channel"]


async def test_help_is_called_whatever_is_in_use(running: Exchange, outside: Outside) -> None:
    running.lock("acme.test", locked(OutsidePolicy(max_calls=1), state="blocked"))
    outside.carrier.says = "180 Ringing"
    for times in (1, 2, 3):
        await outside.leg(sends="112", max_channels=1, is_emergency=True)
        await outside.rings(times)


async def test_fifty_at_once_are_five_at_the_carrier(outside: Outside) -> None:
    outside.carrier.says = "180 Ringing"
    every = [outside.leg(device=f"{100 + number}@acme.test") for number in range(50)]

    await asyncio.gather(*every)
    await until_told(outside.is_settled, saying="some legs are still in between")

    assert 1 <= len(outside.carrier.invitations) <= 5


async def test_a_channel_that_is_given_back_is_free_for_the_next(outside: Outside) -> None:
    """Ringing is stopped and the next trunk tried in one breath; the old leg goes later."""
    outside.carrier.says = "180 Ringing"
    legs = [await outside.leg(device=f"{number}@acme.test") for number in range(5)]
    await outside.rings(5)

    await Channel(outside.ari, legs[0]).hang_up(16)
    await outside.leg(device="9@acme.test")

    await outside.rings(6)


async def test_a_leg_that_says_nothing_of_itself_is_not_dialled(outside: Outside) -> None:
    end = await outside.ended(await outside.make(f"Local/{MOSCOW}-{MOBILE}@outside/nm", {}))

    assert end.cause == REFUSALS["forbidden"]


async def test_the_carrier_sees_who_calls(outside: Outside) -> None:
    await outside.ended(
        await outside.leg(shown=Shown(number="74959990000", forwarded_by="74951112233"))
    )

    (invitation,) = outside.carrier.invitations
    assert b"From: <sip:74959990000@" in invitation
    assert b"P-Asserted-Identity: <sip:74959990000@" in invitation
    assert b"Diversion: <sip:74951112233@" in invitation


async def test_a_hidden_number_is_told_to_the_carrier_alone(outside: Outside) -> None:
    await outside.ended(await outside.leg(shown=Shown(number="74959990000", is_hidden=True)))

    (invitation,) = outside.carrier.invitations
    assert b"sip:anonymous@" in invitation.split(b"From: ")[1].split(b"\r\n")[0]
    assert b"Privacy: id" in invitation
    assert b"P-Asserted-Identity: <sip:74959990000@" in invitation


async def test_a_leg_is_known_by_its_number_and_its_other_half_by_its_name(
    outside: Outside,
) -> None:
    outside.carrier.says = "180 Ringing"
    id_ = await outside.leg()
    await outside.rings(1)

    channels = {channel.id: channel for channel in await outside.ari.channels.list()}

    assert channels[id_].caller.number == MOBILE
    assert f"{id_};2" in channels
    found = outside_leg_in(channels[id_].name)
    assert found is not None
    assert (found.trunk, found.number, found.is_emergency) == (MOSCOW, MOBILE, False)
