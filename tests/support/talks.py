"""Two people in the middle of a talk, to whom something may happen."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from tests.support import sound
from tests.support.any_exchange import Running
from tests.support.baresip import Phone
from tests.support.tenant import Tenant


@asynccontextmanager
async def two_who_talk(tenant: Tenant[Running]) -> AsyncIterator[tuple[Phone, Phone]]:
    """Two phones in the middle of a talk."""
    async with (
        Phone(tenant.account("100"), plays=sound.ALICE) as caller,
        Phone(tenant.account("101"), plays=sound.BORIS, answers="auto") as callee,
    ):
        await caller.registered()
        await callee.registered()
        await caller.dial("101")
        await caller.established()
        await callee.established()
        await caller.ear.hears(sound.BORIS)
        await callee.ear.hears(sound.ALICE)
        yield caller, callee


async def they_still_talk(caller: Phone, callee: Phone) -> None:
    """Wait until each of them has heard the other for a second from now on."""
    await caller.ear.hears(sound.BORIS, for_s=1.0, since=caller.ear.mark())
    await callee.ear.hears(sound.ALICE, for_s=1.0, since=callee.ear.mark())
