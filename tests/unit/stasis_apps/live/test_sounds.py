"""What is played for the sounds that elements name."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace

import pytest

from stasis_apps.call import SoundName, SoundUnplayable
from stasis_apps.live_call.sounds import planned_sounds
from stasis_apps.plan import PlannedSound
from tests.support.builders import a_plan, a_tenant
from tests.unit.stasis_apps.live.desk import Desk, open_desk
from tests.unit.stasis_apps.live.pigeonholes import Pigeonholes, a_kept_message

MESSAGE = PlannedSound(media="sound:/voicemail/7/aaaaaa", duration_s=10.0)


def media(*names: str, language: str = "en") -> list[str]:
    """What Asterisk is told to play, one after the other."""
    plan = a_plan(tenant=a_tenant(language=language), sounds={"welcome": 3.0})
    known = {"aaaaaa": MESSAGE}
    return [
        sound.media.removeprefix("sound:")
        for sound in planned_sounds([SoundName(name) for name in names], plan, known.get)
    ]


def test_sounds_are_played_in_the_order_in_which_they_are_named() -> None:
    assert media("welcome", "asterisk:beep", "message:aaaaaa") == [
        "/sounds/acme/welcome",
        "beep",
        "/voicemail/7/aaaaaa",
    ]


@pytest.mark.parametrize(
    ("name", "language", "words"),
    [
        ("number:0", "en", "0"),
        ("number:13", "en", "13"),
        ("number:40", "en", "40"),
        ("number:21", "ru", "20 1"),
        ("number:100", "en", "1 hundred"),
        ("number:345", "en", "3 hundred 40 5"),
        ("number:123", "ru", "hundred 20 3"),
        ("number:345", "ru", "3 4 5"),
        ("number:1000", "en", "1 0 0 0"),
        ("digits:5120", "en", "5 1 2 0"),
        ("digits:+7*#", "en", "7 star pound"),
    ],
)
def test_numbers_are_spoken_in_words(name: str, language: str, words: str) -> None:
    assert media(name, language=language) == [f"digits/{word}" for word in words.split()]


def test_prompts_of_asterisk_are_spoken_in_the_tenants_language() -> None:
    plan = a_plan(tenant=a_tenant(language="ru"), sounds={"welcome": 3.0})
    names = [SoundName("asterisk:vm-intro"), SoundName("number:1"), SoundName("welcome")]

    spoken = planned_sounds(names, plan, lambda _: None)

    assert [sound.language for sound in spoken] == ["ru", "ru", None]


def test_what_russian_has_wrong_is_spoken_in_english() -> None:
    plan = a_plan(tenant=a_tenant(language="ru"))

    spoken = planned_sounds([SoundName("digits:1#")], plan, lambda _: None)

    assert [(sound.media, sound.language) for sound in spoken] == [
        ("sound:digits/1", "ru"),
        ("sound:digits/pound", "en"),
    ]


def test_how_many_messages_there_are_is_spoken_in_the_tenants_language() -> None:
    assert media("messages:2+0") == ["vm-youhave", "digits/2", "vm-INBOX", "vm-messages"]
    assert media("messages:2+0", language="ru") == [
        *("vm-youhave", "digits/2n", "vm-newx", "vm-messagex1")
    ]


@pytest.mark.parametrize(
    "name",
    [
        *("nothing", "message:zzzzzz", "number:", "number:-1", "number:x", "number:" + "9" * 60),
        *("messages:", "messages:1", "messages:1+", "messages:+1", "messages:1+1+1"),
    ],
)
def test_what_there_is_not_cannot_be_played(name: str) -> None:
    with pytest.raises(SoundUnplayable):
        media(name)


@pytest.fixture
async def hotline() -> AsyncIterator[Desk]:
    """A mailbox whose spoken greeting is four sounds of a second, and seven words."""
    async with open_desk(a_plan(elements={"5120": {"kind": "voicemail"}})) as opened:
        yield opened


async def test_a_key_stops_all_sounds_that_were_to_come(hotline: Desk) -> None:
    call = await hotline.call("5120")
    hotline.later(2.5, call.press, "#")  # "the person at extension", "5", in the middle of "1"
    hotline.later(2.7, call.hang_up)

    await call.end()

    asked = [
        request.query["media"] for request in hotline.fake.requests if "/play/" in request.path
    ]
    assert asked[:3] == ["sound:vm-theperson", "sound:digits/5", "sound:digits/1"]
    assert "sound:digits/2" not in asked
    assert asyncio.get_running_loop().time() < 1_010.0


async def test_a_russian_word_that_asterisk_lacks_gives_way_to_its_spare() -> None:
    plan = a_plan(
        tenant=a_tenant(language="ru"),
        elements={"5120": {"kind": "voicemail"}, "5900": {"kind": "mailbox", "box": "5120"}},
    )
    async with open_desk(plan) as desk:
        boxes = Pigeonholes(desk.ari)
        boxes.messages_in["5120"] = [a_kept_message()]
        boxes.pins["5120"] = "2468"
        desk.room = replace(desk.room, messages=boxes, mailboxes=boxes)
        desk.fake.sounds["sound:vm-newn"] = None
        call = await desk.call("5900")
        desk.later(0.1, call.press, "2468#")
        await call.end()

        played = [str(one.query.get("media")) for one in desk.fake.requests if "/play/" in one.path]

    start = played.index("sound:vm-youhave")
    assert played[start + 1 : start + 5] == [
        *("sound:digits/1n", "sound:vm-newn", "sound:vm-INBOX", "sound:vm-message")
    ]
