"""What a call, a talk, a recording and a registered phone cost: processor time and memory.

Low rates on a real exchange; what is read is the processor time of Asterisk and of the application
in ``/proc``, which other work on the machine changes little. Each figure is the lowest of some
rounds, as the least disturbed. Run by ``make bench``; docs/sizing.md has the table.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import re
import sys
import tempfile
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from tests.support import sound
from tests.support.baresip import Phone
from tests.support.exchange import Exchange
from tests.support.plain_phone import PlainPhone
from tests.support.sipp import Callee, Caller, Sipp
from tests.support.tenant import Tenant

ROUNDS: Final = 3
TICKS_A_S: Final = os.sysconf("SC_CLK_TCK")

CALLS, CALLS_A_S = 150, 5.0
HELD, HOLD_S = 100, 12.0
TALKS, TALK_S = 8, 20.0
PHONES, PHONES_S = 100, 60.0
IDLE_S = 15.0

TALKING: Final = 1010
ENCRYPTING: Final = 1050
"""The first phone of those that talk; who is called by it has a number that is 20 higher."""

MAILBOX: Final = "5120"


@dataclass(frozen=True, slots=True)
class Spent:
    """What Asterisk and the application have spent.

    Attributes:
        asterisk: Of Asterisk: seconds of a processor, or bytes.
        application: Of the application, the same.
    """

    asterisk: float
    application: float

    def __sub__(self, other: Spent) -> Spent:
        """How much more than before."""
        return Spent(self.asterisk - other.asterisk, self.application - other.application)

    def each(self, many: float) -> Spent:
        """The share of one of so many."""
        return Spent(self.asterisk / many, self.application / many)


async def main() -> None:
    """Measure one thing after the other, and print a table."""
    argparse.ArgumentParser(description=__doc__).parse_args()
    # What has been freed is kept and used again, so memory is measured where nothing was before.
    for measure in (_measure_memory, _measure_phones, _measure_calls):
        exchange = Exchange()
        try:
            await asyncio.to_thread(exchange.start)
            tenant = await asyncio.to_thread(_office, exchange)
            await measure(tenant)
        finally:
            await asyncio.to_thread(exchange.close)


async def _measure_memory(tenant: Tenant) -> None:
    _say("nobody calls yet", _memory(tenant.exchange), "MB", 1e-6)
    _say("a talk that is up", await _held(tenant), "kB", 1e-3)


async def _measure_phones(tenant: Tenant) -> None:
    registering, staying, memory = await _registered(tenant, await _idle(tenant.exchange))
    _say("a phone that registers", registering, "ms", 1000)
    _say("a phone that is registered", staying, "ms each second", 1000)
    _say("the same", memory, "kB", 1e-3)


async def _measure_calls(tenant: Tenant) -> None:
    idle = await _lowest(lambda: _idle(tenant.exchange))
    _say("nothing happens", idle, "ms each second", 1000)
    _say("a call that is answered and put down", await _lowest(lambda: _calls(tenant)), "ms", 1000)
    talk = await _lowest(lambda: _talks(tenant, idle))
    _say("a talk, G.711 (two legs)", talk, "ms each second", 1000)
    encrypted = await _lowest(lambda: _talks(tenant, idle, encrypts=True))
    _say("a talk, G.711, both legs encrypted", encrypted, "ms each second", 1000)
    between = await _lowest(lambda: _talks(tenant, idle, codec="G722"))
    _say("a talk between G.711 and G.722", between, "ms each second", 1000)
    recorded = await _lowest(lambda: _recordings(tenant, idle))
    _say("a message that is recorded", recorded, "ms each second", 1000)


async def _lowest(measure: Callable[[], Awaitable[Spent]]) -> Spent:
    rounds = [await measure() for _ in range(ROUNDS)]
    return Spent(min(one.asterisk for one in rounds), min(one.application for one in rounds))


async def _idle(exchange: Exchange) -> Spent:
    before = _processor(exchange)
    await asyncio.sleep(IDLE_S)
    return (_processor(exchange) - before).each(IDLE_S)


async def _calls(tenant: Tenant) -> Spent:
    """Calls that take the whole way and last no longer than that."""
    callee, caller = tenant.account("1001"), tenant.account("1000")
    async with Sipp(callee, Callee()):
        before = _processor(tenant.exchange)
        async with Sipp(caller, Caller(), number="1001", calls=CALLS, rate=CALLS_A_S) as calls:
            score = await calls.finished(within_s=CALLS / CALLS_A_S + 30)
        await tenant.exchange.no_call_is_run()
        if score.successful != CALLS:
            raise RuntimeError(calls.story())
        return (_processor(tenant.exchange) - before).each(CALLS)


async def _held(tenant: Tenant) -> Spent:
    """What many talks at once keep in memory; without sound, which needs none."""
    callee, caller = tenant.account("1001"), tenant.account("1000")
    hold_ms = int(HOLD_S * 1000)
    talks = Caller(talks_ms=(hold_ms, hold_ms + 1))
    before = _memory(tenant.exchange)
    async with (
        Sipp(callee, Callee()),
        Sipp(caller, talks, number="1001", calls=HELD, rate=20) as calls,
    ):
        await asyncio.sleep(HELD / 20 + 3)
        during = _memory(tenant.exchange)
        score = await calls.finished(within_s=HOLD_S + 30)
        if score.successful != HELD:
            raise RuntimeError(calls.story())
    return (during - before).each(HELD)


async def _talks(
    tenant: Tenant, idle: Spent, *, encrypts: bool = False, codec: str = "PCMA"
) -> Spent:
    """Talks with sound both ways; ``codec`` is the callees', callers have G.711."""
    first = ENCRYPTING if encrypts else TALKING
    async with AsyncExitStack() as phones:
        callers = []
        for place in range(TALKS):
            us, them = tenant.account(str(first + place)), tenant.account(str(first + 20 + place))
            caller = Phone(us, plays=sound.ALICE, encrypts=encrypts)
            callee = Phone(
                them, plays=sound.BORIS, answers="auto", encrypts=encrypts, codecs=(codec,)
            )
            callers.append(await _switched_on(phones, caller))
            await _switched_on(phones, callee)
        for place, caller in enumerate(callers):
            await caller.dial(str(first + 20 + place))
            await caller.established()
        return await _each_second(tenant.exchange, idle, TALKS)


