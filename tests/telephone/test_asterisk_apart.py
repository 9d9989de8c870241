"""Asterisk runs by itself, and the application by itself; either may go and come back."""

import asyncio
import signal
from collections.abc import Iterator, Mapping
from pathlib import Path

import msgspec
import pytest

from tests.support import sound
from tests.support.apart_exchange import ApartExchange
from tests.support.carrier import Carrier
from tests.support.mail_server import MailServer
from tests.support.operator import run_pbx
from tests.support.plain_phone import PlainPhone
from tests.support.sip_station import Place
from tests.support.talks import they_still_talk, two_who_talk
from tests.support.tenant import Tenant
from tests.support.waiting import until, until_told
from tests.telephone.conftest import new_tenant

BOX, KEEPER = "5120", "kept@acme.test"


@pytest.fixture(scope="module")
def apart(postman: MailServer) -> Iterator[ApartExchange]:
    """The two parts, started at one moment, in whichever order they come up."""
    running = ApartExchange({"PBX_SMTP_URL": postman.url})
    try:
        running.start_asterisk()
        running.start()
        yield running
    finally:
        running.close()


@pytest.fixture(scope="module")
def shop(apart: ApartExchange, sounds: dict[str, Path]) -> Tenant[ApartExchange]:
    """A customer with two people and a mailbox."""
    tenant = new_tenant(apart, "100", "101")
    tenant.add_sound("welcome", sounds["again"])
    tenant.add_element(
        *("voicemail", BOX), greeting="welcome", instructions="false", emails=f'["{KEEPER}"]'
    )
    tenant.wait_until_in_effect()
    return tenant


async def test_the_operator_sees_phones_and_finds_all_well(
    shop: Tenant[ApartExchange], apart: ApartExchange
) -> None:
    async with PlainPhone(shop.account("100")):
        phones = await shop.devices()
        said = await apart.pbx("doctor", "--call")

    assert phones["100"].is_registered
    findings = msgspec.json.decode(said)
    assert [one for one in findings if one["health"] not in ("up", "warning")] == []
    assert findings[-1]["name"] == "test call"


async def test_the_doctor_needs_no_asterisk_where_the_application_is(apart: ApartExchange) -> None:
    without = {**apart.environment, "PBX_ASTERISK_ROOT": str(apart.home / "nothing")}

    examined = await asyncio.to_thread(run_pbx, ("doctor", "--json"), without, "")

    health = {one["name"]: one["health"] for one in msgspec.json.decode(examined.out)}
    parts = ("Asterisk", "Asterisk process", "spoken prompts", "ARI", "AMI", "application")
    assert {part: health[part] for part in parts} == dict.fromkeys(parts, "up")
    assert examined.code == 0


async def test_phones_and_trunks_are_seen_from_another_machine(
    shop: Tenant[ApartExchange], apart: ApartExchange, elsewhere: Place, tmp_path: Path
) -> None:
    theirs = apart.from_another_machine(tmp_path / "home")
    async with Carrier(elsewhere, apart) as carrier, PlainPhone(shop.account("100")):
        carrier.registrar.refuses = "403 Forbidden"
        shop.add_trunk(
            *("berlin", elsewhere),
            password="the-carriers-own",
            registration="outbound",
            username="a",
        )
        await carrier.has_refused()

        await until_told(
            lambda: is_listed("device", "100", "reachable", shop, theirs), saying="100 is reachable"
        )
        await until_told(
            lambda: is_listed("trunk", "berlin", "rejected", shop, theirs),
            saying="berlin is rejected",
        )
        phones = await listed("device", shop, theirs)
        worries = await words_about("trunks", apart)
        shop.remove("trunk", "berlin")

    assert f"berlin of tenant {shop.name} (403 Forbidden)" in worries
    assert phones == {"100": "reachable", "101": "not registered"}


