"""The application as a process: what it does before and after its calls."""

import asyncio
import os
import socket
from collections.abc import Iterator
from contextlib import suppress

import pytest

from stasis_apps.__main__ import main
from stasis_apps.lifeline import Lifeline


@pytest.fixture
def lax_umask() -> Iterator[None]:
    """The umask of a careless login shell."""
    before = os.umask(0)
    yield
    os.umask(before)


async def test_an_application_whose_starter_is_gone_ends_and_does_not_spin() -> None:
    starter, line = socket.socketpair()
    with line:
        stop = asyncio.Event()
        Lifeline(line).stop_when_cut(stop)

        starter.close()
        await stop.wait()

        was_still_watched = asyncio.get_running_loop().remove_reader(line)
        assert not was_still_watched


async def test_an_application_whose_starter_does_not_listen_goes_on_beating() -> None:
    starter, line = socket.socketpair()
    with starter, line:
        line.setblocking(False)
        with suppress(BlockingIOError):
            while True:
                line.send(b"as much as fits")
        beating = asyncio.create_task(Lifeline(line).beat())

        await asyncio.wait((beating,), timeout=0.05)

        assert not beating.done()
        beating.cancel()


def test_nobody_else_reads_what_the_application_writes(
    monkeypatch: pytest.MonkeyPatch, lax_umask: None
) -> None:
    monkeypatch.setenv("PBX_SIP_BIND", "nowhere")

    assert main() == 2

    assert os.umask(0) == 0o077
