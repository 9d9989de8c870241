"""A call made twice: with real phones on a running exchange, and imagined by the same plan."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from enum import Enum, auto
from pathlib import Path
from typing import NoReturn

from models import call_log
from models.call_log import JournalLine, RecordedCall
from models.database import open_database
from models.provisioning.reading import get_tenant, read_plan_rows
from stasis_apps.call import WayIn
from stasis_apps.plan import NumberPlan
from stasis_apps.planning import build_plan
from stasis_apps.replay import Difference, Replay, Untold
from stasis_apps.simulation import Became, Doing, Scenario, SimulatedEnd, simulate
from stasis_apps.simulation.reply_words import reply_of
from tests.support import sound
from tests.support.carrier import Carrier
from tests.support.plain_phone import PlainPhone
from tests.support.sip_call import SipCall
from tests.support.tenant import Tenant
from tests.support.waiting import until_told

LONGEST_S = 40.0
"""How long anything in one of these calls may take."""

SAYS_S = 2.5
"""How long a caller speaks to a mailbox: well above what is too short to be kept."""

REFUSALS = {
    Became.BUSY: "486 Busy Here",
    Became.DECLINES: "603 Decline",
    Became.UNREACHABLE: "500 Server Internal Error",
}


REACTS = frozenset({Became.ANSWERS, Became.DECLINES})
RINGS = REACTS | {Became.NO_ANSWER}


class CallerDoes(Enum):
    """What the caller does in the end."""

    WAITS = auto()
    """Until the other side ends the call."""
    TALKS = auto()
    """Until they have heard somebody, then they hang up."""
    SPEAKS = auto()
    """To a mailbox, then they press ``#`` and wait."""
    GIVES_UP = auto()
    """As soon as it rings."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """A call as both are told of it.

    Attributes:
        dialled: What the caller dials.
        caller: Their extension, or an outside number.
        is_stranger: Whether they call by direct SIP, with no trunk between.
        last_dialled: What their phone has dialled before; that call comes to nobody.
        pins: The PINs that are right, as whoever imagines the call knows them.
        replies: What servers answer, in the words of route tests, by the number of the element.
        doing: What those do who are rung; whoever is not named has switched their phone off. Of a
            trunk with nobody behind it, this is said by its name.
        caller_does: What the caller does in the end.
        keys: What they press each time they are asked.
        asked_by: What they hear before each of these keys; None for words of Asterisk's.
    """

    dialled: str
    caller: str = "100"
    is_stranger: bool = False
    last_dialled: str = ""
    pins: Mapping[str, str] = field(default_factory=dict)
    replies: Mapping[str, str] = field(default_factory=dict)
    doing: dict[str, Doing] = field(default_factory=dict)
    caller_does: CallerDoes = CallerDoes.WAITS
    keys: Sequence[str] = ()
    asked_by: Sequence[sound.Sound | None] = ()

    @property
    def scenario(self) -> Scenario:
        """The same for those who imagine it."""
        return Scenario(
            caller=self.caller,
            dialled=self.dialled,
            at=datetime.now(UTC),
            way_in=WayIn.DIRECT_SIP if self.is_stranger else None,
            last_dialled=self.last_dialled,
            pins=self.pins,
            replies={number: [reply_of(said)] for number, said in self.replies.items()},
            keys=self.keys,
            doing=self.doing,
            otherwise=Doing(became=Became.UNREGISTERED),
            hangs_up_after_s=0.5 if self.caller_does is CallerDoes.GIVES_UP else None,
            says_s=SAYS_S,
        )


@dataclass(frozen=True, slots=True)
class Lived:
    """A call that was made."""

    record: RecordedCall
    journal: Sequence[JournalLine]


Called = Callable[[float], Awaitable[SipCall]]
"""Waits for so long until a phone, or a carrier with the phones behind it, is called."""


@dataclass(slots=True)
class Bench:
    """A tenant on a running exchange, its carrier, and a stranger at an address of no trunk."""

    tenant: Tenant
    carrier: Carrier
    stranger: Carrier

    async def make(self, call: Call) -> Lived:
        """Make the call with real phones, and wait for its end."""
        if call.last_dialled:
            await self._dial_in_vain(call)
        began_at = datetime.now(UTC) - timedelta(milliseconds=2)
        async with AsyncExitStack() as stack:
            ours = {name: one for name, one in call.doing.items() if name in self.tenant.passwords}
            theirs = {name: one for name, one in call.doing.items() if name not in ours}
            async with asyncio.TaskGroup() as behaving:
                tasks = []
                for name, doing in ours.items():
                    phone = PlainPhone(self.tenant.account(name), plays=sound.BORIS)
                    await stack.enter_async_context(phone)
                    tasks.append(behaving.create_task(_behave(phone.is_called, {name: doing})))
                tasks.append(
                    behaving.create_task(_behave(self.carrier.rings, theirs, are_outside=True))
                )
                async with self._caller(call) as caller:
                    await _conduct(caller, call)
                for task in tasks:
                    task.cancel()
        return await self._written_down(began_at)

    async def imagine(self, call: Call) -> SimulatedEnd:
        """Imagine the same call, by the plan that the exchange goes by."""
        return await simulate(await self._plan(), call.scenario)

    async def replay(self, lived: Lived) -> Difference | Untold | None:
        """Make a recorded call again, by the same plan; None when it goes the same way."""
        plan = await self._plan()
        other = replace(plan, tenant=replace(plan.tenant, name="other"))  # or nothing would be new
        judge = Replay(plan, other).judge
        return await asyncio.to_thread(judge, lived.record, lived.journal)

    async def _plan(self) -> NumberPlan:
        environment = self.tenant.exchange.environment
        async with open_database(environment["PBX_DATABASE_URL"]):
            facts = await get_tenant(name=self.tenant.name)
            rows = await read_plan_rows(facts.id)
        folder = Path(environment["PBX_HOME"]) / "sounds"
        return build_plan(rows, sound_folder=folder)

    @asynccontextmanager
    async def _caller(self, call: Call) -> AsyncIterator[SipCall]:
        if call.caller in self.tenant.passwords:
            async with PlainPhone(self.tenant.account(call.caller)) as phone:
                yield phone.dial(call.dialled)
        elif call.is_stranger:
            uri = f"sip:{call.dialled}@{self.tenant.domain}"
            yield self.stranger.call("", uri=uri, caller=call.caller)
        else:
            yield self.carrier.call(call.dialled, caller=call.caller)

    async def _dial_in_vain(self, call: Call) -> None:
        calls = self.tenant.new_calls()
        async with PlainPhone(self.tenant.account(call.caller)) as phone:
            await phone.dial(call.last_dialled).closed(within_s=LONGEST_S)
        await calls.one()

    async def _written_down(self, began_at: datetime) -> Lived:
        async with open_database(self.tenant.exchange.environment["PBX_DATABASE_URL"]):

            async def ended() -> RecordedCall | None:
                found = await call_log.list_calls(tenant=self.tenant.name, since=began_at)
                return found[0] if len(found) == 1 and found[0].ended_at else None

            record = await until_told(
                ended, within_s=LONGEST_S, saying="the call is written down as over"
            )
            return Lived(record, await call_log.journal_of(call_id=record.id))


async def _behave(
    called: Called, doing: dict[str, Doing], *, are_outside: bool = False
) -> NoReturn:
    """Do what was said, each time somebody calls; who is busy does not ring first."""
    while True:
        leg = await called(LONGEST_S)
        wanted = _doing_at(leg, doing)
        if wanted.became in RINGS:
            leg.ring()
        if wanted.became in REACTS:
            await asyncio.sleep(wanted.after_s)  # people need a moment, in both worlds the same
        status = REFUSALS.get(wanted.became)
        if status:
            leg.refuse(status)
        elif wanted.became is Became.ANSWERS:
            await _answer(leg, wanted, is_asked=are_outside and wanted.confirms)


async def _answer(leg: SipCall, doing: Doing, *, is_asked: bool) -> None:
    """Pick up; people outside press the key that takes the call, which harms no talk."""
    await leg.answer()
    if is_asked:
        await leg.hears_something()
        await leg.press("1")
    if doing.talks_s is not None:
        await leg.ear.hears(sound.ALICE)
        await leg.hang_up()


def _doing_at(leg: SipCall, doing: dict[str, Doing]) -> Doing:
    """What was said of a number, however it is written; a phone has been told of itself alone."""
    if len(doing) == 1:
        return next(iter(doing.values()))
    return next(one for number, one in doing.items() if number[-10:] == leg.dialled[-10:])


async def _conduct(caller: SipCall, call: Call) -> None:
    """Press the keys when asked, and end the call as the caller does."""
    since = 0
    for key, asked_by in zip(call.keys, call.asked_by, strict=True):
        if key:
            await caller.established()
            if asked_by is None:
                await caller.hears_something()
            else:
                await caller.ear.hears(asked_by, since=since, within_s=LONGEST_S)
            since = caller.ear.mark()
            await caller.press(key)
    match call.caller_does:
        case CallerDoes.WAITS:
            await caller.closed(within_s=LONGEST_S)
        case CallerDoes.TALKS:
            await caller.ear.hears(sound.BORIS, sound.CLARA, since=since, within_s=LONGEST_S)
            await caller.hang_up()
        case CallerDoes.SPEAKS:
            await caller.ear.hears(sound.BEEP, for_s=0.2, since=since, within_s=LONGEST_S)
            await caller.speaks(SAYS_S)
            await caller.press("#")
            await caller.closed(within_s=LONGEST_S)
        case CallerDoes.GIVES_UP:
            await caller.hears_ringing()
            await caller.hang_up()
