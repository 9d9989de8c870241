"""How long people wait: from dialling to the other phone's ringing, from lifting off to hearing.

Two real phones on a real exchange, one call after another; run by ``make bench``. Figures are what
this machine gives while nothing else runs on it.
"""

from __future__ import annotations

import asyncio
import statistics
import sys
from collections.abc import Sequence

from tests.support import sound
from tests.support.baresip import Phone
from tests.support.exchange import Exchange
from tests.support.tenant import Tenant

CALLS = 50


async def main() -> None:
    """Place the calls and print minimum, median, 95th percentile and maximum in milliseconds."""
    exchange = Exchange()
    try:
        await asyncio.to_thread(exchange.start)
        exchange.pbx_now("tenant", "create", "bench", "--domain", "bench.test", "--country", "DE")
        tenant = Tenant(exchange, "bench", "bench.test")
        tenant.add_extension("100")
        tenant.add_extension("101")
        rings, hears = await _measure(tenant)
    finally:
        await asyncio.to_thread(exchange.close)
    _print("caller's INVITE sent -> callee's phone rings", rings)
    _print("callee lifts off -> caller's phone gets sound", hears)


async def _measure(tenant: Tenant) -> tuple[list[float], list[float]]:
    rings: list[float] = []
    hears: list[float] = []
    caller = Phone(tenant.account("100"), plays=sound.ALICE)
    callee = Phone(tenant.account("101"), plays=sound.BORIS)
    async with caller, callee:
        await caller.registered()
        await callee.registered()
        for _ in range(CALLS):
            before = asyncio.get_running_loop().time()
            await caller.dial("101")
            ringing = await callee.rings()
            lifted = asyncio.get_running_loop().time()
            await callee.answer()
            await caller.established()
            heard = await caller.first_audio()
            rings.append(ringing.at_s - before)
            hears.append(heard.at_s - lifted)
            await caller.hang_up()
            await callee.closed()
    return rings, hears


def _print(what: str, seconds: Sequence[float]) -> None:
    in_ms = sorted(second * 1000 for second in seconds)
    p95 = in_ms[int(len(in_ms) * 0.95)]
    median = statistics.median(in_ms)
    sys.stdout.write(
        f"{what}: min {in_ms[0]:.0f}, median {median:.0f}, p95 {p95:.0f}, max {in_ms[-1]:.0f} ms"
        f" ({len(in_ms)} calls)\n"
    )


if __name__ == "__main__":
    asyncio.run(main())
