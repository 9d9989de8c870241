"""Legs to outside numbers pass the dialplan, which counts once more whatever it is told."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime

import pytest

from ari_client import AriClient, Channel, events
from ari_client.ids import MARK, ChannelId, is_far_half, new_leg_id
from asterisk_conf.leg_ends import REFUSALS
from models.outside_policy import OutsidePolicy
from stasis_apps.decisions.destinations import destination_of
from stasis_apps.decisions.hangup_cause import LegOutcome
from stasis_apps.decisions.outbound import Choice, Purpose
from stasis_apps.live_call.leg_ends import end_of_leg
from stasis_apps.live_call.legs import hang_up_channel
from stasis_apps.live_call.outside_ways import (
    OutsideWay,
    dial_string,
    outside_leg_in,
    variables_of,
)
from stasis_apps.outside_gate import OutsideLeg
from stasis_apps.services.trunk_lines import TrunkLines
from stasis_apps.way_out import Attempt, Shown, WayOut
from tests.contract.asterisk_conf.carrier import Carrier
from tests.contract.asterisk_conf.exchange import Exchange
from tests.contract.asterisk_conf.trunks import MOSCOW, moscow
from tests.support.builders import a_plan, a_tenant
from tests.support.waiting import until, until_told

pytestmark = pytest.mark.asterisk

MOBILE = "79161234567"
ACME = a_plan(tenant=a_tenant(id=1)).tenant
AS_ALWAYS = "active,5,5,7"

LEG_ENDS_S = 5.0


@dataclass
class Outside:
    """The application's side: legs that it makes, and what it hears of them."""

    ari: AriClient
    carrier: Carrier

    async def leg(
        self,
        *,
        sends: str = MOBILE,
        policy: OutsidePolicy | None = None,
        device: str = "100@acme.test",
        max_channels: int = 0,
        shown: Shown | None = None,
        is_emergency: bool = False,
    ) -> ChannelId:
        """Dial a number as a live call does, whatever limits there are."""
        way, attempt = a_way(
            moscow(self.carrier, max_channels=max_channels).facts,
            sends,
            policy or OutsidePolicy(),
            device,
            shown or Shown(number="74951234567"),
        )
        if is_emergency:
            way.leg = None
        return await self.make(dial_string(way, attempt), variables_of(way, attempt))

    async def make(self, dials: str, variables: Mapping[str, str]) -> ChannelId:
        """Make a leg, and let it ring."""
        id_ = new_leg_id("call")
        with self.ari.inbox("one leg") as inbox:
            inbox.claim_channel(id_)
            await Channel.create(
                self.ari, id_, endpoint=dials, args=("leg", "call"), variables=variables
            )
            while not isinstance(await inbox.get(), events.StasisStart):
                pass
        await Channel(self.ari, id_).dial(timeout_s=60)
        return id_

    async def ended(self, id_: ChannelId) -> events.ChannelDestroyed:
        """Wait for the end of a leg."""
        async with asyncio.timeout(LEG_ENDS_S):
            while True:
                match await self.ari.lobby.get():
                    case events.ChannelDestroyed(channel=channel) as end if channel.id == id_:
                        return end

    async def is_settled(self) -> bool:
        """Whether every leg that is left has come to the carrier; the others were refused."""
        left = [one for one in await self.ari.channels.list() if is_ours(one.id)]
        return len(left) == len(self.carrier.invitations)

    async def rings(self, times: int) -> None:
        """Wait until the carrier has got so many calls."""
        await until(
            lambda: len(self.carrier.invitations) == times,
            within_s=5,
            saying=lambda: f"{len(self.carrier.invitations)} calls have come, not {times}",
        )


def is_ours(id_: str) -> bool:
    """Whether it is a leg, and not its other half or what that has dialled."""
    return MARK in id_ and not is_far_half(id_)


