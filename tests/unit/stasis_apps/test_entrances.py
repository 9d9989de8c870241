"""Where channels come in: by which header, after a look at newer plans, and not too often."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from structlog.typing import EventDict

from ari_client import AriClient, AriSettings
from ari_client.testing import FakeAsterisk
from models import provisioning
from models.seal import Seal
from stasis_apps import entrances as module
from stasis_apps.decisions.ending import Reason
from stasis_apps.element import Catalogue
from stasis_apps.entrances import PER_ADDRESS_A_MINUTE, PER_TENANT_A_MINUTE, Entrances, TurnedAway
from stasis_apps.plan_store import PlanStore
from stasis_apps.router import Entry, Stray
from tests.unit.stasis_apps.occupied import Occupier
from tests.unit.stasis_apps.wire import Wire

NUMBER = "74951234567"
ACCOUNT = "acme-account"


@dataclass
class Door:
    """The tenant acme with a greeting, open to strangers as info; and who comes in."""

    fake: FakeAsterisk
    ari: AriClient
    plans: PlanStore
    entrances: Entrances
    tenant_id: int
    key_file: Path

    async def open_trunk(self, **settings: object) -> str:
        """Open a line to a carrier, with one number that leads to the greeting."""
        made = await provisioning.create_trunk(
            tenant="acme",
            name="moscow",
            seal=Seal(self.key_file),
            host="192.0.2.10",
            username=ACCOUNT,
            password="secret",
            **settings,  # type: ignore[arg-type] # the names are checked
        )
        await self.number(NUMBER)
        await self.plans.refresh()
        return made.endpoint

    async def number(self, number: str) -> None:
        """Lead an outside number to the greeting."""
        await provisioning.create_number(
            tenant="acme", number=number, trunk="moscow", target="5000"
        )

    async def from_outside(self, endpoint: str, dialled: str, **headers: str) -> Entry:
        """Somebody calls through the trunk."""
        channel_id = self.fake.incoming_call(
            endpoint=endpoint, dialled=dialled, tenant_id=str(self.tenant_id), args=["trunk"]
        )
        channel = self.fake.channels[channel_id]
        for name, said in headers.items():
            channel.variables[f"PJSIP_HEADER(read,{name.replace('_', '-')})"] = said
        entry = await self.entrances.of_new(channel.model(), ["trunk"])
        assert isinstance(entry, Entry)
        return entry

    async def stranger(self, address: str, dialled: str = "info") -> Entry:
        """Somebody on the internet calls, and is let in."""
        entry = await self.comes(address, dialled)
        assert isinstance(entry, Entry)
        return entry

    async def comes(
        self, address: str, dialled: str = "info", *, to: Entrances | None = None
    ) -> Entry | Stray | TurnedAway:
        """Somebody on the internet calls."""
        args = ["stranger", str(self.tenant_id), address]
        channel_id = self.fake.incoming_call(endpoint="anonymous", dialled=dialled, args=args)
        channel = self.fake.channels[channel_id].model()
        return await (to or self.entrances).of_new(channel, args)


@pytest.fixture
async def door(database: str, tmp_path: Path) -> AsyncIterator[Door]:
    tenant = await provisioning.create_tenant(name="acme", domain="acme.test", country="RU")
    await provisioning.create_element(
        tenant="acme", kind="hang_up", number="5000", settings={}, catalogue=Catalogue()
    )
    await provisioning.create_alias(
        tenant="acme", name="info", target="5000", allows_direct_sip=True
    )
    plans = PlanStore(tmp_path)
    await plans.refresh()
    settings = AriSettings(username="pbx", password="pbx")
    async with FakeAsterisk() as fake, AriClient(settings, Wire(fake)) as ari:
        listening = asyncio.create_task(ari.listen())
        await ari.lobby.get()
        yield Door(fake, ari, plans, Entrances(ari, plans), tenant.id, tmp_path / "key")
        listening.cancel()
        await asyncio.wait([listening])


async def test_the_dialled_number_and_the_caller_are_read_from_the_trunks_headers(
    door: Door,
) -> None:
    trunk = await door.open_trunk(number_source="to", caller_source="X-Caller")

    entry = await door.from_outside(
        trunk, ACCOUNT, To=f"<sip:{NUMBER}@pbx.test>;tag=1", X_Caller="+79161234567"
    )

    assert (entry.target, entry.refusal) == ("5000", None)
    assert (entry.facts.dialled, entry.facts.caller.number) == (NUMBER, "+79161234567")


async def test_a_header_that_is_missing_leaves_what_asterisk_says(door: Door) -> None:
    trunk = await door.open_trunk(number_source="X-Number")

    entry = await door.from_outside(trunk, NUMBER)

    assert (entry.target, entry.facts.dialled) == ("5000", NUMBER)


async def test_no_header_is_asked_for_that_the_trunk_is_not_read_by(door: Door) -> None:
    trunk = await door.open_trunk()

    await door.from_outside(trunk, NUMBER)

    assert [one for one in door.fake.requests if one.path.endswith("/variable")] == []


async def test_a_number_of_a_moment_ago_is_reached_at_once(door: Door) -> None:
    trunk = await door.open_trunk()
    await door.number("74957654321")

    entry = await door.from_outside(trunk, "74957654321")

    assert (entry.target, entry.refusal) == ("5000", None)


async def test_the_headers_of_a_trunk_of_a_moment_ago_are_read_too(door: Door) -> None:
    made = await provisioning.create_trunk(
        tenant="acme",
        name="moscow",
        seal=Seal(door.key_file),
        host="192.0.2.10",
        username=ACCOUNT,
        password="secret",
        number_source="to",
    )
    await door.number(NUMBER)

    entry = await door.from_outside(made.endpoint, ACCOUNT, To=f"<sip:{NUMBER}@pbx.test>")

    assert (entry.facts.dialled, entry.target) == (NUMBER, "5000")


async def test_calls_go_by_the_plans_of_before_while_the_database_is_away(
    door: Door, occupier: Occupier, logged: list[EventDict]
) -> None:
    trunk = await door.open_trunk()
    occupier.take()

    known = await door.from_outside(trunk, NUMBER)
    unknown = await door.from_outside(trunk, "74950000000")

    occupier.give_back()
    assert (known.target, known.refusal) == ("5000", None)
    assert unknown.refusal is Reason.NO_SUCH_NUMBER
    assert "plans_not_refreshed" in [entry["event"] for entry in logged]


async def test_an_adopted_caller_is_where_they_came_in(door: Door) -> None:
    trunk = await door.open_trunk(number_source="to")
    channel_id = door.fake.incoming_call(
        endpoint=trunk, dialled=ACCOUNT, tenant_id=str(door.tenant_id), args=["trunk"]
    )
    channel = door.fake.channels[channel_id]
    channel.variables["PJSIP_HEADER(read,To)"] = f"<sip:{NUMBER}@pbx.test>"

    entry = await door.entrances.of_adopted(channel.model())

    assert isinstance(entry, Entry)
    assert (entry.facts.dialled, entry.target) == (NUMBER, "5000")


async def test_an_adopted_leg_is_nobodys_call(door: Door) -> None:
    channel_id = door.fake.incoming_call(
        endpoint="100@acme.test", dialled="", tenant_id=str(door.tenant_id), args=["leg", "gone"]
    )

    where = await door.entrances.of_adopted(door.fake.channels[channel_id].model())

    assert isinstance(where, Stray)


async def test_a_stranger_who_calls_too_often_is_turned_away_and_others_are_not(
    door: Door, logged: list[EventDict]
) -> None:
    ports = range(40_000, 40_000 + PER_ADDRESS_A_MINUTE + 3)
    calls = [await door.comes(f"203.0.113.7:{port}") for port in ports]

    other = await door.comes("203.0.113.8:5060")

    assert [type(call) for call in calls] == [Entry] * PER_ADDRESS_A_MINUTE + [TurnedAway] * 3
    assert isinstance(other, Entry)
    told = [entry for entry in logged if entry["event"] == "stranger_slowed_down"]
    assert [(one["address"], one["calls"]) for one in told] == [("203.0.113.7", 1)]


async def test_many_strangers_together_call_a_tenant_no_more_than_so_often(
    door: Door, logged: list[EventDict]
) -> None:
    calls = [await door.comes(f"203.0.113.{one}:5060") for one in range(PER_TENANT_A_MINUTE + 9)]

    assert [isinstance(call, Entry) for call in calls] == [True] * PER_TENANT_A_MINUTE + [False] * 9
    assert [entry["event"] for entry in logged].count("stranger_slowed_down") == 1


async def test_a_stranger_who_is_let_in_nowhere_uses_up_nobodys_turn(door: Door) -> None:
    for _ in range(PER_ADDRESS_A_MINUTE + 1):
        nowhere = await door.stranger("203.0.113.7:5060", dialled="5000")
        assert nowhere.refusal is Reason.NO_SUCH_NUMBER

    assert (await door.stranger("203.0.113.7:5060")).refusal is None


async def test_addresses_without_end_are_not_remembered_for_ever(
    door: Door, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "MOST_ADDRESSES", 2)
    entrances = Entrances(door.ari, door.plans)
    for _ in range(PER_ADDRESS_A_MINUTE):
        assert isinstance(await door.comes("203.0.113.7:5060", to=entrances), Entry)
    assert isinstance(await door.comes("203.0.113.7:5060", to=entrances), TurnedAway)

    for one in range(8, 12):
        await door.comes(f"203.0.113.{one}:5060", to=entrances)

    assert isinstance(await door.comes("203.0.113.7:5060", to=entrances), Entry)


async def test_more_addresses_than_can_be_remembered_do_not_open_the_tenants_door(
    door: Door, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "MOST_ADDRESSES", 2)
    entrances = Entrances(door.ari, door.plans)

    calls = [
        await door.comes(f"203.0.113.{one}:5060", to=entrances)
        for one in range(PER_TENANT_A_MINUTE + 9)
    ]

    assert sum(isinstance(call, Entry) for call in calls) == PER_TENANT_A_MINUTE


async def test_a_number_that_is_known_to_lead_nowhere_is_not_looked_up_again(
    door: Door, occupier: Occupier, logged: list[EventDict]
) -> None:
    trunk = await door.open_trunk()
    await provisioning.create_number(tenant="acme", number="74950000001", trunk="moscow", target="")
    await door.plans.refresh()
    occupier.take()

    nowhere = await door.from_outside(trunk, "74950000001")

    occupier.give_back()
    assert nowhere.refusal is Reason.NO_ROUTE
    assert "plans_not_refreshed" not in [entry["event"] for entry in logged]


async def test_the_calls_of_a_blocked_tenant_are_not_looked_up_again(
    door: Door, occupier: Occupier, logged: list[EventDict]
) -> None:
    trunk = await door.open_trunk()
    await provisioning.set_tenant(name="acme", state="blocked")
    await door.plans.refresh()
    occupier.take()

    blocked = await door.from_outside(trunk, "74950000000")

    occupier.give_back()
    assert blocked.refusal is Reason.BLOCKED
    assert "plans_not_refreshed" not in [entry["event"] for entry in logged]
