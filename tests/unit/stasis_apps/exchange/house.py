"""A whole exchange on the fake Asterisk, with a real database, that can be restarted."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path

from structlog.typing import EventDict

from ari_client import AriClient, AriSettings
from ari_client.testing import Answers, FakeAsterisk
from asterisk_conf import noted_ends
from models import provisioning
from models.call_log import JournalLine, RecordedCall, journal_of, live_calls, show_call
from models.errors import NotFound
from models.seal import Seal
from stasis_apps.app import Exchange
from stasis_apps.element import Catalogue
from stasis_apps.journal import What
from stasis_apps.live_call.room import CallRoom
from stasis_apps.plan_store import PlanStore
from stasis_apps.services.journal_writer import journal_writer
from stasis_apps.services.noted_ends import NotedEnds
from tests.support.waiting import until, until_told
from tests.unit.stasis_apps.live.rooms import a_room
from tests.unit.stasis_apps.wire import Wire

ALICE, BORIS = "100@acme.test", "101@acme.test"


@dataclass
class Process:
    """One life of the application."""

    ari: AriClient
    room: CallRoom
    plans: PlanStore
    exchange: Exchange
    serving: asyncio.Task[None]
    listening: asyncio.Task[None]
    _stack: AsyncExitStack

    async def kill(self) -> None:
        """The process is gone from one moment to the next; nobody hangs up."""
        for task in (self.serving, self.listening):
            task.cancel()
        await asyncio.gather(self.serving, self.listening, return_exceptions=True)
        await self._stack.aclose()


@dataclass
class House:
    """The tenant acme, its telephones, and the application that runs its calls."""

    fake: FakeAsterisk
    wire: Wire
    tenant_id: int
    spool: Path
    logged: list[EventDict]
    processes: list[Process] = field(default_factory=list)

    @property
    def process(self) -> Process:
        """The process that was started last."""
        return self.processes[-1]

    async def start(self) -> Process:
        """Start the application, and wait until it has sorted what Asterisk holds."""
        stack = AsyncExitStack()
        settings = AriSettings(username="pbx", password="pbx")
        ari = await stack.enter_async_context(AriClient(settings, self.wire))
        plans = PlanStore(Path("/sounds"))
        await plans.refresh()
        writer = await stack.enter_async_context(journal_writer(self.spool))
        room = replace(
            a_room(ari, self.spool.parent, writer=writer),
            noted_ends=NotedEnds(noted_ends.place(self.spool.parent)),
        )
        exchange = Exchange(room, plans)
        process = Process(
            ari=ari,
            room=room,
            plans=plans,
            exchange=exchange,
            serving=asyncio.create_task(exchange.serve()),
            listening=asyncio.create_task(ari.listen()),
            _stack=stack,
        )
        self.processes.append(process)
        await self.reconciled(self.looks)
        return process

    @property
    def looks(self) -> int:
        """How often the application has looked at everything that Asterisk holds, and sorted it."""
        return sum(entry["event"] == "asterisk_reconciled" for entry in self.logged)

    async def reconciled(self, looks: int) -> None:
        """Wait until it has looked more often than so many times."""
        await self.until(lambda: self.looks > looks, "another look at Asterisk")

    def call(self, dialled: str, *, by: str = ALICE) -> str:
        """A phone dials; the id of its channel, which is the id of the call."""
        return self.fake.incoming_call(endpoint=by, dialled=dialled, tenant_id=str(self.tenant_id))

    def carrier(self, dialled: str, *, by: str) -> str:
        """A carrier brings a call through the trunk of this endpoint; the id of the call."""
        return self.fake.incoming_call(
            endpoint=by, dialled=dialled, tenant_id=str(self.tenant_id), args=["trunk"]
        )

    def stranger(self, address: str) -> str:
        """Somebody on the internet calls ``info``; the id of the call."""
        args = ["stranger", str(self.tenant_id), f"{address}:5060"]
        return self.fake.incoming_call(endpoint="anonymous", dialled="info", args=args)

    def hangs_up_unseen(self, channel_id: str) -> datetime:
        """Somebody hangs up while we are away; Asterisk notes when, which is what is returned."""
        at = datetime.now(UTC)
        file = noted_ends.place(self.spool.parent)
        file.parent.mkdir(parents=True, exist_ok=True)
        with file.open("a") as notes:
            extra = json.dumps({"hangupsource": channel_id})
            line = {"eventtime": f"{at.timestamp():.6f}", "uniqueid": channel_id}
            notes.write(json.dumps({**line, "eventextra": extra}) + "\n")
        self.fake.hang_up(channel_id)
        return at

    async def talk(self) -> str:
        """Alice calls Boris, and they talk."""
        self.fake.phone(BORIS, Answers(after_s=0.01))
        call_id = self.call("101")
        await self.until(lambda: len(self.talking()) == 2, "they talk")
        await self.written(call_id, What.ANSWERED)
        return call_id

    def talking(self) -> list[str]:
        """Everybody who is in a bridge."""
        return [id_ for bridge in self.fake.bridges.values() for id_ in bridge.channel_ids]

    def played(self, media: str) -> int:
        """How often a prompt was begun."""
        return sum(request.query.get("media") == media for request in self.fake.requests)

    async def until(self, question: Callable[[], bool], what: str) -> None:
        """Wait until this is so."""
        await until(question, saying=what)

    async def written(self, call_id: str, what: What) -> JournalLine:
        """Wait until such a step is in the database."""

        async def ask() -> JournalLine | None:
            steps = [step for step in await journal_of(call_id=call_id) if step.what == what]
            return steps[-1] if steps else None

        return await until_told(ask, saying=lambda: f"{what} in the journal, but: {self.logged}")

    async def ended(self, call_id: str) -> RecordedCall:
        """Wait until the record of the call has its end."""

        async def ask() -> RecordedCall | None:
            try:
                record = await show_call(call_id=call_id)
            except NotFound:
                return None
            return record if record.ended_at else None

        return await until_told(ask, saying=f"the end of {call_id}")

    async def nothing_is_left(self) -> None:
        """Wait until Asterisk holds nothing and no record is open."""
        await self.until(
            lambda: not self.fake.channels and not self.fake.bridges, "channels and bridges gone"
        )
        await self.until(lambda: self.process.exchange.calls_up == 0, "no call is run")

        async def ask() -> bool:
            return not await live_calls()

        await until_told(ask, saying="every record is closed")


@asynccontextmanager
async def open_house(folder: Path, logged: list[EventDict]) -> AsyncIterator[House]:
    """acme with Alice and Boris, a greeting, and a prompt; the application is running."""
    tenant = await provisioning.create_tenant(name="acme", domain="acme.test", country="RU")
    seal = Seal(folder / "key")
    for number, name in (("100", "Alice"), ("101", "Boris")):
        await provisioning.create_extension(
            tenant="acme", number=number, name=name, seal=seal, ring_s=20
        )
    for number, kind, settings in (
        ("5000", "greeting", {"sound": "asterisk:welcome", "keys": {"1": "101"}}),
        ("5001", "play", {"sound": "asterisk:news", "next": "5000"}),
    ):
        await provisioning.create_element(
            tenant="acme", kind=kind, number=number, settings=settings, catalogue=Catalogue()
        )
    async with FakeAsterisk() as fake:
        house = House(fake, Wire(fake), tenant.id, folder / "journal.spool", logged)
        await house.start()
        try:
            yield house
        finally:
            for process in house.processes:
                await process.kill()
