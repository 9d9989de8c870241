"""Whoever asks how an exchange is learns which exchange has answered."""

from __future__ import annotations

from aiohttp.test_utils import TestClient, TestServer

from stasis_apps.settings import Address
from stasis_apps.watching.health_server import HealthServer
from stasis_apps.watching.readiness import Vitals

WELL = Vitals(is_connected=True, takes_calls=True, plans_age_s=0.1, is_database_there=True)


async def test_an_answer_tells_which_exchange_it_comes_from() -> None:
    async def nothing() -> bytes:
        return b""

    server = HealthServer(
        Address("127.0.0.1", 1), vitals=lambda: WELL, figures=nothing, node="pbx-0a1b2c"
    )
    async with TestClient(TestServer(server.application())) as client:
        answer = await client.get("/readyz")

        assert (await answer.json())["node"] == "pbx-0a1b2c"