def a_way(
    trunk: object, sends: str, policy: OutsidePolicy, device: str, shown: Shown
) -> tuple[OutsideWay, Attempt]:
    tenant = replace(ACME, outside=policy)
    attempt = Attempt(trunk=trunk, sends=sends, shown=shown)  # type: ignore[arg-type] # a trunk
    destination = destination_of(sends, tenant.country)
    found = WayOut(
        attempts=(attempt,),
        destination=destination,
        choice=Choice(rule=None, sends=sends),
        note="as a test says",
    )
    leg = OutsideLeg(
        tenant=tenant,
        call_id="call",
        device=device,
        purpose=Purpose.DIALLED,
        destination=destination,
        at=datetime.now(UTC),
    )
    return OutsideWay(number=sends, found=found, waiting=[], leg=leg), attempt


@asynccontextmanager
async def application(exchange: Exchange, carrier: Carrier) -> AsyncIterator[Outside]:
    async with exchange.ari() as ari:
        listening = asyncio.create_task(ari.listen())
        await ari.lobby.get()
        await TrunkLines(ari).make_equal([moscow(carrier)])
        try:
            yield Outside(ari, carrier)
        finally:
            for channel in await ari.channels.list():
                await hang_up_channel(ari, channel.id, 16)
            listening.cancel()


@pytest.fixture
async def outside(running: Exchange, carrier: Carrier) -> AsyncIterator[Outside]:
    running.lock("acme.test", AS_ALWAYS)
    async with application(running, carrier) as ready:
        yield ready


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
    running.lock("acme.test", "active,0,1,7")
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
    running.lock("acme.test", "blocked,1,1,7")
    outside.carrier.says = "180 Ringing"
    for times in (1, 2, 3):
        await outside.leg(sends="112", max_channels=1, is_emergency=True)
        await outside.rings(times)


async def test_fifty_at_once_are_five_at_the_carrier(outside: Outside) -> None:
    outside.carrier.says = "180 Ringing"
    every = [outside.leg(device=f"{100 + number}@acme.test") for number in range(50)]

    await asyncio.gather(*every)
    await until_told(outside.is_settled, within_s=5, saying="some legs are still in between")

    assert 1 <= len(outside.carrier.invitations) <= 5


async def test_a_channel_that_is_given_back_is_free_for_the_next(outside: Outside) -> None:
    """Ringing is stopped and the next trunk tried in one breath; the old leg goes later."""
    outside.carrier.says = "180 Ringing"
    legs = [await outside.leg(device=f"{number}@acme.test") for number in range(5)]
    await outside.rings(5)

    await Channel(outside.ari, legs[0]).hang_up(16)
    await outside.leg(device="9@acme.test")

    await outside.rings(6)


@pytest.mark.parametrize(
    ("limits", "sends", "refused"),
    [
        ("active,5,5,7", "+4930901820", "destination_closed"),
        ("active,5,5,49|7", "+4930901820", ""),
        ("active,5,5,*", "+4930901820", ""),
        ("active,5,5,7", "9005", ""),
        ("blocked,5,5,*", MOBILE, "forbidden"),
        ("trial,5,5,7", MOBILE, ""),
    ],
)
async def test_what_the_database_closes_is_closed(
    running: Exchange, outside: Outside, limits: str, sends: str, refused: str
) -> None:
    running.lock("acme.test", limits)

    everything = OutsidePolicy(countries=("*",))
    end = await outside.ended(await outside.leg(sends=sends, policy=everything))

    assert end.cause == REFUSALS.get(refused, 17486)


async def test_without_an_answer_of_the_database_the_applications_word_counts(
    running: Exchange, carrier: Carrier
) -> None:
    policy = OutsidePolicy(max_calls=1)
    carrier.says = "180 Ringing"
    async with application(running, carrier) as outside:
        await outside.leg(policy=policy)
        await outside.rings(1)
        end = await outside.ended(await outside.leg(policy=policy))
        abroad = await outside.ended(await outside.leg(sends="+4930901820", policy=policy))

    assert end.cause == REFUSALS["too_many_outside"]
    assert abroad.cause == REFUSALS["destination_closed"]


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
