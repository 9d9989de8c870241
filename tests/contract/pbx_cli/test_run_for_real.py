"""`pbx run` and `pbx doctor` with a real Asterisk, the way an operator uses them."""

import asyncio
import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from ari_client import AriClient, AriSettings, Connected
from asterisk_conf.process import TERM_LIMIT_S
from pbx_cli.doctor.trial_call import CallReport, place_call
from tests.contract.asterisk_conf.exchange import asterisk_install
from tests.support.ports import media_block, small_block
from tests.support.ran import Ran
from tests.support.waiting import until
from tests.unit.pbx_cli.shell import Shell

pytestmark = pytest.mark.asterisk

START_S = 90
END_S = 30


@dataclass(slots=True)
class Run:
    """A `pbx run` in a home of its own."""

    home: Path
    environment: Mapping[str, str]
    process: subprocess.Popen[str] | None = None

    def start(self, *options: str) -> None:
        """Start it, as from a script."""
        with (self.home / "run.log").open("a") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "pbx_cli", "run", *options],
                env=self.environment,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=log,
                text=True,
                start_new_session=True,
            )

    def welcome(self) -> Any:
        """Wait for what it prints when calls can be placed (with ``--json``)."""
        assert self.process is not None
        assert self.process.stdout is not None
        lines = []
        for line in self.process.stdout:
            lines.append(line)
            if line == "}\n":
                return json.loads("".join(lines))
        raise AssertionError(f"it ended:\n{self.log()}")

    def tell(self, number: signal.Signals) -> None:
        assert self.process is not None
        self.process.send_signal(number)

    def ended(self) -> int:
        """Wait for its end."""
        assert self.process is not None
        code = self.process.wait(END_S)
        if self.process.stdout is not None:
            self.process.stdout.close()
        self.process = None
        return code

    def pbx(self, *arguments: str) -> Ran:
        return Shell(self.home, self.environment)(*arguments)

    def pid(self, name: str) -> int | None:
        """The number in a file that a process keeps while it lives."""
        try:
            return int((self.home / name).read_text())
        except (OSError, ValueError):
            return None

    @property
    def application(self) -> int | None:
        return self.pid("run/application.pid")

    @property
    def asterisk(self) -> int | None:
        return self.pid("asterisk/run/started.pid")

    def log(self) -> str:
        return (self.home / "run.log").read_text()


@pytest.fixture
def run(tmp_path: Path) -> Iterator[Run]:
    asterisk_install()
    home = tmp_path / "home"
    home.mkdir(mode=0o700)
    with small_block() as ports, media_block() as media:
        first, last = media.rest()
        names = ("PBX_SIP_BIND", "PBX_ARI_BIND", "PBX_HTTP_BIND", "PBX_HEALTH_BIND")
        addresses = {name: f"127.0.0.1:{ports.one()}" for name in names}
        environment = {
            **os.environ,
            **addresses,
            "PBX_HOME": str(home),
            "PBX_RTP_PORTS": f"{first}-{last}",
            "PBX_LOG_FORMAT": "json",
        }
        running = Run(home, environment)
        try:
            yield running
        finally:
            _end_all(running)


def _end_all(running: Run) -> None:
    if running.process is not None:
        running.process.kill()
        running.ended()
    for pid in (running.application, running.asterisk):
        if pid is not None and _is_of(pid, running.home):
            os.kill(pid, signal.SIGKILL)


def _is_of(pid: int, home: Path) -> bool:
    try:
        words = (
            Path(f"/proc/{pid}/cmdline").read_bytes() + Path(f"/proc/{pid}/environ").read_bytes()
        )
    except OSError:
        return False
    return str(home).encode() in words


async def test_the_application_waits_for_an_asterisk_that_is_set_up_later(run: Run) -> None:
    run.start("--no-asterisk", "--no-demo")
    await until(lambda: "asterisk_awaited" in run.log(), within_s=START_S, saying=lambda: run.log())

    await asyncio.to_thread(run.pbx, "asterisk", "config")

    await until(
        lambda: "application_started" in run.log(), within_s=START_S, saying=lambda: run.log()
    )
    run.tell(signal.SIGINT)
    assert await asyncio.to_thread(run.ended) == 0
    assert run.log().count("asterisk_awaited") == 1


async def dial(run: Run, number: str, *, listen_s: float) -> CallReport:
    """Call from the first demo phone."""
    show = ("device", "show", "100", "--tenant=demo", "--setup", "--json")
    setup = (await asyncio.to_thread(run.pbx, *show)).json
    host, port = setup["server"].split(":")
    return await place_call(
        (host, int(port)),
        user=setup["login"],
        domain=setup["domain"],
        password=setup["password"],
        number=number,
        listen_s=listen_s,
    )