async def test_the_doctor_on_another_machine_finds_nothing_to_worry_about(
    apart: ApartExchange, tmp_path: Path
) -> None:
    theirs = apart.from_another_machine(tmp_path / "home")

    examined = await asyncio.to_thread(run_pbx, ("doctor", "--json"), theirs, "")

    health = {one["name"]: one["health"] for one in msgspec.json.decode(examined.out)}
    parts = ("Asterisk", "Asterisk process", "ARI", "AMI", "Asterisk's log")
    assert {part: health[part] for part in parts} == dict.fromkeys(parts, "up")


async def test_a_message_comes_with_its_mail(
    shop: Tenant[ApartExchange], postman: MailServer
) -> None:
    async with PlainPhone(shop.account("100"), plays=sound.ALICE) as phone:
        caller = phone.dial(BOX)
        await caller.ear.hears(sound.AGAIN)
        await caller.ear.hears(sound.BEEP, for_s=0.2)
        await caller.speaks(2.0)
        await caller.hang_up()

    letter = await postman.letter(KEEPER)
    assert sound.seconds_heard(letter.recording(), sound.ALICE) > 1.0


async def test_a_talk_goes_on_while_the_application_is_replaced(
    shop: Tenant[ApartExchange], apart: ApartExchange
) -> None:
    calls = shop.new_calls()
    async with two_who_talk(shop) as (caller, callee):
        assert await asyncio.to_thread(apart.end) == 0
        await they_still_talk(caller, callee)

        await asyncio.to_thread(apart.start)
        await they_still_talk(caller, callee)

        await caller.hang_up()
        await callee.closed()

    assert (await calls.one()).answered_by == "101"


async def test_the_application_goes_on_when_asterisk_died_and_was_started_again(
    shop: Tenant[ApartExchange], apart: ApartExchange
) -> None:
    application, died = apart.application_pid(), apart.asterisk_pid()
    assert apart.asterisk_process.pid == died
    apart.kill_asterisk()
    await asyncio.to_thread(apart.asterisk_process.wait)
    apart.start_asterisk()
    await apart.has_another_asterisk_than(died)
    await until_told(
        apart.knows_the_application, within_s=60, saying="the application has not come back"
    )

    async with two_who_talk(shop) as (caller, callee):
        await caller.hang_up()
        await callee.closed()

    assert apart.application_pid() == application


async def test_the_operator_is_told_what_waits_for_the_next_start_of_asterisk(
    apart: ApartExchange,
) -> None:
    unit = apart.asterisk_process
    await apart.pbx("asterisk", "config", "--data", "/somewhere/else")
    assert "start it again" in await words_about("Asterisk process", apart)

    unit.send_signal(signal.SIGTERM)
    await until(lambda: unit.poll() is not None, saying="Asterisk goes on")
    assert apart.is_alive(apart.application_pid())
    apart.start_asterisk()

    await until_told(apart.knows_the_application, within_s=60, saying="it has not come back")
    assert "start it again" not in await words_about("Asterisk process", apart)


async def words_about(part: str, apart: ApartExchange) -> str:
    """What the doctor says of a part."""
    findings = msgspec.json.decode(await apart.pbx("doctor"))
    (found,) = [str(one["words"]) for one in findings if one["name"] == part]
    return found


async def listed(
    noun: str, shop: Tenant[ApartExchange], environment: Mapping[str, str]
) -> dict[str, str]:
    """The states that a list of the customer's shows with these settings, by name."""
    arguments = (noun, "list", "--tenant", shop.name, "--json")
    ran = await asyncio.to_thread(run_pbx, arguments, environment, "")
    assert ran.code == 0, ran.err.decode()
    return {one["name"]: one["state"] for one in msgspec.json.decode(ran.out)}


async def is_listed(
    noun: str, name: str, state: str, shop: Tenant[ApartExchange], environment: Mapping[str, str]
) -> bool:
    """Whether a phone or trunk is shown in this state."""
    return (await listed(noun, shop, environment))[name] == state
