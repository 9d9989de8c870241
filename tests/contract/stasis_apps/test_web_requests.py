"""Servers of tenants are asked as they should be, and no bad one harms those who call."""

from __future__ import annotations

import asyncio
import gzip
import socket
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from ipaddress import ip_network
from pathlib import Path
from typing import cast

import pytest
from aiohttp import web
from structlog.typing import EventDict

from stasis_apps.decisions.webhook_reply import MOST_BYTES
from stasis_apps.services.web_client import INSIDE, is_of_this_machine
from stasis_apps.services.web_questions import Answer, NoAnswer
from stasis_apps.services.web_requests import MOST_OF_A_TENANT, WebRequests
from tests.contract.stasis_apps.servers import (
    FORM,
    LOOPBACK,
    MUCH,
    VERA,
    Server,
    asked,
    greets,
    question,
    serving,
    speaking,
    waits,
)
from tests.support.certificates import Authority
from tests.support.ports import small_block
from tests.support.waiting import until


async def test_a_server_is_told_who_calls_as_by_a_form_on_a_page() -> None:
    told: list[tuple[str, str, dict[str, object]]] = []

    async def listens(_server: Server, request: web.Request) -> web.Response:
        told.append((request.method, request.content_type, dict(await request.post())))
        return web.Response(text="transfer: 101")

    async with serving(listens) as server:
        await asked(server.url("/call?id=7&secret=a%20b"))

    assert told == [("POST", "application/x-www-form-urlencoded", FORM)]
    assert server.asked == ["/call?id=7&secret=a%20b"]
    assert server.headers[0]["Host"] == f"127.0.0.1:{server.port}"


async def test_what_a_server_says_arrives_as_it_was_said() -> None:
    said = 'set_name: "Анна"'.encode("cp1251")

    async def teapot(_server: Server, _request: web.Request) -> web.Response:
        content_type = "text/plain; charset=windows-1251"
        return web.Response(status=418, body=said, headers={"Content-Type": content_type})

    async with serving(teapot) as server:
        answer = await asked(server.url())

    assert answer == Answer(status=418, content_type="text/plain; charset=windows-1251", body=said)


async def test_a_server_may_say_nothing_at_all_and_in_no_type() -> None:
    async def nods(writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.0 204 OK\r\n\r\n")

    async with speaking(nods) as server:
        assert await asked(server.url()) == Answer(status=204)


async def test_a_server_that_does_not_say_how_much_it_says_is_heard_to_its_end() -> None:
    async def talks(writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.0 200 OK\r\nContent-Type: text/plain\r\n\r\n")
        await writer.drain()
        writer.write(b"transfer: 101")

    async with speaking(talks) as server:
        answer = await asked(server.url())

    assert answer == Answer(status=200, content_type="text/plain", body=b"transfer: 101")


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "[::1]", "[::ffff:127.0.0.1]"])
async def test_nobody_of_this_machine_is_asked_unless_the_operator_lets_them(host: str) -> None:
    async with serving(greets) as server, WebRequests() as requests:
        answer = await requests.ask(question(f"http://{host}:{server.port}/"))

        assert answer == NoAnswer(INSIDE)
        assert server.asked == []


@pytest.mark.parametrize(
    "host",
    [
        "127.1",
        "2130706433",
        "0x7f000001",
        "0177.0.0.1",
        "127.0.0.1.",
        "0.0.0.0",  # noqa: S104 - is asked here, not bound to
        "[::]",
    ],
)
async def test_nobody_of_this_machine_is_asked_under_an_odd_name(host: str) -> None:
    async with serving(greets) as server, WebRequests() as requests:
        answer = await requests.ask(question(f"http://{host}:{server.port}/"))

        assert isinstance(answer, NoAnswer)
        assert server.asked == []


async def test_nobody_of_this_machine_is_asked_because_others_may_be() -> None:
    async with serving(greets) as server, WebRequests([ip_network("10.0.0.0/8")]) as requests:
        assert await requests.ask(question(server.url())) == NoAnswer(INSIDE)
        assert server.asked == []


