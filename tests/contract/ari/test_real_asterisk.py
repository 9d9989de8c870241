"""What only a real Asterisk can show: its description, its death, its silence."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from ari_client import (
    AriClient,
    AriRefused,
    AriSettings,
    AriUnavailable,
    Channel,
    Connected,
    Disconnected,
    events,
)
from ari_client.ids import new_leg_id
from tests.contract.ari.asterisk_server import PASSWORD, AsteriskServer, running_asterisk
from tests.support.waiting import COMES_S

pytestmark = pytest.mark.asterisk

GENERATOR = Path(__file__).parents[3] / "scripts" / "generate_ari"
RESOURCES = (
    "applications",
    "asterisk",
    "bridges",
    "channels",
    "deviceStates",
    "endpoints",
    "events",
    "mailboxes",
    "playbacks",
    "recordings",
    "sounds",
)


def test_the_generated_types_are_those_of_the_running_server(
    asterisk: AsteriskServer, tmp_path: Path
) -> None:
    for resource in RESOURCES:
        (tmp_path / f"{resource}.json").write_bytes(asterisk.describe(resource))
    check: list[str | Path] = [sys.executable, GENERATOR, "--check", tmp_path]
    done = subprocess.run(check, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_every_module_of_the_suite_loads(asterisk: AsteriskServer) -> None:
    assert asterisk.errors() == []


async def test_a_wrong_password_is_refused_and_never_shown(asterisk: AsteriskServer) -> None:
    settings = AriSettings(base_url=asterisk.base_url, username="contract", password="wr0ng")
    assert "wr0ng" not in repr(settings)
    async with AriClient(settings) as ari:
        with pytest.raises(AriRefused) as refused:
            await ari.asterisk.ping()
    assert refused.value.status == 401
    assert "wr0ng" not in str(refused.value)
    assert PASSWORD not in repr(asterisk.settings("contract"))


async def test_a_command_while_asterisk_is_away_says_so() -> None:
    settings = AriSettings(base_url="http://127.0.0.1:1/ari", username="a", password="b")
    async with AriClient(settings) as ari:
        with pytest.raises(AriUnavailable):
            await ari.asterisk.ping()
    with pytest.raises(AriUnavailable, match="not open"):
        await ari.asterisk.ping()


async def test_asterisk_is_killed_and_its_calls_are_told_to_be_over(tmp_path: Path) -> None:
    with running_asterisk(tmp_path) as server:
        async with AriClient(server.settings("contract")) as ari, asyncio.timeout(COMES_S):
            listening = asyncio.create_task(ari.listen())
            assert await ari.lobby.get() == Connected()
            with ari.inbox("call") as inbox:
                id_ = new_leg_id("call")
                inbox.claim_channel(id_)
                await Channel.create(ari, id_, endpoint="Local/rings@phones")
                while not isinstance(await inbox.get(), events.StasisStart):
                    pass

                await asyncio.to_thread(server.kill)
                assert isinstance(await ari.lobby.get(), Disconnected)
                await asyncio.to_thread(server.start)
                assert await ari.lobby.get() == Connected()
                await ari.catch_up(await ari.snapshot())
                match await inbox.get():
                    case events.ChannelDestroyed(channel=channel, cause=0):
                        assert channel.id == id_
                    case other:
                        pytest.fail(f"{other}")
            listening.cancel()


async def test_an_asterisk_that_falls_silent_is_noticed(
    tmp_path: Path,
) -> None:
    with running_asterisk(tmp_path) as server:
        assert server.process is not None
        async with AriClient(server.settings("contract")) as ari:
            listening = asyncio.create_task(ari.listen())
            async with asyncio.timeout(COMES_S):
                assert await ari.lobby.get() == Connected()
            os.kill(server.process.pid, signal.SIGSTOP)
            async with asyncio.timeout(COMES_S):
                assert isinstance(await ari.lobby.get(), Disconnected)
            os.kill(server.process.pid, signal.SIGCONT)
            async with asyncio.timeout(COMES_S):
                assert await ari.lobby.get() == Connected()
            listening.cancel()


async def test_thirty_legs_at_once_lose_no_event(asterisk: AsteriskServer) -> None:
    async with AriClient(asterisk.settings("crowd")) as ari, asyncio.timeout(COMES_S):
        listening = asyncio.create_task(ari.listen())
        assert await ari.lobby.get() == Connected()

        async def leg_that_is_busy() -> None:
            with ari.inbox("leg") as inbox:
                id_ = new_leg_id("crowd")
                inbox.claim_channel(id_)
                leg = await Channel.create(ari, id_, endpoint="Local/busy@phones")
                while not isinstance(await inbox.get(), events.StasisStart):
                    pass
                await leg.dial()
                while not isinstance(await inbox.get(), events.ChannelDestroyed):
                    pass

        async with asyncio.TaskGroup() as legs:
            for _ in range(30):
                legs.create_task(leg_that_is_busy())
        listening.cancel()
