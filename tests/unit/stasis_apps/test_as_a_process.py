"""The application as a process: what it does before and after its calls."""

import asyncio
import os
from collections.abc import Iterator

import pytest

from stasis_apps.__main__ import _stop_on, main


@pytest.fixture
def lax_umask() -> Iterator[None]:
    """The umask of a careless login shell."""
    before = os.umask(0)
    yield
    os.umask(before)


async def test_an_application_whose_starter_is_gone_ends_and_does_not_spin(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    reading, writing = os.pipe()
    with os.fdopen(reading) as lifeline:
        monkeypatch.setattr("sys.stdin", lifeline)
        monkeypatch.setenv("PBX_LIFELINE", "stdin")
        stop = asyncio.Event()
        await _stop_on(stop, ())

        os.close(writing)
        await stop.wait()

        was_still_watched = asyncio.get_running_loop().remove_reader(lifeline)
        assert not was_still_watched


def test_nobody_else_reads_what_the_application_writes(
    monkeypatch: pytest.MonkeyPatch, lax_umask: None
) -> None:
    monkeypatch.setenv("PBX_SIP_BIND", "nowhere")

    assert main() == 2

    assert os.umask(0) == 0o077
