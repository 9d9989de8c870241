"""What the exchange does with the channels that Asterisk hands over."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from structlog.typing import EventDict

from ari_client import events
from ari_client.testing import Answers, NeverAnswers
from models import provisioning
from models.call_log import journal_of, list_calls, live_calls
from models.seal import Seal
from stasis_apps.app import Replaced
from stasis_apps.element import Catalogue
from stasis_apps.entrances import PER_ADDRESS_A_MINUTE
from stasis_apps.journal import What
from tests.support.waiting import COMES_S
from tests.unit.stasis_apps.exchange.house import ALICE, BORIS, House
from tests.unit.stasis_apps.occupied import Occupier


async def test_alice_calls_boris_and_hangs_up(house: House) -> None:
    call_id = await house.talk()

    house.fake.hang_up(call_id)

    record = await house.ended(call_id)
    assert (record.ended_by, record.reason) == ("caller", "normal")
    assert (record.caller_number, record.dialled, record.answered_by) == ("100", "101", "101")
    await house.nothing_is_left()


async def test_every_call_has_a_task_and_a_record_of_its_own(house: House) -> None:
    house.fake.phone(BORIS, NeverAnswers())
    await provisioning.set_extension(
        tenant="acme", number="101", settings={"max_calls": 20}, catalogue=Catalogue()
    )
    await house.process.plans.refresh()
    calls = [house.call("101") for _ in range(20)]
    await house.until(lambda: house.process.exchange.calls_up == 20, "twenty calls")

    for call_id in calls:
        house.fake.hang_up(call_id)

    for call_id in calls:
        assert (await house.ended(call_id)).reason == "cancelled"
    await house.nothing_is_left()


async def test_a_number_that_does_not_exist_is_refused(house: House) -> None:
    call_id = house.call("4711")

    record = await house.ended(call_id)

    assert (record.ended_by, record.reason) == ("plan", "no_such_number")


async def test_a_flood_of_strangers_leaves_no_records(house: House) -> None:
    await provisioning.create_alias(
        tenant="acme", name="info", target="5001", allows_direct_sip=True
    )
    await house.process.plans.refresh()
    flood = [house.stranger("203.0.113.7") for _ in range(PER_ADDRESS_A_MINUTE + 20)]
    await house.until(lambda: len(house.fake.channels) == PER_ADDRESS_A_MINUTE, "the others gone")

    for call_id in list(house.fake.channels):
        house.fake.hang_up(call_id)
    for call_id in flood[:PER_ADDRESS_A_MINUTE]:
        await house.ended(call_id)

    assert len(await list_calls(tenant="acme", limit=100)) == PER_ADDRESS_A_MINUTE
    assert await journal_of(call_id=flood[-1]) == []
    told = [entry["calls"] for entry in house.logged if entry["event"] == "stranger_slowed_down"]
    assert told == [1]
    await house.nothing_is_left()


async def test_a_blocked_tenant_makes_no_calls(house: House) -> None:
    await provisioning.set_tenant(name="acme", state="blocked")
    await house.process.plans.refresh()

    record = await house.ended(house.call("101"))

    assert (record.reason, record.comment) == ("blocked", "the account is blocked")
    assert not house.talking()


@pytest.mark.parametrize(
    ("endpoint", "tenant_id", "args"),
    [
        (ALICE, "999999", ["phone"]),
        (ALICE, None, ["phone"]),
        ("666@acme.test", "own", ["phone"]),
        (ALICE, "own", ["leg", "a-call-that-is-over"]),
        (ALICE, "own", []),
    ],
)
async def test_a_channel_that_is_nobodys_call_is_let_go(
    house: House, endpoint: str, tenant_id: str | None, args: list[str]
) -> None:
    known = str(house.tenant_id) if tenant_id == "own" else tenant_id
    house.fake.incoming_call(endpoint=endpoint, dialled="101", tenant_id=known, args=args)

    await house.nothing_is_left()

    assert await live_calls() == []


async def test_a_phone_of_a_minute_ago_can_call_at_once(house: House) -> None:
    await provisioning.create_extension(
        tenant="acme", number="200", name="Clara", seal=Seal(house.spool.parent / "key")
    )
    house.fake.phone(BORIS, Answers(after_s=0.01))

    call_id = house.call("101", by="200@acme.test")

    await house.until(lambda: len(house.talking()) == 2, "they talk")
    house.fake.hang_up(call_id)
    assert (await house.ended(call_id)).caller_name == "Clara"


async def test_an_extension_of_a_moment_ago_can_be_called_at_once(house: House) -> None:
    await provisioning.create_extension(
        tenant="acme", number="200", name="Clara", seal=Seal(house.spool.parent / "key")
    )
    house.fake.phone("200@acme.test", Answers(after_s=0.01))

    call_id = house.call("200")

    await house.until(lambda: len(house.talking()) == 2, "they talk")
    house.fake.hang_up(call_id)
    assert (await house.ended(call_id)).answered_by == "200"


async def test_a_call_that_is_handed_over_twice_is_one_call(house: House) -> None:
    call_id = await house.talk()
    again = house.fake.channels[call_id].model()

    house.fake.send(events.StasisStart(channel=again, args=("phone",)))
    house.fake.hang_up(call_id)

    await house.ended(call_id)
    await house.nothing_is_left()


async def test_a_call_that_is_over_does_not_begin_again(
    house: House, logged: list[EventDict]
) -> None:
    """Asterisk has run the dialplan's "h" extension into Stasis() after a call, and so again."""
    call_id = await house.talk()
    dead = house.fake.channels[call_id].model()
    (leg,) = set(house.talking()) - {call_id}
    house.fake.hang_up(leg)
    record = await house.ended(call_id)

    house.fake.send(events.StasisStart(channel=dead, args=("phone",)))
    await house.ended(house.call("4711"))
    await house.nothing_is_left()

    assert (record.ended_by, record.reason) == ("callee", "normal")
    assert await house.ended(call_id) == record
    assert [entry["event"] for entry in logged].count("call_started") == 2


