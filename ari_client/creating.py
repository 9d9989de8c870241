"""Creating a thing under an id of ours exactly once, whatever becomes of the answer."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from ari_client.errors import AriRefused, AriUnavailable, ResourceGone, WrongState


async def create_once(
    create: Callable[[], Awaitable[object]], look: Callable[[], Awaitable[object]]
) -> None:
    """Create; when no answer comes, look whether it worked, and only then try once more.

    A 409 means that the id is taken, but not every 409 does: after one, Asterisk 22 answers 409
    also to later failures on the same connection (it keeps the reason per thread), where 500
    "Allocation failed" would be right. So a 409 is believed only when the thing is there.

    Args:
        create: Sends the request, with an id that is ours and fresh.
        look: Asks for the thing by that id.

    Raises:
        AriUnavailable: Asterisk does not answer at all.
        WrongState: the id was taken before.
        AriRefused: it will not; status 500 when the endpoint is not registered.
    """
    try:
        await _create(create, look)
    except AriUnavailable:
        if not await _exists(look):
            await _create_again(create, look)


async def _create(
    create: Callable[[], Awaitable[object]], look: Callable[[], Awaitable[object]]
) -> None:
    try:
        await create()
    except WrongState as refused:
        if await _exists(look):
            raise
        raise AriRefused(500, f"Allocation failed (answered {refused})") from refused


async def _create_again(
    create: Callable[[], Awaitable[object]], look: Callable[[], Awaitable[object]]
) -> None:
    try:
        await _create(create, look)
    except WrongState:
        return  # the first attempt had worked


async def _exists(look: Callable[[], Awaitable[object]]) -> bool:
    try:
        await look()
    except ResourceGone:
        return False
    return True