async def test_a_server_that_the_operator_opens_is_asked_by_its_name_too() -> None:
    async with serving(greets) as server:
        answer = await asked(f"http://localhost:{server.port}/")

    assert answer == Answer(
        status=200, content_type="text/plain; charset=utf-8", body=b"transfer: 101"
    )


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
async def test_nobody_follows_a_server_that_sends_them_elsewhere(status: int) -> None:
    async def moved(server: Server, _request: web.Request) -> web.Response:
        return web.Response(status=status, headers={"Location": server.url("/elsewhere")})

    async with serving(moved) as server:
        answer = await asked(server.url("/here"))

        assert isinstance(answer, Answer)
        assert answer.status == status
        assert server.asked == ["/here"]


async def test_a_server_that_talks_without_end_is_not_heard_to_it() -> None:
    async def talks(_server: Server, _request: web.Request) -> web.Response:
        return web.Response(body=b"x" * MUCH)

    async with serving(talks) as server:
        answer = await asked(server.url())

    assert isinstance(answer, Answer)
    assert len(answer.body) == MOST_BYTES + 1


@pytest.mark.parametrize("length", [MOST_BYTES - 1, MOST_BYTES, MOST_BYTES + 1])
async def test_an_answer_that_is_not_too_long_is_read_to_its_end(length: int) -> None:
    async def talks(_server: Server, _request: web.Request) -> web.Response:
        return web.Response(body=b"x" * length)

    async with serving(talks) as server:
        answer = await asked(server.url())

    assert isinstance(answer, Answer)
    assert answer.body == b"x" * length


async def test_what_a_server_has_packed_is_not_unpacked() -> None:
    bomb = gzip.compress(bytes(MUCH))

    async def packs(_server: Server, _request: web.Request) -> web.Response:
        return web.Response(body=bomb, headers={"Content-Encoding": "gzip"})

    async with serving(packs) as server:
        answer = await asked(server.url())

    assert isinstance(answer, Answer)
    assert answer.body == bomb
    assert server.headers[0]["Accept-Encoding"] == "identity"


async def test_a_server_that_never_answers_is_waited_for_so_long_and_no_longer() -> None:
    async with serving(waits) as server:
        assert await asked(server.url(), timeout_s=0.5) == NoAnswer("no answer within 0.5 s")
        assert server.asked == ["/call"]