async def test_no_new_call_is_taken_while_the_exchange_drains(house: House) -> None:
    call_id = await house.talk()
    draining = house.process.exchange.drain(5.0)
    house.fake.hang_up(call_id)
    await draining

    house.call("101")
    await house.process.kill()

    assert len(house.fake.channels) == 1  # the next process adopts it
    assert (await house.ended(call_id)).reason == "normal"


async def test_a_talk_longer_than_the_limit_is_left_to_the_next_process(house: House) -> None:
    await house.talk()

    await house.process.exchange.drain(0.01)

    assert len(house.talking()) == 2
    assert house.process.exchange.calls_up == 1


async def test_somebody_who_calls_meanwhile_ends_the_wait_for_the_others(house: House) -> None:
    await house.talk()
    draining = asyncio.create_task(house.process.exchange.drain(600.0))
    await house.until(lambda: not house.process.exchange.takes_calls, "it drains")

    late = house.call("4711")
    await asyncio.wait_for(draining, COMES_S)
    await house.process.kill()

    assert house.fake.channels[late].in_stasis, "they hear ringing until the next process"
    await house.start()
    assert (await house.ended(late)).reason == "no_such_number"
    assert len(house.talking()) == 2


async def test_where_asterisk_ends_as_well_who_calls_meanwhile_cuts_nobody_short(
    house: House,
) -> None:
    call_id = await house.talk()
    draining = asyncio.create_task(house.process.exchange.drain(600.0, is_last=True))
    await house.until(lambda: not house.process.exchange.takes_calls, "it drains")

    late = house.call("101")
    await house.until(
        lambda: any(one.path == f"/channels/{late}/ring" for one in house.fake.requests),
        "the late caller hears ringing",
    )
    assert not draining.done()
    house.fake.hang_up(call_id)

    await asyncio.wait_for(draining, COMES_S)


