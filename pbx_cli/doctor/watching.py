"""The doctor's question about health and metrics: does the application answer those who watch?"""

from __future__ import annotations

from typing import Final

import aiohttp

from pbx_cli.doctor.findings import Finding, up, warning
from pbx_cli.machine import ANY, LOOPBACK
from stasis_apps.settings import Address, Settings

NAME: Final = "health, metrics"
ANSWER_LIMIT_S: Final = 3.0


async def check_watching(settings: Settings) -> Finding:
    """Can those who watch over the exchange ask it? Calls go on without them."""
    bind = settings.health_bind
    reached = Address(LOOPBACK, bind.port) if bind.host in ANY else bind
    try:
        is_ready = await _is_ready(f"http://{reached}/readyz")
    except (aiohttp.ClientError, TimeoutError):
        return warning(NAME, f"PBX_HEALTH_BIND={bind} does not answer")
    if not is_ready:
        return warning(NAME, f"no calls are taken: http://{reached}/readyz says what is missing")
    return up(NAME, f"calls are taken; figures at http://{reached}/metrics")


async def _is_ready(url: str) -> bool:
    timeout = aiohttp.ClientTimeout(total=ANSWER_LIMIT_S)
    async with aiohttp.ClientSession(timeout=timeout) as session, session.get(url) as answer:
        return answer.ok
