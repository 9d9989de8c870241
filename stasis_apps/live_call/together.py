"""Several requests at once, none of which is left running behind our back."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable
from typing import TypeVar, cast

T = TypeVar("T")
U = TypeVar("U")


async def both(first: Awaitable[T], second: Awaitable[U]) -> tuple[T, U]:
    """`all_of` for two requests of different kinds."""
    one, other = await all_of(first, second)
    return cast("T", one), cast("U", other)


async def all_of(*requests: Awaitable[object]) -> list[object]:
    """Wait for every one of them, then give their results, or raise the first fault.

    Other than `asyncio.gather` it never returns while one of them is still under way: what a
    request that was overtaken by a fault has made, in Asterisk, can be cleaned up afterwards.
    """
    done = await asyncio.gather(*requests, return_exceptions=True)
    for result in done:
        if isinstance(result, BaseException):
            raise result
    return done