async def test_an_exchange_without_calls_drains_at_once(house: House) -> None:
    await house.process.exchange.drain(60.0)

    assert house.process.exchange.calls_up == 0


async def test_a_replaced_exchange_goes_quiet_and_touches_nothing(house: House) -> None:
    call_id = await house.talk()
    old = house.process
    requests = len(house.fake.requests)

    house.fake.send(events.ApplicationReplaced())

    with pytest.raises(ExceptionGroup) as quiet:
        await old.serving
    assert quiet.group_contains(Replaced)
    assert len(house.fake.requests) == requests
    assert len(house.talking()) == 2
    house.fake.hang_up(call_id)


async def test_a_call_that_breaks_is_closed_as_our_fault(house: House) -> None:
    house.fake.phone(BORIS, Answers(after_s=0.01))
    house.fake.refuse_next("POST /channels/{}/ring", 500, "no")

    record = await house.ended(house.call("101"))

    assert (record.ended_by, record.reason) == ("platform", "failed")
    await house.nothing_is_left()


async def test_the_story_of_a_call_can_be_read_afterwards(house: House) -> None:
    call_id = house.call("5000")
    await house.written(call_id, What.ENTERED)
    house.fake.phone(BORIS, Answers(after_s=0.01))
    house.fake.press(call_id, "1")
    await house.until(lambda: len(house.talking()) == 2, "they talk")
    house.fake.hang_up(call_id)

    ended = await house.written(call_id, What.ENDED)

    assert ended.facts == {"by": "caller", "cause": 16}
    assert (await house.written(call_id, What.ASKED)).facts["keys_pressed"] == 1


async def test_the_story_of_a_number_called_through_another_trunk_names_both(
    house: House, tmp_path: Path
) -> None:
    seal = Seal(tmp_path / "key")
    _, spare = [
        await provisioning.create_trunk(
            tenant="acme",
            name=name,
            seal=seal,
            password="secret",
            host="sip.carrier.test",
            username=name,
        )
        for name in ("moscow", "spare")
    ]
    await provisioning.create_number(
        tenant="acme", number="+74951234567", trunk="moscow", target="5000"
    )
    await house.process.plans.refresh()
    call_id = house.carrier("74951234567", by=spare.endpoint)

    noted = await house.written(call_id, What.NOTED)

    assert "belongs to trunk moscow; the call came through spare" in noted.reason
    assert (await house.written(call_id, What.ENTERED)).element == "5000"


async def test_a_stranger_is_let_go_although_the_database_is_away(
    house: House, occupier: Occupier
) -> None:
    occupier.take()

    house.fake.incoming_call(endpoint="1@gone.test", dialled="2", tenant_id="999")

    await house.until(lambda: not house.fake.channels, "the stranger is let go")
    occupier.give_back()


async def test_callers_of_a_known_tenant_talk_although_the_database_is_away(
    house: House, occupier: Occupier
) -> None:
    occupier.take()
    house.fake.phone(BORIS, Answers(after_s=0.01))

    call_id = house.call("101")

    await house.until(lambda: len(house.talking()) == 2, "they talk")
    house.fake.hang_up(call_id)
    await house.until(lambda: not house.fake.channels, "the call is over")
    occupier.give_back()
    assert (await house.ended(call_id)).answered_by == "101"


async def test_a_group_that_skips_the_busy_does_not_ring_who_is_calling_somebody(
    house: House,
) -> None:
    await provisioning.create_element(
        tenant="acme",
        kind="group",
        number="5010",
        settings={"members": ["100"], "skip_busy": True},
        catalogue=Catalogue(),
    )
    await house.process.plans.refresh()
    house.fake.phone(BORIS, NeverAnswers())
    alices = house.call("101")
    await house.written(alices, What.RANG)

    record = await house.ended(house.call("5010", by=BORIS))

    assert record.reason == "all_busy"
    house.fake.hang_up(alices)
    await house.nothing_is_left()
