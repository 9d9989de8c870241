"""The doctor's question about health and metrics: does the application answer those who watch?"""

from __future__ import annotations

import asyncio
from typing import Final

import aiohttp
import msgspec

from asterisk_conf.node import node_name_place
from pbx_cli.doctor.findings import Finding, up, warning
from pbx_cli.machine import ANY, LOOPBACK
from stasis_apps.settings import Address, Settings

NAME: Final = "health, metrics"
ANSWER_LIMIT_S: Final = 3.0


class Readiness(msgspec.Struct):
    """What `/readyz` says of itself.

    Attributes:
        node: The name of the exchange that answers.
    """

    node: str = ""


async def check_watching(settings: Settings) -> Finding:
    """Can those who watch over the exchange ask it? Calls go on without them."""
    bind = settings.health_bind
    reached = Address(LOOPBACK, bind.port) if bind.host in ANY else bind
    try:
        is_ready, told = await _told(f"http://{reached}/readyz")
    except (aiohttp.ClientError, TimeoutError):
        return warning(NAME, f"PBX_HEALTH_BIND={bind} does not answer")
    except msgspec.DecodeError:
        return warning(NAME, f"PBX_HEALTH_BIND={bind}: another program answers there")
    own = await asyncio.to_thread(_name_of, settings)
    if told.node and own and told.node != own:
        words = (
            f"another exchange answers there ({told.node}; this one is {own}); give each its own"
        )
        return warning(NAME, f"PBX_HEALTH_BIND={bind}: {words}")
    if not is_ready:
        return warning(NAME, f"no calls are taken: http://{reached}/readyz says what is missing")
    return up(NAME, f"calls are taken; figures at http://{reached}/metrics")


async def _told(url: str) -> tuple[bool, Readiness]:
    timeout = aiohttp.ClientTimeout(total=ANSWER_LIMIT_S)
    async with aiohttp.ClientSession(timeout=timeout) as session, session.get(url) as answer:
        return answer.ok, msgspec.json.decode(await answer.read(), type=Readiness)


def _name_of(settings: Settings) -> str:
    """The name of this home's exchange; empty until Asterisk has been set up in it."""
    try:
        return node_name_place(settings.home).read_text(encoding="utf-8").strip()
    except OSError:
        return ""