async def _recordings(tenant: Tenant, idle: Spent) -> Spent:
    async with AsyncExitStack() as phones:
        callers = [Phone(tenant.account(str(TALKING + n))) for n in range(TALKS)]
        for caller in callers:
            await _switched_on(phones, caller)
            await caller.dial(MAILBOX)
            await caller.established()
        await asyncio.sleep(2.0)  # the beep is over
        return await _each_second(tenant.exchange, idle, TALKS)


async def _switched_on(phones: AsyncExitStack, phone: Phone) -> Phone:
    await phones.enter_async_context(phone)
    await phone.registered()
    return phone


async def _each_second(exchange: Exchange, idle: Spent, many: int) -> Spent:
    """What one of so many that go on costs a second, beyond what it costs when nothing happens."""
    before = _processor(exchange)
    await asyncio.sleep(TALK_S)
    return ((_processor(exchange) - before).each(TALK_S) - idle).each(many)


async def _registered(tenant: Tenant, idle: Spent) -> tuple[Spent, Spent, Spent]:
    """A phone's first registration, its stay (a question each 30 s), and what it keeps."""
    before, memory = _processor(tenant.exchange), _memory(tenant.exchange)
    async with _phones(tenant):
        came = _processor(tenant.exchange)
        await asyncio.sleep(PHONES_S)
        stayed = (_processor(tenant.exchange) - came).each(PHONES_S) - idle
        kept = _memory(tenant.exchange) - memory
    return (came - before).each(PHONES), stayed.each(PHONES), kept.each(PHONES)


@asynccontextmanager
async def _phones(tenant: Tenant) -> AsyncIterator[None]:
    async with AsyncExitStack() as phones:
        for place in range(PHONES):
            await phones.enter_async_context(PlainPhone(tenant.account(str(1100 + place))))
        yield


def _office(exchange: Exchange) -> Tenant:
    """A tenant with as many phones as are needed, and a mailbox."""
    tenant = Tenant(exchange, "sizing", "sizing.test")
    with tempfile.TemporaryDirectory(prefix="pbx-bench-") as folder:
        file = Path(folder) / "sizing.yaml"
        file.write_text("\n".join(_lines()), encoding="utf-8")
        tenant.apply(file)
    tenant.wait_until_in_effect()
    return tenant


def _lines() -> Iterator[str]:
    yield from ("tenant: sizing", "domain: sizing.test", "timezone: UTC", "country: DE")
    yield "extensions:"
    for number in range(1000, 1100 + PHONES):
        encryption = ", encryption: required" if ENCRYPTING <= number < 1100 else ""
        devices = f"[{{name: '{number}'{encryption}}}]"
        yield f"  '{number}': {{name: User {number}, max_calls: 100, devices: {devices}}}"
    yield from ("elements:", f"  '{MAILBOX}': {{kind: voicemail}}")


def _processor(exchange: Exchange) -> Spent:
    """Seconds of a processor that each has had since its start."""
    return Spent(_seconds(exchange.asterisk_pid()), _seconds(exchange.application_pid()))


def _seconds(pid: int | None) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    user, system = int(fields[11]), int(fields[12])
    return (user + system) / TICKS_A_S


def _memory(exchange: Exchange) -> Spent:
    """Bytes that each keeps, its share of what is shared included."""
    return Spent(_bytes(exchange.asterisk_pid()), _bytes(exchange.application_pid()))


def _bytes(pid: int | None) -> float:
    found = re.search(r"^Pss: +(\d+) kB", Path(f"/proc/{pid}/smaps_rollup").read_text(), re.M)
    return 1024.0 * int(found[1]) if found else 0.0


def _say(what: str, spent: Spent, unit: str, factor: float) -> None:
    asterisk, application = spent.asterisk * factor, spent.application * factor
    figures = f"Asterisk {asterisk:8.2f}  application {application:8.2f}  {unit}"
    sys.stdout.write(f"{what:40} {figures}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    asyncio.run(main())