async def test_an_operator_starts_calls_and_ends_in_good_order(run: Run) -> None:
    run.start("--json")
    welcome = await asyncio.to_thread(run.welcome)

    assert welcome["sip"] == [run.environment["PBX_SIP_BIND"]]
    assert [phone["login"] for phone in welcome["demo"]["phones"]] == ["100", "101"]

    checked = await asyncio.to_thread(run.pbx, "doctor", "--call", "--json")
    findings = {finding["name"]: finding for finding in checked.json}
    assert checked.code == 0, findings
    call = findings["test call"]["call"]
    assert call["status"] == 200
    assert 0.5 < call["heard_s"] < 2.5
    assert call["was_ended_by_exchange"]
    tenants = await asyncio.to_thread(run.pbx, "tenant", "list", "--json")
    assert [tenant["name"] for tenant in tenants.json] == ["demo", "doctor"]

    listed = await asyncio.to_thread(run.pbx, "device", "list", "--tenant=demo", "--json")
    assert [one["state"] for one in listed.json] == ["not registered"] * 2

    greeted = await dial(run, "5000", listen_s=5)
    assert greeted.status == 200
    assert greeted.heard_s > 0.5, "the greeting was put together and is spoken"

    run.tell(signal.SIGINT)
    assert await asyncio.to_thread(run.ended) == 0
    assert run.application is None
    assert "pbx_stopped" in run.log()
    assert not _is_of(run.asterisk or 0, run.home)


async def test_an_application_that_dies_is_started_again_beside_the_same_asterisk(run: Run) -> None:
    run.start("--json")
    await asyncio.to_thread(run.welcome)
    asterisk, died = run.asterisk, run.application
    assert died is not None

    os.kill(died, signal.SIGKILL)

    await until(
        lambda: run.log().count("pbx_ready") == 2, within_s=START_S, saying=lambda: run.log()
    )
    assert run.application not in (None, died)
    assert run.asterisk == asterisk
    assert (await dial(run, "5002", listen_s=30)).was_ended_by_exchange


async def test_a_new_run_adopts_the_asterisk_of_one_that_was_killed(run: Run) -> None:
    run.start("--json", "--no-demo")
    await asyncio.to_thread(run.welcome)
    asterisk, application = run.asterisk, run.application
    assert application is not None

    run.tell(signal.SIGKILL)
    await asyncio.to_thread(run.ended)
    await until(
        lambda: not _is_of(application, run.home),
        within_s=END_S,
        saying="the application notices that nobody holds its lifeline",
    )

    run.start("--json", "--no-demo")
    welcome = await asyncio.to_thread(run.welcome)
    assert welcome["demo"] is None
    assert run.asterisk == asterisk
    assert "asterisk_adopted" in run.log()
    run.tell(signal.SIGTERM)
    assert await asyncio.to_thread(run.ended) == 0


async def test_calls_taken_by_another_program_are_not_fought_over(run: Run) -> None:
    run.start("--json", "--no-demo")
    await asyncio.to_thread(run.welcome)
    asterisk = run.asterisk
    other = AriSettings(
        base_url=f"http://{run.environment['PBX_ARI_BIND']}/ari",
        username="pbx",
        password=(run.home / "asterisk/ari.secret").read_text().strip(),
    )

    async with AriClient(other) as ari, asyncio.TaskGroup() as group:
        listening = group.create_task(ari.listen())
        assert isinstance(await ari.lobby.get(), Connected)
        code = await asyncio.to_thread(run.ended)
        listening.cancel()

    assert code == 4
    assert run.log().count("application_started") == 1
    assert "application_replaced" in run.log()
    assert asterisk == run.asterisk
    assert _is_of(asterisk or 0, run.home), "the calls of the other program go on"


async def test_a_second_sign_ends_it_at_once(run: Run) -> None:
    run.start("--json", "--no-demo")
    await asyncio.to_thread(run.welcome)
    os.kill(run.asterisk or 0, signal.SIGSTOP)  # it will not listen to reason

    run.tell(signal.SIGINT)
    await until(lambda: "stopping" in run.log(), saying=run.log)
    run.tell(signal.SIGINT)

    assert run.process is not None
    await asyncio.to_thread(run.process.wait, TERM_LIMIT_S - 1)
    assert await asyncio.to_thread(run.ended) == 0
    assert not _is_of(run.asterisk or 0, run.home)
