"""Finds the entrance of a channel: asks its trunk's headers and the plans, slows strangers down.

Not here: the rules themselves (see router and decisions/crowding).
"""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace

import structlog

from ari_client import AriClient, AriError, models
from models.errors import ModelsError
from stasis_apps.decisions.crowding import Crowd
from stasis_apps.decisions.ending import Reason
from stasis_apps.plan_store import PlanStore
from stasis_apps.router import STRANGER_ARGUMENT, Arrival, Entry, Stray, headers_wanted, route

MOST_ADDRESSES = 10_000
"""Addresses of strangers that are remembered; beyond that all are forgotten, and counted anew."""

PER_ADDRESS_A_MINUTE = 10
PER_TENANT_A_MINUTE = 60

log = structlog.get_logger(__name__)


class Entrances:
    """Where every channel comes in that Asterisk hands to us."""

    def __init__(self, ari: AriClient, plans: PlanStore) -> None:
        self._ari = ari
        self._plans = plans
        self._crowds: defaultdict[str, Crowd] = defaultdict(Crowd)

    async def of_new(self, channel: models.Channel, args: Sequence[str]) -> Entry | Stray:
        """The entrance of a channel that has just come in.

        A phone or number newer than the plans makes us read them again.
        """
        arrival = await self._with_headers(Arrival(channel=channel, args=args))
        where = route(arrival, self._plans)
        if not (isinstance(where, Entry) and where.leads_somewhere):
            await self._read_plans_again()
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

    async def _read_plans_again(self) -> None:
        try:
            await self._plans.refresh()
        except ModelsError as fault:
            log.warning("plans_not_refreshed", fault=str(fault))

    def _unless_too_many(self, entry: Entry, args: Sequence[str]) -> Entry:
        """Strangers call as often as a person would; by address, and by tenant."""
        if args[0] != STRANGER_ARGUMENT or entry.refusal is not None:
            return entry
        address = args[-1].rpartition(":")[0]
        if len(self._crowds) > MOST_ADDRESSES:
            self._crowds.clear()
        now = asyncio.get_running_loop().time()
        admitted = self._crowds[f"address {address}"].admits(now, most=PER_ADDRESS_A_MINUTE)
        admitted = admitted and self._crowds[f"tenant {entry.plan.tenant.id}"].admits(
            now, most=PER_TENANT_A_MINUTE
        )
        if admitted:
            return entry
        log.warning("stranger_slowed_down", tenant=entry.plan.tenant.name)
        return replace(entry, refusal=Reason.TOO_MANY_CALLS)
