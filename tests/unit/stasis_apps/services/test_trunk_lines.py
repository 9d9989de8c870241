"""What Asterisk holds of trunks while names lead elsewhere, or DNS says nothing."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace

import pytest
from structlog.typing import EventDict

from ari_client import AriClient
from models.facts import TrunkFacts
from stasis_apps.services import trunk_lines
from stasis_apps.services.trunk_lines import TrunkLine, TrunkLines
from stasis_apps.services.trunk_objects import TAG
from tests.support.waiting import COMES_S, until
from tests.unit.stasis_apps.services.sorcery import Memory, asterisk_with_memory

CARRIER = TrunkFacts(
    id=1,
    name="berlin",
    endpoint="trunk-00000001",
    registration="outbound",
    host="sip.carrier.test",
    username="acme",
)
LINE = TrunkLine(facts=CARRIER, password="secret", tenant_id=1)
CITY = TrunkLine(
    facts=TrunkFacts(
        id=2,
        name="city",
        endpoint="trunk-00000002",
        registration="none",
        addresses=("192.0.2.10",),
    ),
    password="",
    tenant_id=2,
)


class Dns:
    """A DNS that knows what the test lets it know."""

    def __init__(self) -> None:
        self.known: dict[str, tuple[str, ...]] = {"sip.carrier.test": ("192.0.2.1",)}

    async def look_up(self, name: str) -> tuple[str, ...]:
        return self.known.get(name, ())


@pytest.fixture
async def asterisk(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[tuple[AriClient, Memory]]:
    monkeypatch.setattr(trunk_lines, "SIGN_OFF_S", 0.0)
    async with asterisk_with_memory() as there:
        yield there


async def told_of(ari: AriClient, *trunks: TrunkLine) -> tuple[Dns, TrunkLines]:
    """Tell Asterisk of trunks whose names the DNS knows."""
    dns = Dns()
    lines = TrunkLines(ari, dns.look_up)
    await lines.make_equal(trunks)
    await lines.ask_dns_again()
    return dns, lines


def senders(memory: Memory, trunk: str) -> list[str]:
    return [
        fields["match"]
        for (kind, _), fields in memory.objects.items()
        if kind == "identify" and fields["endpoint"] == trunk
    ]


async def test_a_silent_dns_takes_no_carrier_away(
    asterisk: tuple[AriClient, Memory], logged: list[EventDict]
) -> None:
    ari, memory = asterisk
    dns, lines = await told_of(ari, LINE)
    before, memory.puts = dict(memory.objects), []

    dns.known.clear()
    await lines.ask_dns_again()

    assert memory.objects == before
    assert memory.puts == []
    assert senders(memory, "trunk-00000001") == ["192.0.2.1"]
    assert [entry["name"] for entry in logged if entry["event"] == "trunk_name_not_found"] == [
        "sip.carrier.test"
    ]


async def test_a_carrier_that_moves_is_known_there_and_no_registration_is_touched(
    asterisk: tuple[AriClient, Memory],
) -> None:
    ari, memory = asterisk
    dns, lines = await told_of(ari, LINE)
    memory.puts.clear()

    for addresses in (("192.0.2.2", "192.0.2.3"), ("192.0.2.3",)):
        dns.known["sip.carrier.test"] = addresses
        await lines.ask_dns_again()
        assert senders(memory, "trunk-00000001") == [",".join(addresses)]

    assert {kind for kind, _ in memory.puts} == {"identify"}


async def test_the_old_addresses_stay_until_the_new_are_there(
    asterisk: tuple[AriClient, Memory],
) -> None:
    ari, memory = asterisk
    dns, lines = await told_of(ari, LINE)

    dns.known["sip.carrier.test"] = ("192.0.2.2",)
    memory.is_away = True
    await lines.ask_dns_again()
    memory.is_away = False

    assert senders(memory, "trunk-00000001") == ["192.0.2.1"]


async def test_a_name_that_comes_to_lead_to_anothers_carrier_is_told_of_loudly_and_takes_no_call(
    asterisk: tuple[AriClient, Memory], logged: list[EventDict]
) -> None:
    ari, memory = asterisk
    dns, lines = await told_of(ari, LINE, CITY)

    dns.known["sip.carrier.test"] = ("192.0.2.10",)
    for _ in range(2):
        await lines.ask_dns_again()

    assert senders(memory, "trunk-00000001") == []
    assert senders(memory, "trunk-00000002") == ["192.0.2.10"]
    told = [entry for entry in logged if entry["event"] == "trunk_address_not_its_own"]
    assert [(one["trunk"], one["address"], one["log_level"]) for one in told] == [
        ("trunk-00000001", "192.0.2.10", "error")
    ]


async def test_a_trunk_that_is_left_alone_keeps_its_address_to_itself(
    asterisk: tuple[AriClient, Memory],
) -> None:
    ari, memory = asterisk
    dns = Dns()
    dns.known["sip.carrier.test"] = ("192.0.2.10",)
    lines = TrunkLines(ari, dns.look_up)
    await lines.make_equal([CITY])

    await lines.make_equal([LINE], left_alone=[CITY])
    await lines.ask_dns_again()

    assert senders(memory, "trunk-00000002") == ["192.0.2.10"]
    assert senders(memory, "trunk-00000001") == []


async def test_a_password_that_becomes_readable_meanwhile_takes_no_trunk_away(
    asterisk: tuple[AriClient, Memory], logged: list[EventDict]
) -> None:
    ari, memory = asterisk
    lines = TrunkLines(ari, Dns().look_up)
    await lines.make_equal([LINE, CITY])
    lines.forget()

    await asyncio.gather(
        lines.make_equal([LINE], left_alone=[CITY]), lines.make_equal([LINE, CITY])
    )

    assert "trunk_taken_away" not in [entry["event"] for entry in logged]
    assert set(memory.endpoints()) == {"trunk-00000001", "trunk-00000002"}


async def test_the_next_application_goes_on_with_what_asterisk_holds_while_dns_is_silent(
    asterisk: tuple[AriClient, Memory],
) -> None:
    ari, memory = asterisk
    dns, _ = await told_of(ari, LINE)
    memory.puts.clear()
    dns.known.clear()

    next_one = TrunkLines(ari, dns.look_up)
    await next_one.make_equal([LINE])
    await next_one.ask_dns_again()

    assert senders(memory, "trunk-00000001") == ["192.0.2.1"]
    assert {kind for kind, _ in memory.puts} <= {"identify"}


async def test_a_carrier_is_known_as_soon_as_dns_tells_of_it_while_another_name_is_silent(
    asterisk: tuple[AriClient, Memory],
) -> None:
    ari, memory = asterisk
    dns = Dns()
    is_over, is_told = asyncio.Event(), asyncio.Event()

    async def look_up(name: str) -> tuple[str, ...]:
        if name == "sip.silent.test":
            await is_over.wait()
        return await dns.look_up(name)

    other = replace(CARRIER, id=3, endpoint="trunk-00000003", host="sip.silent.test")
    lines = TrunkLines(ari, look_up)
    await lines.make_equal([LINE, replace(LINE, facts=other)])
    memory.when_told = is_told
    asking = asyncio.create_task(lines.ask_dns_again())
    async with asyncio.timeout(COMES_S):
        await is_told.wait()

    assert not asking.done()
    assert memory.puts[-1] == ("identify", "trunk-00000001")
    is_over.set()
    await asking


async def test_a_trunk_of_which_a_part_was_refused_is_complete_after_the_next_try(
    asterisk: tuple[AriClient, Memory],
) -> None:
    ari, memory = asterisk
    memory.refuses.add("identify")
    lines = TrunkLines(ari, Dns().look_up)
    await lines.make_equal([CITY])
    assert memory.objects["endpoint", "trunk-00000002"][TAG] == ""

    memory.refuses.clear()
    await lines.make_equal([CITY])
    memory.puts.clear()
    await TrunkLines(ari, Dns().look_up).make_equal([CITY])

    assert senders(memory, "trunk-00000002") == ["192.0.2.10"]
    assert memory.puts == []  # the next application finds it complete


@pytest.mark.parametrize("is_the_next_application", [False, True])
async def test_a_call_that_comes_while_its_trunk_changes_finds_its_trunk(
    asterisk: tuple[AriClient, Memory], is_the_next_application: bool
) -> None:
    ari, memory = asterisk
    dns, lines = await told_of(ari, LINE)
    memory.done.clear()

    if is_the_next_application:
        lines = TrunkLines(ari, dns.look_up)
    changed = replace(CARRIER, codecs=("g722",), expires_s=120, caller_source="identity")
    await lines.make_equal([replace(LINE, facts=changed, password="new")])

    assert memory.objects["endpoint", "trunk-00000001"]["allow"] == "!all,g722"
    assert memory.objects["auth", "trunk-00000001"]["password"] == "new"
    gone = {kind for method, kind, _ in memory.done if method == "DELETE"}
    assert not gone & {"endpoint", "auth"}
    assert senders(memory, "trunk-00000001") == ["192.0.2.1"]
    assert ("DELETE", "identify", "trunk-00000001") not in memory.done


async def test_whoever_is_registered_here_stays_so_when_other_settings_change(
    asterisk: tuple[AriClient, Memory],
) -> None:
    ari, memory = asterisk
    lines = TrunkLines(ari, Dns().look_up)
    box = replace(LINE, facts=replace(CARRIER, registration="inbound", host="", username=""))
    await lines.make_equal([box])
    memory.done.clear()

    await lines.make_equal([replace(box, facts=replace(box.facts, qualify_s=5))])

    assert memory.objects["aor", "trunk-00000001"]["qualify_frequency"] == "5"
    assert "DELETE" not in {method for method, *_ in memory.done}


async def test_a_carrier_that_has_moved_is_asked_at_its_new_place_alone(
    asterisk: tuple[AriClient, Memory],
) -> None:
    ari, memory = asterisk
    lines = TrunkLines(ari, Dns().look_up)
    await lines.make_equal([LINE])
    memory.done.clear()

    await lines.make_equal([replace(LINE, facts=replace(CARRIER, port=5070))])

    assert ("DELETE", "aor", "trunk-00000001") in memory.done
    assert memory.objects["aor", "trunk-00000001"]["contact"] == "sip:sip.carrier.test:5070"


async def test_all_registrations_end_before_any_password_goes(
    asterisk: tuple[AriClient, Memory],
) -> None:
    ari, memory = asterisk
    second = replace(LINE, facts=replace(CARRIER, id=3, endpoint="trunk-00000003"))
    lines = TrunkLines(ari, Dns().look_up)
    await lines.make_equal([LINE, second, CITY])
    memory.done.clear()

    await lines.make_equal([replace(LINE, password="new"), CITY])

    assert sorted(memory.done[:2]) == [
        ("DELETE", "registration", "trunk-00000001"),
        ("DELETE", "registration", "trunk-00000003"),
    ]
    assert memory.objects["auth", "trunk-00000001"]["password"] == "new"
    assert ("registration", "trunk-00000001") in memory.objects
    assert set(memory.endpoints()) == {"trunk-00000001", "trunk-00000002"}


async def test_trunks_are_there_as_soon_as_asterisk_has_loaded_and_nobody_is_alarmed_meanwhile(
    asterisk: tuple[AriClient, Memory], monkeypatch: pytest.MonkeyPatch, logged: list[EventDict]
) -> None:
    monkeypatch.setattr(trunk_lines, "FIRST_RETRY_S", 0.05)
    ari, memory = asterisk
    memory.is_away = True
    lines = TrunkLines(ari, Dns().look_up)
    trying = asyncio.create_task(lines.keep_trying())
    await lines.make_equal([CITY])
    assert logged == []

    memory.is_away, memory.refuses = False, {"endpoint"}
    await until(lambda: "trunk_not_told" in events(logged), saying="it is refused")
    memory.refuses = set()

    await until(lambda: senders(memory, "trunk-00000002") == ["192.0.2.10"], saying="told")
    trying.cancel()
    await asyncio.wait([trying])
    assert events(logged).count("trunk_not_told") == 1


async def test_an_asterisk_that_stays_silent_is_told_of_once(
    asterisk: tuple[AriClient, Memory], monkeypatch: pytest.MonkeyPatch, logged: list[EventDict]
) -> None:
    monkeypatch.setattr(trunk_lines, "FIRST_RETRY_S", 0.001)
    ari, memory = asterisk
    memory.is_away = True
    lines = TrunkLines(ari, Dns().look_up)
    await lines.make_equal([CITY])
    trying = asyncio.create_task(lines.keep_trying())

    await until(lambda: memory.asked > 6, saying="it is tried again and again")
    trying.cancel()
    await asyncio.wait([trying])

    assert events(logged) == ["trunks_not_told"]


def events(logged: list[EventDict]) -> list[str]:
    return [entry["event"] for entry in logged]