async def test_a_server_that_never_comes_to_its_end_is_waited_for_no_longer() -> None:
    async def stammers(writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\ntransfer: 1")
        await server.may_end.wait()

    async with speaking(stammers) as server:
        assert await asked(server.url(), timeout_s=0.5) == NoAnswer("no answer within 0.5 s")


async def test_a_server_that_takes_the_connection_and_says_nothing_is_waited_for_no_longer() -> (
    None
):
    async def is_silent(_writer: asyncio.StreamWriter) -> None:
        await server.may_end.wait()

    async with speaking(is_silent) as server:
        assert await asked(server.url(), timeout_s=0.5) == NoAnswer("no answer within 0.5 s")


async def test_where_nobody_listens_nobody_can_be_reached() -> None:
    with small_block() as ports:
        assert await asked(f"http://127.0.0.1:{ports.one()}/") == NoAnswer("it cannot be reached")


async def test_a_server_whose_certificate_nobody_trusts_hears_nothing(tmp_path: Path) -> None:
    pair = Authority(tmp_path).pair()
    tls = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    tls.load_cert_chain(pair.certificate_file, pair.key_file)

    async with serving(greets, tls=tls) as server:
        answer = await asked(server.url(scheme="https"))

        assert answer == NoAnswer("its certificate cannot be trusted")
        assert server.asked == []


async def test_a_server_that_knows_no_encryption_is_not_asked_without() -> None:
    async with serving(greets) as server:
        answer = await asked(server.url(scheme="https"))

        assert answer == NoAnswer("it does not speak TLS as it should")
        assert server.asked == []


@pytest.mark.parametrize("name", ["nowhere.invalid", "a..b", "x" * 300])
async def test_a_name_that_nobody_has_cannot_be_found(name: str) -> None:
    assert await asked(f"http://{name}/") == NoAnswer("its name cannot be found")


async def test_a_server_is_not_reminded_of_what_it_said_before() -> None:
    async def remembers(_server: Server, _request: web.Request) -> web.Response:
        answer = web.Response(text="transfer: 101")
        answer.set_cookie("caller", "anna")
        return answer

    async with serving(remembers) as server, WebRequests([LOOPBACK]) as requests:
        for _ in range(3):
            assert isinstance(await requests.ask(question(server.url())), Answer)

    assert ["Cookie" in headers for headers in server.headers] == [False] * 3


async def test_each_call_has_a_connection_of_its_own() -> None:
    connections = []

    async def looks(_server: Server, request: web.Request) -> web.Response:
        connections.append(request.transport)
        return web.Response(text="transfer: 101")

    async with serving(looks) as server, WebRequests([LOOPBACK]) as requests:
        for _ in range(3):
            await requests.ask(question(server.url()))

    assert None not in connections
    assert len(set(map(id, connections))) == 3


async def test_a_tenant_with_a_slow_server_slows_down_nobody_else() -> None:
    async def is_slow(server: Server, request: web.Request) -> web.Response:
        return await (waits if request.path == "/slow" else greets)(server, request)

    async with (
        serving(is_slow) as server,
        WebRequests([LOOPBACK]) as requests,
        asyncio.TaskGroup() as group,
    ):
        slow, quick = question(server.url("/slow")), server.url("/quick")
        waiting = [group.create_task(requests.ask(slow)) for _ in range(MOST_OF_A_TENANT)]
        await until(lambda: len(server.asked) == MOST_OF_A_TENANT, saying="all have arrived")

        one_more = await requests.ask(question(quick))
        assert one_more == NoAnswer("20 other calls wait for an answer already")
        assert "/quick" not in server.asked
        assert isinstance(await requests.ask(question(quick, tenant_id=VERA)), Answer)
        assert not any(task.done() for task in waiting)

        server.may_end.set()
        assert {type(await task) for task in waiting} == {Answer}
        assert isinstance(await requests.ask(question(quick)), Answer)


async def test_callers_who_hang_up_meanwhile_leave_room_for_others() -> None:
    async with serving(waits) as server, WebRequests([LOOPBACK]) as requests:
        asking = [
            asyncio.create_task(requests.ask(question(server.url())))
            for _ in range(MOST_OF_A_TENANT)
        ]
        await until(lambda: len(server.asked) == MOST_OF_A_TENANT, saying="all have arrived")
        for task in asking:
            task.cancel()
        await asyncio.wait(asking)

        server.may_end.set()
        assert isinstance(await requests.ask(question(server.url())), Answer)


async def test_servers_that_fail_leave_room_for_others() -> None:
    async with serving(greets) as server, WebRequests([LOOPBACK]) as requests, nobody() as url:
        failed = [await requests.ask(question(url)) for _ in range(MOST_OF_A_TENANT + 1)]

        assert set(failed) == {NoAnswer("it cannot be reached")}
        assert isinstance(await requests.ask(question(server.url())), Answer)


@asynccontextmanager
async def nobody() -> AsyncIterator[str]:
    """The address of a server that is down."""
    with small_block() as ports:
        yield f"http://127.0.0.1:{ports.one()}/"


async def test_nothing_of_a_call_is_shown_where_a_question_is_printed() -> None:
    async with nobody() as url:
        shown = repr(question(url))

    assert url not in shown
    assert FORM["caller_number"] not in shown


@pytest.mark.parametrize("path", ["/a%2Fb?sign=%2F%2B%41&x=1+2", "/a/../b"])
async def test_an_address_is_asked_as_it_was_written_for_it_may_be_signed(path: str) -> None:
    async with serving(greets) as server:
        await asked(server.url(path))

    assert server.asked == [path]


async def test_an_address_with_foreign_letters_is_asked_for_as_the_web_writes_it() -> None:
    async with serving(greets) as server:
        await asked(server.url("/звонок"))

    assert server.asked == ["/%D0%B7%D0%B2%D0%BE%D0%BD%D0%BE%D0%BA"]


async def test_what_nobody_has_thought_of_is_no_answer_and_nothing_of_the_call_is_logged(
    logged: list[EventDict],
) -> None:
    nonsense = cast("str", None)
    async with WebRequests([LOOPBACK]) as requests:
        told = await requests.ask(question(nonsense))

    assert told == NoAnswer("it could not be asked")
    fault = {"event": "http_request_failed", "fault": "AttributeError", "log_level": "error"}
    assert logged == [fault]


@pytest.mark.parametrize(
    ("family", "host"), [(socket.AF_INET, "127.0.0.1"), (socket.AF_INET6, "::1")]
)
def test_addresses_of_this_machine_are_known_as_such(
    family: socket.AddressFamily, host: str
) -> None:
    assert is_of_this_machine(family, host)
    assert not is_of_this_machine(socket.AF_INET, "198.51.100.7")
