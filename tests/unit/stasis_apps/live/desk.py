"""A live call on the fake Asterisk: who calls whom, what happens when, and what is left of it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

from ari_client import AriClient, AriSettings, events
from ari_client.ids import ChannelId, is_far_half
from ari_client.testing import FakeAsterisk, Request
from models.call_log import CallWrite, JournalLine
from stasis_apps.call import Caller, CallFacts, Endpoint, Target, WayIn
from stasis_apps.decisions.ending import CallEnd
from stasis_apps.engine import run_call
from stasis_apps.journal import CallJournal, What
from stasis_apps.live_call import LiveCall
from stasis_apps.live_call.line import Line
from stasis_apps.live_call.room import CallRoom
from stasis_apps.plan import NOBODY, LedBy, NumberPlan
from tests.unit.stasis_apps.live.rooms import NO_HOME, a_room
from tests.unit.stasis_apps.wire import Wire

ALICE, BORIS, KITCHEN = "100@acme.test", "101@acme.test", "101-kitchen@acme.test"

MOBILE, OUR_NUMBER = "+79161234567", "74951234567"

LONGEST_STORY_S = 3600.0
"""No story here takes longer, on the clock that jumps."""


@dataclass
class PlacedCall:
    """A call that is under way or over."""

    fake: FakeAsterisk
    channel_id: str
    task: asyncio.Task[CallEnd]
    steps: list[CallWrite]

    async def end(self) -> CallEnd:
        """Wait until it is over, and see that nothing is left of it."""
        async with asyncio.timeout(LONGEST_STORY_S):
            end = await self.task
        assert self.fake.channels == {}
        assert self.fake.bridges == {}
        return end

    def lines(self, *what: What) -> list[JournalLine]:
        """Its journal, or the steps of these kinds."""
        lines = [step for step in self.steps if isinstance(step, JournalLine)]
        return [line for line in lines if not what or line.what in what]

    def hang_up(self) -> None:
        """The caller puts the receiver down."""
        self.fake.hang_up(self.channel_id)

    def press(self, keys: str) -> None:
        """The caller presses keys."""
        self.fake.press(self.channel_id, keys)

    def legs(self) -> list[str]:
        """The channels that were dialled for this call and are there now."""
        legs = [id_ for id_ in self.fake.channels if not is_far_half(id_)]
        return [id_ for id_ in legs if id_ != self.channel_id]


@dataclass
class Desk:
    """An exchange with one tenant, and what its telephones do."""

    fake: FakeAsterisk
    wire: Wire
    ari: AriClient
    plan: NumberPlan
    room: CallRoom
    inbox_capacity: int = 512
    placed: list[PlacedCall] = field(default_factory=list)

    async def call(self, dialled: str, *, by: str = ALICE, led_by: LedBy = NOBODY) -> PlacedCall:
        """A phone dials a number; the call runs by itself from here on."""
        device = self.plan.devices[Endpoint(by)]
        caller = Caller(number=device.extension, name=device.caller_name, device=device.name)
        channel_id = self.fake.incoming_call(endpoint=by, dialled=dialled, tenant_id="7")
        facts = CallFacts(call_id=channel_id, caller=caller, dialled=dialled)
        return self.run(facts, dialled, led_by=led_by)

    async def call_from_outside(
        self, target: str, *, trunk: str = "moscow", number: str = MOBILE, name: str = ""
    ) -> PlacedCall:
        """Somebody calls an outside number of the tenant, which leads to the target."""
        endpoint = next(one.endpoint for one in self.plan.trunks.values() if one.name == trunk)
        channel_id = self.fake.incoming_call(
            endpoint=endpoint, dialled=OUR_NUMBER, tenant_id="7", args=("trunk",)
        )
        facts = CallFacts(
            call_id=channel_id,
            caller=Caller(number=number, name=name, device=""),
            dialled=OUR_NUMBER,
            way_in=WayIn.TRUNK,
            trunk=trunk,
        )
        return self.run(facts, target)

    def run(self, facts: CallFacts, target: str, *, led_by: LedBy = NOBODY) -> PlacedCall:
        """Let a channel that is there run through the plan from a number on."""
        channel_id = facts.call_id
        inbox = self.ari.inbox(f"call {channel_id}", self.inbox_capacity)
        inbox.claim_channel(channel_id)
        steps: list[CallWrite] = []
        journal = CallJournal(channel_id, self.plan.tenant, steps.append)
        line = Line(self.ari, inbox, ChannelId(channel_id), journal, is_answered=False)
        live = LiveCall(line, facts, self.plan, self.room)

        async def run() -> CallEnd:
            with inbox:
                end = await run_call(live, self.plan, Target(target), journal, led_by=led_by)
                await live.close(end)
                return end

        call = PlacedCall(self.fake, channel_id, asyncio.create_task(run()), steps)
        self.placed.append(call)
        return call

    def later(self, seconds: float, act: Callable[..., object], *with_: object) -> None:
        """Something happens after a while."""
        asyncio.get_running_loop().call_later(seconds, act, *with_)

    def requests(self, method: str, ending: str) -> list[Request]:
        """What was asked of Asterisk with such a path."""
        return [
            request
            for request in self.fake.requests
            if request.method == method and request.path.endswith(ending)
        ]

    def told(self, kind: type[events.Event]) -> Sequence[events.Event]:
        """What Asterisk told of one kind."""
        return [event for event in self.fake.events_sent() if isinstance(event, kind)]

    def hangup_causes(self, endpoint: str) -> list[str]:
        """The causes with which we ended the legs to a device."""
        legs = {
            str(request.query["channelId"])
            for request in self.fake.requests
            if request.query.get("endpoint") in (endpoint, f"PJSIP/{endpoint}")
        }
        return [
            request.query["reason_code"]
            for request in self.fake.requests
            if request.method == "DELETE" and legs & set(request.ids)
        ]


@asynccontextmanager
async def open_desk(plan: NumberPlan, *, home: Path = NO_HOME) -> AsyncIterator[Desk]:
    """An exchange that listens; when it closes, no call may be under way any more."""
    fake = FakeAsterisk()
    wire = Wire(fake)
    async with fake, AriClient(AriSettings(username="pbx", password="pbx"), wire) as ari:
        listening = asyncio.create_task(ari.listen())
        await ari.lobby.get()
        desk = Desk(fake, wire, ari, plan, a_room(ari, home))
        try:
            yield desk
        finally:
            tasks = [listening, *(call.task for call in desk.placed)]
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
