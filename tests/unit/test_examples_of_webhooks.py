"""The example of a server that leads customers to their managers, really asked."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from ipaddress import ip_network
from pathlib import Path

import pytest

from stasis_apps.decisions.webhook_reply import Commands, Unusable, read_reply
from stasis_apps.services.web_questions import Answer, Question
from stasis_apps.services.web_requests import WebRequests
from tests.support.ports import small_block
from tests.support.waiting import until_told

PROGRAM = Path(__file__).parents[2] / "examples" / "webhooks" / "route_by_manager.py"
LOOPBACK = ip_network("127.0.0.0/8")

VERA = Commands(set_name="Vera Example", transfer="100")
OLEG = Commands(set_name="Oleg Example, gold", transfer="101")
NOTHING = Commands()


class Manager:
    """The example as the exchange asks it; it knows the customers of a file of ours."""

    def __init__(self, port: int, servers: WebRequests) -> None:
        self._url = f"http://127.0.0.1:{port}/"
        self._servers = servers

    async def asked_of(self, caller: str) -> Commands | Unusable:
        """What it wants done with this caller's call."""
        form = {"caller_number": "07700", "caller_e164": caller, "caller_name": ""}
        question = Question(tenant_id=1, element="5600", url=self._url, form=form, timeout_s=10)
        answer = await self._servers.ask(question)
        assert isinstance(answer, Answer), answer
        return read_reply(answer.status, answer.content_type, answer.body)


@pytest.fixture
def customers(tmp_path: Path) -> Path:
    """The customers that ship with the example, as a file that a test may change."""
    copy = tmp_path / "customers.csv"
    copy.write_bytes(PROGRAM.with_name("customers.csv").read_bytes())
    return copy


@pytest.fixture
def port(customers: Path) -> Iterator[int]:
    """Where the example listens, which is started as its first lines say."""
    with small_block() as ports:
        port = ports.one()
        command = [sys.executable, str(PROGRAM), "--port", str(port), "--customers", str(customers)]
        with subprocess.Popen(command, stderr=subprocess.DEVNULL) as process:
            try:
                yield port
            finally:
                process.kill()


@pytest.fixture
async def manager(port: int) -> AsyncIterator[Manager]:
    """The example, once it listens."""
    await until_told(lambda: is_there(port), saying="the example listens")
    async with WebRequests([LOOPBACK]) as servers:
        yield Manager(port, servers)


async def is_there(port: int) -> bool:
    """Whether somebody takes connections at this port; a port may be held earlier than that."""
    try:
        _, writer = await asyncio.open_connection("127.0.0.1", port)
    except ConnectionRefusedError:
        return False
    writer.close()
    await writer.wait_closed()
    return True


async def test_a_customer_is_led_to_their_manager(manager: Manager) -> None:
    assert await manager.asked_of("+447700900123") == VERA
    assert await manager.asked_of("+447700900456") == OLEG


@pytest.mark.parametrize("caller", ["+447700900999", "", "number"])
async def test_a_stranger_is_led_nowhere(manager: Manager, caller: str) -> None:
    assert await manager.asked_of(caller) == NOTHING


async def test_the_list_of_customers_may_change_while_the_server_runs(
    manager: Manager, customers: Path
) -> None:
    with customers.open("a", encoding="utf-8") as file:
        file.write('+498912345678,"Jürgen ""Jo"" Beispiel",5100\n')

    told = await manager.asked_of("+498912345678")

    assert told == Commands(set_name="Jürgen 'Jo' Beispiel", transfer="5100")
