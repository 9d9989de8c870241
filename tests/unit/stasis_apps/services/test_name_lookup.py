"""Names that DNS says nothing of take no time from those it knows."""

from __future__ import annotations

import asyncio
import socket
import threading
from collections.abc import Iterator

import pytest

from stasis_apps.services import name_lookup
from stasis_apps.services.name_lookup import AT_A_TIME, NameLookup
from tests.support.waiting import COMES_S


class Dns:
    """The system's resolver, which is stuck with silent names until `gives_up` is set."""

    def __init__(self) -> None:
        self.gives_up = threading.Event()
        self.holds_up_the_end: set[bool] = set()

    def ask(self, name: str, _port: None, *, type: int) -> list[tuple[object, ...]]:
        """Answer as `socket.getaddrinfo` does."""
        self.holds_up_the_end.add(not threading.current_thread().daemon)
        if name.startswith("silent"):
            self.gives_up.wait()
            raise OSError("nobody answers")
        if name.startswith("wrong"):
            raise UnicodeError("no name")
        return [(0, type, 0, "", ("192.0.2.1", 0))]


@pytest.fixture
def dns(monkeypatch: pytest.MonkeyPatch) -> Iterator[Dns]:
    found = Dns()
    monkeypatch.setattr(socket, "getaddrinfo", found.ask)
    yield found
    found.gives_up.set()


def test_a_good_name_is_found_after_many_silent_ones(
    dns: Dns, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def look_up() -> None:
        lookup = NameLookup()
        monkeypatch.setattr(name_lookup, "ANSWER_S", 0.1)
        silent = [lookup.addresses_of(f"silent{number}.test") for number in range(AT_A_TIME)]
        assert await asyncio.gather(*silent) == [()] * AT_A_TIME

        monkeypatch.setattr(name_lookup, "ANSWER_S", COMES_S)
        looking = asyncio.create_task(lookup.addresses_of("good.test"))
        await asyncio.sleep(0.1)
        assert not looking.done(), "all turns are taken by names of which nobody says anything"
        dns.gives_up.set()
        assert await looking == ("192.0.2.1",)

    asyncio.run(look_up())  # in real time: the clock cannot see these threads


def test_names_that_dns_refuses_keep_no_turn(dns: Dns) -> None:
    async def look_up() -> list[tuple[str, ...]]:
        lookup = NameLookup()
        wrong = [lookup.addresses_of(f"wrong{number}.test") for number in range(AT_A_TIME)]
        return await asyncio.gather(*wrong, lookup.addresses_of("good.test"))

    *nothing, good = asyncio.run(look_up())

    assert nothing == [()] * AT_A_TIME
    assert good == ("192.0.2.1",)


def test_an_exchange_that_stops_waits_for_no_silent_name(
    dns: Dns, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(name_lookup, "ANSWER_S", 0.1)

    async def look_up() -> tuple[str, ...]:
        return await NameLookup().addresses_of("silent.test")

    assert asyncio.run(look_up()) == ()
    assert dns.holds_up_the_end == {False}
