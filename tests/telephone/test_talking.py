"""Two people talk: each sends a tone of their own and must hear the other's."""

import re

import pytest

from tests.support import sound
from tests.support.baresip import Phone
from tests.support.rtp import speak
from tests.support.sipp import Callee, Sipp
from tests.support.talks import a_talk
from tests.support.tenant import Tenant


@pytest.mark.parametrize(
    ("callers_transport", "callees_transport"), [("udp", "udp"), ("tcp", "udp"), ("udp", "tcp")]
)
async def test_each_hears_the_other(
    office: Tenant, callers_transport: str, callees_transport: str
) -> None:
    caller = Phone(office.account("100", transport=callers_transport), plays=sound.ALICE)
    callee = Phone(office.account("101", transport=callees_transport), plays=sound.BORIS)
    async with a_talk(caller, callee):
        await caller.ear.hears(sound.BORIS)
        await callee.ear.hears(sound.ALICE)

        assert caller.ear.seconds_of(sound.ALICE) == 0, "nobody hears themselves"
        assert callee.ear.seconds_of(sound.BORIS) == 0, "nobody hears themselves"


async def test_the_callee_sees_who_is_calling(office: Tenant) -> None:
    async with Phone(office.account("100")) as caller, Phone(office.account("101")) as callee:
        await caller.registered()
        await callee.registered()
        await caller.dial("101")

        assert re.match(r"sip:100@", (await callee.rings()).param)
        (invite,) = callee.messages("INVITE", sent=False)
        (shown,) = [value for name, value in invite.headers if name == "From"]
        assert shown.startswith('"Person 100" <sip:100@')

        await caller.hang_up()
        await callee.closed()


async def test_either_may_hang_up(office: Tenant) -> None:
    async with (
        Phone(office.account("100"), plays=sound.ALICE) as caller,
        Phone(office.account("101"), plays=sound.BORIS, answers="auto") as callee,
    ):
        await caller.registered()
        await callee.registered()
        await caller.dial("101")
        await caller.established()
        await callee.established()

        await callee.hang_up()

        await caller.closed()


async def test_a_person_on_hold_hears_music_and_nothing_of_the_other_until_taken_back(
    office: Tenant,
) -> None:
    caller = Phone(office.account("100"), plays=sound.ALICE)
    callee = Phone(office.account("101"), plays=sound.BORIS)
    async with a_talk(caller, callee):
        await callee.ear.hears(sound.ALICE)

        await caller.hold()
        await callee.ear.hears_no_more(sound.ALICE)
        on_hold = callee.ear.mark()
        await callee.ear.hears_anything(since=on_hold)
        await caller.resume()
        taken_back = callee.ear.mark()
        await callee.ear.hears(sound.ALICE, since=taken_back)
        await caller.receives_sound()


async def test_keys_pressed_in_a_talk_reach_the_other_side(office: Tenant) -> None:
    caller, callee = Phone(office.account("100")), Phone(office.account("101"))
    async with a_talk(caller, callee):
        await caller.press("59#")

        assert [await callee.got_key() for _ in range(3)] == ["5", "9", "#"]


async def test_the_caller_hears_what_the_other_side_says_before_it_answers(
    office: Tenant,
) -> None:
    rings_long = Callee(early_media=True, ring_ms=(60_000, 60_001))
    async with (
        Phone(office.account("100")) as caller,
        Sipp(office.account("103"), rings_long) as carrier,
    ):
        await caller.registered()
        await caller.dial("103")
        await caller.gets_early_media()
        invite = await carrier.received("INVITE")
        async with speak(sound.CLARA, from_port=carrier.speech_port, to_port=invite.media_port):
            await caller.ear.hears(sound.CLARA)
        await caller.hang_up()


@pytest.mark.parametrize(("codec", "payload"), [("PCMU", "0"), ("PCMA", "8"), ("G722", "9")])
async def test_phones_that_share_one_codec_use_it_from_end_to_end(
    office: Tenant, codec: str, payload: str
) -> None:
    caller = Phone(office.account("100"), plays=sound.ALICE, codecs=(codec,))
    callee = Phone(office.account("101"), plays=sound.BORIS, codecs=("PCMU", "PCMA", "G722"))
    async with a_talk(caller, callee):
        await caller.ear.hears(sound.BORIS)
        await callee.ear.hears(sound.ALICE)

        offered_to_callee = callee.messages("INVITE", sent=False)[-1]
        told_to_caller = caller.messages("SIP/2.0 200", sent=False)[-1]
        assert offered_to_callee.payloads[0] == payload
        assert told_to_caller.payloads[0] == payload


async def test_a_talk_is_in_the_call_list(office: Tenant) -> None:
    calls = office.new_calls()
    caller = Phone(office.account("100"), plays=sound.ALICE)
    callee = Phone(office.account("101"), plays=sound.BORIS)
    async with a_talk(caller, callee):
        await caller.ear.hears(sound.BORIS, for_s=1.0)

    record = await calls.one()
    assert (record.caller_number, record.dialled, record.answered_by) == ("100", "101", "101")
    assert (record.ended_by, record.reason) == ("caller", "normal")
    assert record.answered_at is not None
    assert record.talk_s is not None
    assert record.talk_s > 0.5  # the sound of a second is sent by another clock than ours


async def test_the_call_list_tells_that_the_callee_hung_up(office: Tenant) -> None:
    calls = office.new_calls()
    async with (
        Phone(office.account("100")) as caller,
        Phone(office.account("101"), answers="auto") as callee,
    ):
        await caller.registered()
        await callee.registered()
        await caller.dial("101")
        await caller.established()
        await callee.established()
        await callee.hang_up()
        await caller.closed()

    record = await calls.one()
    assert (record.ended_by, record.reason) == ("callee", "normal")
