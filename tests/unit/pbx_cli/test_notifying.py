"""systemd hears from the exchange; the tests listen in its place."""

import asyncio
import os

from pbx_cli.supervisor.notifying import READY, Systemd
from tests.support.service_socket import ServiceSocket

ALIVE = "WATCHDOG=1"


class Health:
    """An application of which a test says how it is; counts how often it was asked."""

    def __init__(self) -> None:
        self.is_well = True
        self.asked = 0
        self._was_asked = asyncio.Event()

    def __call__(self) -> bool:
        self.asked += 1
        self._was_asked.set()
        return self.is_well

    async def is_asked(self, times: int) -> None:
        wanted = self.asked + times
        while self.asked < wanted:
            self._was_asked.clear()
            await self._was_asked.wait()


async def test_systemd_hears_that_calls_are_taken() -> None:
    with ServiceSocket(patience_s=1) as systemd:
        Systemd.of(systemd.environment).say("Calls are taken", READY)

        await systemd.hears("STATUS=Calls are taken")
        assert systemd.heard[0] == "READY=1"


async def test_signs_of_life_come_while_the_application_answers_and_stay_away_while_it_hangs() -> (
    None
):
    with ServiceSocket(patience_s=0.03) as systemd:
        health = Health()
        ours = Systemd.of(systemd.environment)
        ours.say("The application is being started")
        caring = asyncio.create_task(ours.give_signs_of_life(health))
        await systemd.hears(ALIVE)

        health.is_well = False
        hanging = await systemd.hears("STATUS=The application hangs")
        await health.is_asked(5)
        assert systemd.heard[hanging:] == []

        ours.say("Calls are taken")
        taken = await systemd.hears("STATUS=Calls are taken", after=hanging)
        health.is_well = True
        await systemd.hears("STATUS=Calls are taken", after=taken)
        await systemd.hears(ALIVE, after=hanging)
        caring.cancel()


async def test_whoever_starts_us_without_a_watchdog_gets_no_signs_of_life() -> None:
    with ServiceSocket(patience_s=1) as systemd:
        address = {"NOTIFY_SOCKET": systemd.address}

        await Systemd.of(address).give_signs_of_life(lambda: True)

        assert systemd.heard == []


async def test_a_watchdog_that_was_meant_for_another_process_is_left_to_it() -> None:
    with ServiceSocket(patience_s=1) as systemd:
        parent = {**systemd.environment, "WATCHDOG_PID": str(os.getppid())}

        await Systemd.of(parent).give_signs_of_life(lambda: True)

        assert systemd.heard == []


def test_nobody_is_told_anything_outside_of_systemd() -> None:
    Systemd.of({}).say("Calls are taken", READY)


def test_a_systemd_that_has_gone_keeps_nobody_from_calling() -> None:
    with ServiceSocket(patience_s=1) as gone:
        environment = gone.environment

    Systemd.of(environment).say("Calls are taken", READY)
