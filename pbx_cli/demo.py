"""The demo tenant: two phones and what they can dial, so that a new machine has something to try.

Its greeting is put together from words that ship with Asterisk, as with scissors and tape.
"""

from __future__ import annotations

import io
import wave
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from models import provisioning
from models.errors import InvalidSettings, NotFound
from models.facts import DeviceSetup
from models.sound_import import import_sound
from pbx_cli.context import Desk
from pbx_cli.doctor.patient import TENANT as DOCTOR
from pbx_cli.machine import LOOPBACK, own_addresses
from stasis_apps.settings import Settings

TENANT: Final = "demo"
DOMAIN: Final = "demo.test"
COUNTRY: Final = "RU"
PEOPLE: Final = (("100", "Demo Alice"), ("101", "Demo Boris"))
AWAY: Final = ("102", "Demo Clara", {"rules": [{"when": "unregistered", "to": "101"}]})
"""Somebody without a phone, whose personal rule finds somebody else."""

GREETING_SOUND: Final = "demo-greeting"
SPARE_SOUND: Final = "asterisk:demo-congrats"

WORDS: Final = (
    *(
        "hello",
        "vm-press",
        "digits/1",
        "vm-for",
        "vm-extension",
        "digits/1",
        "digits/0",
        "digits/0",
    ),
    *("vm-press", "digits/2", "vm-for", "vm-extension", "digits/1", "digits/0", "digits/1"),
    *("vm-press", "digits/3", "to-listen-to-it"),
    *("vm-press", "digits/9", "vm-for", "vm-goodbye"),
)
"""Hello. Press 1 for extension 100, 2 for extension 101, 3 to listen to it, 9 for goodbye."""

NUMBERS: Final = (
    ("100", "rings the first phone"),
    ("101", "rings the second phone"),
    ("102", "has no phone; a personal rule hands the call over to 101"),
    ("5000", "a greeting: 1 and 2 ring the phones, 3 plays a message, 9 says goodbye"),
    ("5001", "plays a message"),
    ("5002", "says goodbye and hangs up"),
    ("5100", "a group: rings the other phone, then takes a message"),
    ("5120", "takes a message after the beep; # ends it"),
    ("5199", "plays the messages of 5120"),
    ("5300", "opening hours: the greeting 5000 while open, 5120 while closed"),
    ("5301", "closes the hours of 5300 by hand, or opens them again"),
)
"""What can be dialled, for the people who just arrived."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DemoCard:
    """What a person needs to try the demo tenant."""

    domain: str
    phones: tuple[DeviceSetup, ...]
    numbers: tuple[tuple[str, str], ...] = NUMBERS


async def is_first_use() -> bool:
    """Whether there has never been a tenant but the doctor's own; one that was removed counts."""
    there = await provisioning.list_tenants()
    ever = await provisioning.revisions_after(0)
    return len(ever) == len(there) and all(tenant.name == DOCTOR for tenant in there)


async def ensure_demo(desk: Desk, spoken: Path | None) -> None:
    """Make the demo tenant, or whatever is missing of it; harmless when all is there.

    Args:
        desk: Where the operator works.
        spoken: Asterisk's folder of spoken words; None when it runs elsewhere.
    """
    async with provisioning.changing():
        await provisioning.create_tenant(
            name=TENANT, domain=DOMAIN, country=COUNTRY, if_missing=True
        )
        for number, name in PEOPLE:
            await provisioning.create_extension(
                tenant=TENANT, number=number, name=name, seal=desk.seal, if_missing=True
            )
        await _make_who_is_away(desk)
        await _make_elements(desk, await _greeting_sound(desk, spoken))
    await keep_addresses(desk.settings)


