"""Finds the entrance of a channel: asks its trunk's headers and the plans, slows strangers down.

Not here: the rules themselves (see router and decisions/crowding).
"""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace

import structlog

from ari_client import AriClient, AriError, models
from stasis_apps.decisions.crowding import Crowd, Crowds
from stasis_apps.decisions.ending import Reason, ended_by_plan
from stasis_apps.plan_store import PlanStore
from stasis_apps.router import STRANGER_ARGUMENT, Arrival, Entry, Stray, headers_wanted, route
from stasis_apps.second_look import SecondLook

MOST_ADDRESSES = 10_000
"""Addresses of strangers that are remembered; beyond that the one silent for longest is not."""

PER_ADDRESS_A_MINUTE = 10
PER_TENANT_A_MINUTE = 60

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class TurnedAway:
    """A stranger who calls too often: hung up at once, and nothing is written about the call."""

    cause: int = ended_by_plan(Reason.TOO_MANY_CALLS).cause


class Entrances:
    """Where every channel comes in that Asterisk hands to us."""

    def __init__(self, ari: AriClient, plans: PlanStore) -> None:
        self._ari = ari
        self._plans = plans
        self._second_look = SecondLook(plans)
        self._by_address = Crowds(MOST_ADDRESSES)
        self._by_tenant: defaultdict[int, Crowd] = defaultdict(Crowd)

    async def of_new(
        self, channel: models.Channel, args: Sequence[str]
    ) -> Entry | Stray | TurnedAway:
        """The entrance of a channel that has just come in.

        A phone or number newer than the plans makes us read them again, but not for each call of
        many, and no caller waits for that in silence: see second_look.
        """
        arrival = await self._with_headers(Arrival(channel=channel, args=args))
        where = route(arrival, self._plans)
        if _is_unknown(where):
            await self._second_look.look()
            where = route(await self._with_headers(arrival), self._plans)
        return self._unless_too_many(where, args) if isinstance(where, Entry) else where

    async def of_adopted(self, channel: models.Channel) -> Entry | Stray:
        """The entrance by which a channel came that an earlier process of ours had taken in."""
        args = channel.dialplan.app_data.split(",")[1:]
        return route(await self._with_headers(Arrival(channel=channel, args=args)), self._plans)

    async def _with_headers(self, arrival: Arrival) -> Arrival:
        wanted = sorted(headers_wanted(arrival, self._plans))
        if not wanted or arrival.headers:
            return arrival
        said = await asyncio.gather(*(self._header(arrival.channel.id, name) for name in wanted))
        return replace(arrival, headers=dict(zip(wanted, said, strict=True)))

    async def _header(self, channel_id: str, name: str) -> str:
        try:
            said = await self._ari.channels.get_channel_var(
                channel_id, variable=f"PJSIP_HEADER(read,{name})"
            )
        except AriError:
            return ""  # the INVITE has no such header, or its caller has gone already
        return said.value

    def _unless_too_many(self, entry: Entry, args: Sequence[str]) -> Entry | TurnedAway:
        """Strangers call as often as a person would; by address, and by tenant."""
        if args[0] != STRANGER_ARGUMENT or entry.refusal is not None:
            return entry
        address, tenant = args[-1].rpartition(":")[0], entry.plan.tenant
        now = asyncio.get_running_loop().time()
        from_address = self._by_address.of(address)
        if not from_address.admits(now, most=PER_ADDRESS_A_MINUTE):
            _tell(from_address.turn_away(now), tenant=tenant.name, address=address)
            return TurnedAway()
        to_tenant = self._by_tenant[tenant.id]
        if not to_tenant.admits(now, most=PER_TENANT_A_MINUTE):
            _tell(to_tenant.turn_away(now), tenant=tenant.name, address="many")
            return TurnedAway()
        return entry


def _is_unknown(where: Entry | Stray) -> bool:
    """Whether newer plans may know more; a number with nothing behind it and a block are known."""
    if isinstance(where, Stray) or where.refusal is Reason.NO_SUCH_NUMBER:
        return True
    return where.may_be_newer and where.refusal is None


def _tell(calls: int, *, tenant: str, address: str) -> None:
    """A flood is one line a minute, not a line for each of its calls."""
    if calls:
        log.warning("stranger_slowed_down", tenant=tenant, address=address, calls=calls)
