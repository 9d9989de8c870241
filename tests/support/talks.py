"""Two people in the middle of a talk, to whom something may happen."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from tests.support import sound
from tests.support.any_exchange import Running
from tests.support.baresip import Phone
from tests.support.tenant import Tenant


@asynccontextmanager
async def a_talk(caller: Phone, callee: Phone) -> AsyncIterator[None]:
    """Both phones are switched on and talking; the caller hangs up in the end."""
    async with caller, callee:
        await _begin(caller, callee)
        yield
        await caller.hang_up()
        await callee.closed()


@asynccontextmanager
async def two_who_talk(tenant: Tenant[Running]) -> AsyncIterator[tuple[Phone, Phone]]:
    """Two phones in the middle of a talk, who hear each other; the test ends it, or does not."""
    async with (
        Phone(tenant.account("100"), plays=sound.ALICE) as caller,
        Phone(tenant.account("101"), plays=sound.BORIS) as callee,
    ):
        await _begin(caller, callee)
        await they_hear_each_other(caller, callee)
        yield caller, callee


async def they_hear_each_other(caller: Phone, callee: Phone) -> None:
    """Wait until each of them has heard the other; the caller is Alice, the callee Boris."""
    await caller.ear.hears(sound.BORIS)
    await callee.ear.hears(sound.ALICE)


async def they_still_talk(caller: Phone, callee: Phone) -> None:
    """Wait until each of them has heard the other for a second from now on."""
    marks = caller.ear.mark(), callee.ear.mark()
    await caller.ear.hears(sound.BORIS, for_s=1.0, since=marks[0])
    await callee.ear.hears(sound.ALICE, for_s=1.0, since=marks[1])


async def _begin(caller: Phone, callee: Phone) -> None:
    await caller.registered()
    await callee.registered()
    await caller.dial(callee.account.user)
    await callee.rings()
    await callee.answer()
    await caller.established()
