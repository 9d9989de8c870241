"""Every call reaches the application; while that is away callers are rung through or refused."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import Any

import aiohttp
import pytest

from asterisk_conf import ari_password
from tests.contract.asterisk_conf import raw_sip
from tests.contract.asterisk_conf.exchange import Exchange
from tests.contract.asterisk_conf.raw_sip import RawPhone
from tests.contract.asterisk_conf.test_registration import secret
from tests.support.waiting import COMES_S, until_told

pytestmark = pytest.mark.asterisk

FORBIDDEN_CAUSE = 21

HOSTILE = [
    "%2C%2C%24%7BSHELL(id)%7D",
    "%24%5B1%2B1%5D",
    "101%26102",
    "PJSIP%2F100%40beta.test",
    "101%2C30%2CG(phones%5E101%5E1)",
    "101%7C30",
    "%5B1%5D",
    "s",
    "i",
    "t",
    "1-0-1",
    "x" * 200,
]


class Application:
    """The smallest application: it sees calls begin and refuses them."""

    def __init__(
        self, web: aiohttp.ClientSession, events: aiohttp.ClientWebSocketResponse, base: str
    ) -> None:
        self._web = web
        self._events = events
        self._base = base

    async def is_heard(self) -> None:
        """Ask over the websocket; until Asterisk reads there, it warns of each event it puts off.

        The upgrade is answered before that (ari_websockets.c).
        """
        asking = {"type": "RESTRequest", "request_id": "ping", "method": "GET"}
        await self._events.send_json({**asking, "uri": "asterisk/ping"})
        await self._next("RESTResponse")

    async def refuse_next(self) -> dict[str, object]:
        """Hang up the next call and return what was told of it."""
        event = await self._next("StasisStart")
        channel: dict[str, Any] = event["channel"]
        url = f"{self._base}/channels/{channel['id']}"
        async with self._web.delete(url, params={"reason_code": FORBIDDEN_CAUSE}):
            return {**channel, "args": event["args"]}

    async def _next(self, wanted: str) -> dict[str, Any]:
        async with asyncio.timeout(COMES_S):
            while True:
                event: dict[str, Any] = json.loads((await self._events.receive()).data)
                if event["type"] == wanted:
                    return event

    async def is_idle(self) -> bool:
        async with self._web.get(f"{self._base}/channels") as answer:
            return bool(await answer.json() == [])

    async def no_further_call(self) -> None:
        """Wait until the ended call is fully gone and see that nothing began after it."""
        await until_told(self.is_idle, saying="a channel is left over")
        begun: list[object] = []
        with suppress(TimeoutError):
            async with asyncio.timeout(0.2):
                async for message in self._events:
                    event = json.loads(message.data)
                    begun += [event] if event["type"] == "StasisStart" else []
        assert begun == []


@asynccontextmanager
async def an_application(exchange: Exchange) -> AsyncIterator[Application]:
    settings = exchange.settings
    base = f"http://{settings.ari_host}:{settings.ari_port}/ari"
    login = aiohttp.encode_basic_auth(settings.app, ari_password(settings))
    async with (
        aiohttp.ClientSession(headers={"Authorization": login}) as web,
        web.ws_connect(f"{base}/events", params={"app": settings.app}) as events,
    ):
        application = Application(web, events, base)
        await application.is_heard()
        yield application


@pytest.mark.parametrize("dialled", ["101", "100", "4999", "5000", "info", "1", "*97", "+7916123"])
async def test_every_number_reaches_the_application_as_it_was_dialled(
    running: Exchange, dialled: str
) -> None:
    async with an_application(running) as application, running.phone() as phone:
        calling = asyncio.create_task(
            phone.log_in("INVITE", "100", "acme.test", secret("100"), to=dialled)
        )
        channel = await application.refuse_next()

        assert (await calling).status == 403
        await application.no_further_call()

    assert channel["dialplan"]["exten"] == dialled  # type: ignore[index]  # JSON from Asterisk
    assert channel["args"] == ["phone"]
    assert channel["tenantid"] == "1"
    assert channel["caller"] == {"name": "", "number": "100"}


async def test_a_caller_cannot_claim_another_number(running: Exchange) -> None:
    async with an_application(running) as application, running.phone() as phone:
        calling = asyncio.create_task(
            phone.log_in(
                "INVITE",
                "100-kitchen",
                "acme.test",
                secret("100-kitchen"),
                to="101",
                P_Asserted_Identity='"The Boss" <sip:101@acme.test>',
                Remote_Party_ID='"The Boss" <sip:101@acme.test>',
            )
        )
        channel = await application.refuse_next()
        await calling

    assert channel["caller"] == {"name": "", "number": "100"}
    assert str(channel["name"]).startswith("PJSIP/100-kitchen@acme.test-")


async def test_a_phone_that_knows_only_an_address_calls_in_its_own_tenant(
    running: Exchange,
) -> None:
    async with an_application(running) as application, running.phone() as phone:
        calling = asyncio.create_task(
            phone.log_in("INVITE", "100", "127.0.0.1", secret("100"), to="101")
        )
        channel = await application.refuse_next()
        await calling

    assert channel["tenantid"] == "1"
    assert str(channel["name"]).startswith("PJSIP/100@acme.test-")


@pytest.mark.parametrize("dialled", HOSTILE)
async def test_what_a_hostile_phone_dials_is_text_and_nothing_else(
    running: Exchange, dialled: str
) -> None:
    async with an_application(running) as application, running.phone() as phone:
        calling = asyncio.create_task(
            phone.log_in("INVITE", "100", "acme.test", secret("100"), to=dialled)
        )
        await application.refuse_next()

        assert (await calling).status == 403
        await application.no_further_call()


async def test_the_end_of_a_call_cannot_be_dialled(running: Exchange) -> None:
    async with running.phone() as phone:
        answer = await phone.log_in("INVITE", "100", "acme.test", secret("100"), to="h")

    assert answer.status == 404


async def test_without_the_application_a_colleague_is_rung_on_every_phone(
    running: Exchange,
) -> None:
    async with running.phone() as caller, running.phone() as desk, running.phone() as kitchen:
        running.add_device("101-lab", "acme.test", "lab", "101")
        await desk.log_in("REGISTER", "101", "acme.test", secret("101"))
        await kitchen.log_in("REGISTER", "101-lab", "acme.test", "lab")
        ringing = asyncio.gather(first_call(desk), first_call(kitchen))
        calling = asyncio.create_task(
            caller.log_in("INVITE", "100", "acme.test", secret("100"), to="101")
        )
        invitations = await ringing

        for phone, invitation in zip((desk, kitchen), invitations, strict=True):
            phone.send(raw_sip.response_to(invitation, "486 Busy Here"))
        answer = await calling

    assert all(b"sip:100@" in invitation for invitation in invitations)
    assert answer.status == 486


async def test_without_the_application_all_other_calls_are_to_be_tried_later(
    running: Exchange,
) -> None:
    running.add_device("300", "beta.test", "x")
    spot = running.settings.home / "touched"
    command = f"%24%7BSHELL(touch%20{str(spot).replace('/', '%2F')})%7D"

    async def call(dialled: str) -> int:
        async with running.phone() as caller:
            answer = await caller.log_in("INVITE", "100", "acme.test", secret("100"), to=dialled)
            return answer.status

    async with running.phone() as other:
        await other.log_in("REGISTER", "300", "beta.test", "x")
        statuses = await asyncio.gather(
            *map(call, ["102", "300", "5000", "300%40beta.test", command, *HOSTILE])
        )
        waiting = other.waiting()

    assert set(statuses) == {503}
    assert not any(message.startswith(b"INVITE") for message in waiting)
    assert not spot.exists()


async def first_call(phone: RawPhone) -> bytes:
    """Answer the questions whether one is there, until a call comes."""
    while True:
        message = (await phone.receive()).raw
        if message.startswith(b"INVITE"):
            return message
        if message.startswith(b"OPTIONS"):
            phone.send(raw_sip.response_to(message, "200 OK"))
