"""What is played for the sounds that elements name."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest

from stasis_apps.call import SoundName, SoundUnplayable
from stasis_apps.live_call.sounds import planned_sounds
from stasis_apps.plan import PlannedSound
from tests.support.builders import a_plan, a_tenant
from tests.unit.stasis_apps.live.desk import Desk, open_desk

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


@pytest.mark.parametrize(
    "name", ["nothing", "message:zzzzzz", "number:", "number:-1", "number:x", "number:" + "9" * 60]
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
