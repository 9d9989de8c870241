"""Asterisk holds the trunks of all plans, whatever changes and whatever is away."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, fields, is_dataclass
from pathlib import Path

import pytest
from structlog.typing import EventDict

from models import provisioning
from models.seal import Seal
from stasis_apps.plan_store import PlanStore
from stasis_apps.services import trunk_lines, trunk_watch
from stasis_apps.services.trunk_lines import TrunkLines
from stasis_apps.services.trunk_watch import TrunkWatch
from tests.support.waiting import until
from tests.unit.stasis_apps.occupied import Occupier
from tests.unit.stasis_apps.services.sorcery import Memory, asterisk_with_memory

PASSWORD = "secret"


@dataclass
class Office:
    """The tenant acme, the key of its passwords, and the Asterisk that is told of its trunks."""

    asterisk: Memory
    plans: PlanStore
    watch: TrunkWatch
    news: asyncio.Event
    key_file: Path

    async def open(
        self, name: str = "moscow", *, password: str = PASSWORD, transport: str = "udp"
    ) -> str:
        """Open a line to a carrier; the endpoint that Asterisk knows it by."""
        made = await provisioning.create_trunk(
            tenant="acme",
            name=name,
            seal=Seal(self.key_file),
            password=password,
            host="192.0.2.10",
            username=name,
            transport=transport,
        )
        await self.plans.refresh()
        return made.endpoint

    def password_of(self, endpoint: str) -> str | None:
        """The password that Asterisk holds, or None."""
        return self.asterisk.objects.get(("auth", endpoint), {}).get("password")

    async def holds(self, endpoint: str, password: str) -> None:
        """Wait until Asterisk has the line whole, with this password."""
        await until(
            lambda: (
                self.password_of(endpoint) == password
                and endpoint in self.asterisk.endpoints()
                and ("registration", endpoint) in self.asterisk.objects
            ),
            saying=lambda: f"{endpoint} in Asterisk, which holds {self.asterisk.objects}",
        )


def texts_in(thing: object) -> Iterator[str]:
    """Every text that something holds, however deep."""
    match thing:
        case str():
            yield thing
        case Mapping():
            yield from texts_in([*thing, *thing.values()])
        case list() | tuple() | set() | frozenset():
            for one in thing:
                yield from texts_in(one)
        case _ if is_dataclass(thing):
            yield from texts_in([getattr(thing, field.name) for field in fields(thing)])
        case _:
            return


@pytest.fixture
async def office(
    database: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Office]:
    monkeypatch.setattr(trunk_lines, "SIGN_OFF_S", 0.0)
    monkeypatch.setattr(trunk_watch, "RETRY_S", 0.02)
    await provisioning.create_tenant(name="acme", domain="acme.test", country="RU")
    key_file = tmp_path / "key"
    plans = PlanStore(tmp_path)
    await plans.refresh()
    async with asterisk_with_memory() as (ari, asterisk):
        lines = TrunkLines(ari, opens=lambda sealed: Seal(key_file).open(sealed))
        watch = TrunkWatch(lines, plans.all, lambda: Seal(key_file))
        news = plans.listen()
        running = asyncio.create_task(watch.run(news))
        yield Office(asterisk, plans, watch, news, key_file)
        running.cancel()
        with suppress(asyncio.CancelledError):
            await running


async def test_a_line_that_is_opened_is_in_asterisk_at_once_with_its_password(
    office: Office,
) -> None:
    endpoint = await office.open(password="their-word")

    await office.holds(endpoint, "their-word")


async def test_nobody_but_asterisk_keeps_a_password_in_clear(office: Office) -> None:
    endpoint = await office.open(password="their-own-word")
    await office.holds(endpoint, "their-own-word")

    kept = list(texts_in([vars(office.watch), vars(office.watch._lines)]))

    assert endpoint in kept
    assert not [text for text in kept if "their-own-word" in text]


async def test_a_new_password_reaches_asterisk(office: Office) -> None:
    endpoint = await office.open()
    await office.holds(endpoint, "secret")

    seal = Seal(office.key_file)
    await provisioning.set_trunk(tenant="acme", name="moscow", seal=seal, password="another")
    await office.plans.refresh()

    await office.holds(endpoint, "another")


async def test_a_line_without_a_readable_password_keeps_no_other_from_asterisk(
    office: Office,
) -> None:
    lost = await office.open("lost")
    await office.holds(lost, "secret")
    office.key_file.unlink()
    office.watch.asterisk_is_back()

    other = await office.open("city")  # makes a key, which opens nothing of before

    await office.holds(other, "secret")
    assert office.password_of(lost) == "secret"


async def test_a_line_that_is_closed_is_taken_away_and_the_other_stays_untouched(
    office: Office,
) -> None:
    closed, kept = await office.open("moscow"), await office.open("city")
    await office.holds(closed, "secret")
    await office.holds(kept, "secret")
    office.asterisk.puts.clear()

    await provisioning.remove_trunk(tenant="acme", name="moscow")
    await office.plans.refresh()

    await until(lambda: office.asterisk.endpoints() == [kept], saying="only the other one")
    assert [key for key in office.asterisk.objects if closed in key[1]] == []
    assert office.asterisk.puts == []


async def test_an_asterisk_that_was_started_anew_is_told_everything_again(office: Office) -> None:
    endpoint = await office.open()
    await office.holds(endpoint, "secret")
    office.asterisk.restart()

    office.watch.asterisk_is_back()
    office.news.set()

    await office.holds(endpoint, "secret")


async def test_a_line_whose_key_is_away_when_asterisk_starts_anew_comes_back_with_it(
    office: Office, logged: list[EventDict]
) -> None:
    endpoint = await office.open()
    await office.holds(endpoint, "secret")
    elsewhere = office.key_file.rename(office.key_file.with_name("elsewhere"))
    office.asterisk.restart()

    office.watch.asterisk_is_back()
    office.news.set()
    await until(
        lambda: any(entry["event"] == "trunk_not_told" for entry in logged), saying="the warning"
    )
    assert office.password_of(endpoint) is None
    elsewhere.rename(office.key_file)
    office.news.set()

    await office.holds(endpoint, "secret")


async def test_of_a_line_that_is_closed_no_password_is_kept(office: Office) -> None:
    endpoint = await office.open()
    await office.holds(endpoint, "secret")

    await provisioning.remove_trunk(tenant="acme", name="moscow")
    await office.plans.refresh()

    await until(lambda: not office.asterisk.endpoints(), saying="it is taken away")
    assert endpoint not in list(texts_in([vars(office.watch), vars(office.watch._lines)]))


async def test_a_password_that_cannot_be_read_now_is_the_one_of_before_until_it_can(
    office: Office, logged: list[EventDict]
) -> None:
    """The key is away just when the password changes; nobody touches the line afterwards."""
    endpoint = await office.open()
    await office.holds(endpoint, "secret")
    key = office.key_file.rename(office.key_file.with_name("elsewhere"))

    await provisioning.set_trunk(tenant="acme", name="moscow", seal=Seal(key), password="another")
    await office.plans.refresh()
    await until(
        lambda: any(entry["event"] == "trunk_password_not_read" for entry in logged),
        saying="the warning",
    )
    assert office.password_of(endpoint) == "secret"
    key.rename(office.key_file)

    await office.holds(endpoint, "another")


async def test_a_trunk_by_tls_waits_for_tls_and_the_others_go_on(
    office: Office, logged: list[EventDict]
) -> None:
    office.watch._has_tls = False  # as started without a certificate
    encrypted = await office.open(transport="tls")
    await office.holds(await office.open("spb"), PASSWORD)

    assert encrypted not in office.asterisk.endpoints()
    told = [entry["trunk"] for entry in logged if entry["event"] == "trunk_needs_tls"]
    assert told == ["moscow"]


async def test_a_key_that_is_put_back_brings_the_line_by_itself(
    office: Office, tmp_path: Path, logged: list[EventDict]
) -> None:
    elsewhere = tmp_path / "elsewhere"
    Seal(office.key_file).close("")
    made = await provisioning.create_trunk(
        tenant="acme",
        name="moscow",
        seal=Seal(office.key_file),
        password="secret",
        host="192.0.2.10",
        username="acme",
    )
    office.key_file.rename(elsewhere)
    await office.plans.refresh()
    await until(
        lambda: any(entry["event"] == "trunk_password_not_read" for entry in logged),
        saying="the warning",
    )
    assert office.asterisk.objects == {}

    elsewhere.rename(office.key_file)

    await office.holds(made.endpoint, "secret")


async def test_a_line_goes_on_while_the_database_is_away(
    office: Office, occupier: Occupier
) -> None:
    endpoint = await office.open()
    await office.holds(endpoint, "secret")
    occupier.take()
    office.asterisk.restart()

    office.watch.asterisk_is_back()
    office.news.set()
    await office.holds(endpoint, "secret")

    occupier.give_back()
