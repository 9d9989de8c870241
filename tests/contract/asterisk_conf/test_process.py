"""One Asterisk as a process: started, adopted, watched, stopped."""

import asyncio
import os
import pickle
import re
import signal
import socket
import sys
import threading
from contextlib import aclosing
from dataclasses import replace
from pathlib import Path

import pytest

from asterisk_conf import (
    AsteriskDidNotStart,
    AsteriskError,
    AsteriskInstall,
    AsteriskProcess,
    Down,
    ModuleMissing,
    NodeSettings,
    PortInUse,
    Up,
)
from asterisk_conf.log_keeping import turn_over_logs
from asterisk_conf.log_reading import LARGEST_LOG_BYTES
from asterisk_conf.running import Running, spawn
from tests.contract.asterisk_conf.exchange import Exchange
from tests.support.waiting import COMES_S, until

pytestmark = pytest.mark.asterisk

STARTER = """
import asyncio, pickle, sys
from asterisk_conf import AsteriskProcess
settings = pickle.loads(sys.stdin.buffer.read())
print(asyncio.run(AsteriskProcess(settings).start()).pid)
"""


async def test_asterisk_starts_without_a_complaint(running: Exchange) -> None:
    assert await running.process.declined_modules() == []
    assert await running.process.complaints() == []


async def test_every_module_asked_for_is_running(running: Exchange) -> None:
    shown = await running.process.console("module show")

    states = {line.split()[0]: "Running" in line for line in shown.splitlines() if ".so" in line}

    assert {f"{name}.so" for name in running.settings.modules} <= set(states)
    assert all(states.values())


async def test_asterisk_outlives_its_starter_and_is_adopted(exchange: Exchange) -> None:
    starter = await asyncio.create_subprocess_exec(
        *(sys.executable, "-c", STARTER),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
    )
    printed, _ = await starter.communicate(pickle.dumps(exchange.settings))
    pid = int(printed.split()[-1])

    assert await exchange.process.start() == Up(pid, is_adopted=True)


async def test_a_changed_setting_is_not_ignored_by_adopting_the_old_asterisk(
    running: Exchange,
) -> None:
    first = running.process.pid
    fewer_voices = replace(running.settings, rtp_last=running.settings.rtp_last - 2)
    changed = AsteriskProcess(fewer_voices)

    state = await changed.start()

    assert not state.is_adopted
    assert state.pid != first
    await changed.stop()


async def test_an_asterisk_that_dies_is_started_again(running: Exchange) -> None:
    first = running.process.pid
    assert first is not None
    async with aclosing(running.process.keep_running()) as states:
        os.kill(first, signal.SIGKILL)

        assert await anext(states) == Down("signal SIGKILL", 0.5)
        state = await anext(states)

    assert isinstance(state, Up)
    assert state.pid != first
    assert "System uptime" in await running.process.console("core show uptime")


async def test_an_asterisk_that_dies_at_once_is_tried_ever_more_rarely(running: Exchange) -> None:
    pauses: list[float] = []
    async with aclosing(running.process.keep_running()) as states:
        os.kill(running.process.pid or 0, signal.SIGKILL)
        async for state in states:
            match state:
                case Down(pause_s=pause_s):
                    pauses.append(pause_s)
                case Up(pid=pid):
                    if len(pauses) == 2:
                        break
                    os.kill(pid, signal.SIGKILL)

    assert pauses == [0.5, 1.0]


async def test_a_start_that_the_machine_does_not_allow_is_tried_again(running: Exchange) -> None:
    """A disk that was full for a moment ends no exchange, and leaves nobody on its ports."""
    pid_file = running.settings.pid_file
    async with aclosing(running.process.keep_running()) as states:
        pid_file.unlink()
        pid_file.mkdir()
        os.kill(running.process.pid or 0, signal.SIGKILL)
        assert await anext(states) == Down("signal SIGKILL", 0.5)

        refused = await anext(states)

        assert isinstance(refused, Down)
        assert "Is a directory" in refused.reason
        pid_file.rmdir()
        assert isinstance(await anext(states), Up)


async def test_watching_ends_when_asterisk_is_stopped_on_purpose(running: Exchange) -> None:
    async def watch() -> list[Up | Down]:
        return [state async for state in running.process.keep_running()]

    watching = asyncio.create_task(watch())
    await asyncio.sleep(0)

    await running.process.stop()

    assert await watching == []


async def test_a_stopped_asterisk_is_gone(running: Exchange) -> None:
    pid = running.process.pid or 0

    await running.process.stop()

    assert is_gone(pid)
    assert running.process.pid is None


async def test_stopping_twice_is_no_fault(running: Exchange) -> None:
    await running.process.stop()
    await running.process.stop()