async def keep_addresses(settings: Settings) -> None:
    """Let the demo tenant answer at this machine's addresses of today, unless others own them."""
    try:
        demo = await provisioning.get_tenant(name=TENANT)
    except NotFound:
        return
    if demo.domain != DOMAIN:
        return  # somebody made it their own
    others = [one for one in await provisioning.list_tenants() if one.name != TENANT]
    taken = {address for one in others for address in (one.domain, *one.domain_aliases)}
    outside = {settings.external_address, settings.asterisk_host} - {""}
    own = {LOOPBACK, "localhost", *own_addresses(), *outside, *demo.domain_aliases}
    await provisioning.set_tenant(name=TENANT, domain_aliases=own - taken)


async def demo_card(desk: Desk) -> DemoCard | None:
    """What to print about the demo tenant; None when it is not there (any more)."""
    try:
        phones = [
            await provisioning.device_setup(tenant=TENANT, name=number, seal=desk.seal)
            for number, _ in PEOPLE
        ]
    except NotFound:
        return None
    return DemoCard(domain=phones[0].domain, phones=tuple(phones))


async def _make_who_is_away(desk: Desk) -> None:
    number, name, settings = AWAY
    await provisioning.create_extension(
        tenant=TENANT,
        number=number,
        name=name,
        with_device=False,
        seal=desk.seal,
        settings=settings,
        catalogue=desk.catalogue,
        if_missing=True,
    )


async def _make_elements(desk: Desk, sound: str) -> None:
    goodbye, message, end, greeting = "5002", "5001", "5003", "5000"
    keys = {"1": "100", "2": "101", "3": message, "9": goodbye}
    await _make(desk, end, "hang_up")
    await _make(desk, goodbye, "play", sound="asterisk:vm-goodbye", next=end)
    await _make(desk, message, "play", sound="asterisk:demo-congrats", next=goodbye)
    await _make(
        desk, greeting, "greeting", sound=sound, keys=keys, no_input=goodbye, invalid=goodbye
    )
    await _make_mailbox(desk, [number for number, _ in PEOPLE], otherwise=goodbye)
    always = [{"days": "mon-sun", "from": "00:00", "to": "24:00"}]
    await _make(desk, "5300", "time_rule", windows=always, match=greeting, no_match="5120")
    with suppress(InvalidSettings):  # somebody has put something else at 5300
        await _make(desk, "5301", "set_switch", switch="5300", done=end)


async def _make_mailbox(desk: Desk, people: Sequence[str], *, otherwise: str) -> None:
    box = "5120"
    await _make(desk, box, "voicemail", lamps=list(people), too_short=otherwise, full=otherwise)
    with suppress(InvalidSettings):  # somebody has put something else at 5120
        await _make(desk, "5199", "mailbox", box=box)
    nobody = dict.fromkeys(("no_answer", "all_busy", "none_reachable"), box)
    await _make(desk, "5100", "group", members=list(people), ring_s=20, **nobody)


async def _make(desk: Desk, number: str, kind: str, **settings: object) -> None:
    await provisioning.create_element(
        tenant=TENANT,
        kind=kind,
        number=number,
        settings=settings,
        catalogue=desk.catalogue,
        if_missing=True,
    )


async def _greeting_sound(desk: Desk, spoken: Path | None) -> str:
    try:
        return (await provisioning.get_sound(tenant=TENANT, name=GREETING_SOUND)).name
    except NotFound:
        upload = said(spoken, WORDS) if spoken is not None else None
    if upload is None:
        return SPARE_SOUND
    stored = await provisioning.put_sound(
        tenant=TENANT, name=GREETING_SOUND, sound=import_sound(upload), files=desk.sounds
    )
    return stored.name


def said(spoken: Path, words: Sequence[str]) -> bytes | None:
    """Say words one after the other, as a WAV; None when a word is not there."""
    result = io.BytesIO()
    try:
        with wave.open(result, "wb") as sentence:
            for position, word in enumerate(words):
                with wave.open(str(spoken / f"{word}.wav"), "rb") as one:
                    if position == 0:
                        sentence.setparams(one.getparams())
                    sentence.writeframes(one.readframes(one.getnframes()))
    except (OSError, wave.Error, EOFError):
        return None
    return result.getvalue()
