"""The application's side of legs to outside numbers: it makes them, past its own gate."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from ari_client import AriClient, Channel, events
from ari_client.ids import MARK, ChannelId, is_far_half, new_leg_id
from models.outside_lock import limits_of, lock_of
from models.outside_policy import OutsidePolicy
from stasis_apps.decisions.destinations import destination_of
from stasis_apps.decisions.outbound import Choice, Purpose
from stasis_apps.live_call.legs import hang_up_channel
from stasis_apps.live_call.outside_ways import OutsideWay, dial_string, variables_of
from stasis_apps.outside_gate import OutsideLeg
from stasis_apps.services.trunk_lines import TrunkLines
from stasis_apps.way_out import Attempt, Shown, WayOut
from tests.contract.asterisk_conf.carrier import Carrier
from tests.contract.asterisk_conf.exchange import Exchange
from tests.contract.asterisk_conf.trunks import moscow
from tests.support.builders import a_plan, a_tenant
from tests.support.waiting import COMES_S, until

MOBILE = "79161234567"
ACME = a_plan(tenant=a_tenant(id=1)).tenant
ANYTHING = OutsidePolicy(
    max_calls=0,
    max_calls_per_device=0,
    calls_per_second=0,
    minutes_per_day=0,
    countries=("*",),
    classes=("premium", "satellite", "unknown"),
    forward_reach="all",
)
"""What no limit is left of."""


def locked(
    policy: OutsidePolicy | None = None,
    *,
    state: str = "active",
    timezone: str = "Europe/Moscow",
    day: str = "-",
    talked_s: int = 0,
) -> str:
    """What the view tells of a tenant in Russia with this policy."""
    lock = lock_of(policy or OutsidePolicy(), country="RU", state=state)
    return f"{limits_of(lock, state=state, timezone=timezone)},{day},{talked_s}"


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
        says: Mapping[str, str] | None = None,
        **of_the_leg: object,
    ) -> ChannelId:
        """Dial a number as a live call does, whatever limits there are.

        Args:
            sends: The number.
            policy: What the application believes of the limits.
            device: The phone.
            max_channels: Of the trunk.
            shown: What the called see.
            is_emergency: Help is called.
            says: Variables of the leg that are wrong.
            **of_the_leg: What of an `OutsideLeg` is not as usual.
        """
        way, attempt = a_way(
            moscow(self.carrier, max_channels=max_channels).facts,
            sends,
            policy or OutsidePolicy(),
            device,
            shown or Shown(number="74951234567"),
        )
        way.leg = None if is_emergency or way.leg is None else replace(way.leg, **of_the_leg)  # type: ignore[arg-type] # fields by name
        variables = {**variables_of(way, attempt), **(says or {})}
        return await self.make(dial_string(way, attempt), variables)

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
        async with asyncio.timeout(COMES_S):
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