async def test_an_asterisk_that_does_not_listen_to_reason_is_killed(
    running: Exchange, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("asterisk_conf.process.TERM_LIMIT_S", 0.2)
    pid = running.process.pid or 0
    os.kill(pid, signal.SIGSTOP)

    await running.process.stop()

    await until(lambda: is_gone(pid), saying=f"{pid} is still there")


async def test_an_operator_in_a_hurry_does_not_wait_for_asterisk(
    running: Exchange, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("asterisk_conf.process.TERM_LIMIT_S", 2 * COMES_S)
    pid = running.process.pid or 0
    os.kill(pid, signal.SIGSTOP)
    hurry = asyncio.Event()
    stopping = asyncio.create_task(running.process.stop(hurry))
    await asyncio.sleep(0)

    hurry.set()

    async with asyncio.timeout(COMES_S):
        await stopping
    assert is_gone(pid)


async def test_a_start_that_is_given_up_leaves_no_asterisk_behind(
    exchange: Exchange, monkeypatch: pytest.MonkeyPatch
) -> None:
    is_about_to, may_go_on = threading.Event(), threading.Event()
    spawned: list[int] = []

    def spawn_late(settings: NodeSettings) -> Running:
        is_about_to.set()
        may_go_on.wait(30)
        running = spawn(settings)
        spawned.append(running.pid)
        return running

    monkeypatch.setattr("asterisk_conf.process.spawn", spawn_late)
    starting = asyncio.create_task(exchange.process.start())
    await asyncio.to_thread(is_about_to.wait, 30)

    starting.cancel()
    await asyncio.sleep(0)
    starting.cancel()
    may_go_on.set()

    with pytest.raises(asyncio.CancelledError):
        await starting
    await until(lambda: spawned and is_gone(spawned[0]), saying=f"{spawned} is still there")


async def test_logs_that_have_grown_large_are_begun_anew(running: Exchange) -> None:
    settings = running.settings
    logs = (settings.log_file, settings.security_log_file)
    for path in (*logs, settings.output_file):
        os.truncate(path, LARGEST_LOG_BYTES + 1)

    await turn_over_logs(running.settings)

    assert settings.output_file.stat().st_size < LARGEST_LOG_BYTES
    for path in logs:
        assert path.with_name(f"{path.name}.1").stat().st_size > LARGEST_LOG_BYTES
        assert path.stat().st_size < LARGEST_LOG_BYTES


async def test_a_log_that_was_put_aside_in_vain_is_begun_at_the_next_try(
    running: Exchange,
) -> None:
    log = running.settings.log_file
    log.replace(log.with_name(f"{log.name}.1"))

    await turn_over_logs(running.settings)

    assert log.exists()


async def test_an_exchange_on_ipv6_starts_and_listens_there(exchange: Exchange) -> None:
    if not has_ipv6():
        pytest.skip("this machine has no ::1")
    settings = replace(exchange.settings, sip_bind_host="::1", ari_host="::1")
    process = AsteriskProcess(settings)

    await process.start()

    try:
        assert f"[::1]:{settings.sip_bind_port}" in await process.console("pjsip show transports")
    finally:
        await process.stop()


async def test_calls_of_two_homes_never_have_the_same_id(running: Exchange) -> None:
    shown = await running.process.console("core show settings")

    name = running.settings.node_name_file.read_text().strip()
    assert re.search(rf"System name: +{name}$", shown, re.MULTILINE)


async def test_a_port_in_use_is_named_before_anything_starts(exchange: Exchange) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as other:
        other.bind(("127.0.0.1", exchange.settings.sip_bind_port))

        with pytest.raises(PortInUse, match=r"PBX_SIP_BIND: UDP 127\.0\.0\.1"):
            await exchange.process.start()

    assert exchange.process.pid is None


async def test_a_missing_module_is_named_before_anything_starts(
    exchange: Exchange, tmp_path: Path
) -> None:
    install = replace(exchange.settings.asterisk, moddir=tmp_path)

    with pytest.raises(ModuleMissing, match="chan_pjsip"):
        await AsteriskProcess(replace(exchange.settings, asterisk=install)).start()


async def test_an_asterisk_that_cannot_start_says_why(
    exchange: Exchange, tmp_path: Path, install: AsteriskInstall
) -> None:
    copy_modules(install.moddir, tmp_path)
    break_module(tmp_path / "codec_gsm.so")
    broken = replace(exchange.settings, asterisk=replace(install, moddir=tmp_path))

    with pytest.raises(AsteriskDidNotStart, match="codec_gsm"):
        await AsteriskProcess(broken).start()


async def test_a_console_that_is_not_there_is_a_fault(exchange: Exchange) -> None:
    with pytest.raises(AsteriskError, match="console"):
        await exchange.process.console("core show uptime")


async def test_memory_at_rest_is_small(running: Exchange) -> None:
    assert running.resident_kib() < 100_000


def copy_modules(moddir: Path, target: Path) -> None:
    for module in moddir.glob("*.so"):
        (target / module.name).symlink_to(module)


def break_module(path: Path) -> None:
    path.unlink()
    path.write_text("no module")


def has_ipv6() -> bool:
    try:
        with socket.socket(socket.AF_INET6, socket.SOCK_DGRAM) as trial:
            trial.bind(("::1", 0))
    except OSError:
        return False
    return True


def is_gone(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return True
    return state == "Z"
