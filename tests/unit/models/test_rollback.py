"""A tenant led back to a revision: with its passwords, its PINs and its sounds."""

from pathlib import Path

import pytest

from models import provisioning
from models.errors import InvalidSettings
from models.pins import is_pin
from models.provisioning.revisions import document_at, history
from models.provisioning.rollback import file_of_revision, secrets_back
from models.provisioning.whole import Applied, put_tenant
from models.seal import Seal
from models.sound_files import SoundFolder
from models.tables import MailboxPin, OutboundRule
from pbx_cli.element_kinds import kind_schemas
from tests.unit.models.builders import a_tenant
from tests.unit.models.life import (
    ACME,
    ANOTHER_PIN,
    CATALOGUE,
    PIN,
    Step,
    a_sound,
    beginning,
    end,
    middle,
)

STRIDE = 11
"""Every eleventh moment of a life is gone back to."""


@pytest.fixture
def files(tmp_path: Path) -> SoundFolder:
    return SoundFolder(tmp_path / "sounds")


@pytest.fixture
async def grown_up(database: str, seal: Seal, files: SoundFolder) -> int:
    """The revision at which acme has all that a tenant can have."""
    for step in [*beginning(seal), *middle(files)]:
        await step.make()
    return await newest()


async def newest() -> int:
    return (await provisioning.get_tenant(name=ACME)).revision


async def lead_back(revision: int, seal: Seal, files: SoundFolder) -> Applied:
    file = await file_of_revision(
        tenant=ACME, revision=revision, seal=seal, kinds=kind_schemas(), sounds=files
    )
    return await put_tenant(file=file, seal=seal, catalogue=CATALOGUE, sounds=files)


async def make_all(steps: list[Step]) -> None:
    for step in steps:
        await step.make()


async def password_of(phone: str, seal: Seal) -> str:
    return (await provisioning.device_setup(tenant=ACME, name=phone, seal=seal)).password


async def test_everything_that_was_removed_comes_back_with_its_secrets_and_goes_again(
    grown_up: int, seal: Seal, files: SoundFolder
) -> None:
    phones = {name: await password_of(name, seal) for name in ("100", "100-kitchen", "101")}
    trunk = seal.open(await provisioning.sealed_trunk_password(tenant=ACME, name="moscow"))
    await make_all(end(files))
    poor = await newest()

    applied = await lead_back(grown_up, seal, files)

    wanted = await document_at(tenant=ACME, revision=grown_up)
    assert await document_at(tenant=ACME, revision=applied.tenant.revision) == wanted
    assert {name: await password_of(name, seal) for name in phones} == phones
    assert not applied.passwords
    assert seal.open(await provisioning.sealed_trunk_password(tenant=ACME, name="moscow")) == trunk
    assert await is_pin((await OutboundRule.get(name="home")).pin_hash, PIN)
    assert await is_pin((await MailboxPin.get(number="5120")).hash, ANOTHER_PIN)
    assert await is_pin((await MailboxPin.get(number="5301")).hash, PIN)
    for extension, content in a_sound().files.items():
        assert files.path(ACME, "hello").with_suffix(f".{extension}").read_bytes() == content

    await lead_back(poor, seal, files)

    assert await document_at(tenant=ACME, revision=await newest()) == await document_at(
        tenant=ACME, revision=poor
    )


async def test_every_moment_of_a_life_can_be_gone_back_to(
    grown_up: int, seal: Seal, files: SoundFolder
) -> None:
    await make_all(end(files))
    moments = [one.revision for one in await history(tenant=ACME)]
    for revision in moments[::STRIDE]:
        applied = await lead_back(revision, seal, files)
        now = await document_at(tenant=ACME, revision=applied.tenant.revision)
        assert now == await document_at(tenant=ACME, revision=revision)


@pytest.fixture
async def small(database: str, seal: Seal, files: SoundFolder) -> int:
    """The revision at which acme has one person with a mailbox, and a prompt."""
    await a_tenant(ACME)
    await provisioning.create_extension(
        tenant=ACME,
        number="100",
        name="Anna",
        seal=seal,
        settings={"voicemail": True},
        catalogue=CATALOGUE,
    )
    await provisioning.set_pin(tenant=ACME, box="100", pin=PIN)
    await provisioning.put_sound(tenant=ACME, name="hello", sound=a_sound(), files=files)
    return await newest()


async def test_who_is_there_keeps_the_secrets_of_today(
    small: int, seal: Seal, files: SoundFolder
) -> None:
    await provisioning.set_device(tenant=ACME, name="100", seal=seal, password="a-new-password-1")
    await provisioning.set_pin(tenant=ACME, box="100", pin=ANOTHER_PIN)

    applied = await lead_back(small, seal, files)

    assert not applied.patch
    assert not applied.notes
    assert await password_of("100", seal) == "a-new-password-1"
    assert await is_pin((await MailboxPin.get(number="100")).hash, ANOTHER_PIN)


async def test_the_passwords_and_pins_that_come_back_are_named_and_no_others(
    small: int, seal: Seal
) -> None:
    await provisioning.create_extension(tenant=ACME, number="101", name="Boris", seal=seal)
    both = await newest()
    assert await secrets_back(tenant=ACME, revision=both) == []
    for number in ("100", "101"):
        await provisioning.remove_extension(tenant=ACME, number=number, catalogue=CATALOGUE)

    anna = ["the password of device 100", "the PIN of 100"]
    assert await secrets_back(tenant=ACME, revision=small) == anna
    assert await secrets_back(tenant=ACME, revision=both) == [
        "the password of device 100",
        "the password of device 101",
        "the PIN of 100",
    ]


async def test_who_came_again_keeps_the_password_of_then_and_not_the_first(
    small: int, seal: Seal, files: SoundFolder
) -> None:
    await provisioning.remove_extension(tenant=ACME, number="100", catalogue=CATALOGUE)
    await provisioning.create_extension(tenant=ACME, number="100", name="Olga", seal=seal)
    again = await password_of("100", seal)

    await lead_back(small, seal, files)

    assert (await provisioning.get_extension(tenant=ACME, number="100")).name == "Anna"
    assert await password_of("100", seal) == again
    assert await is_pin((await MailboxPin.get(number="100")).hash, PIN)


async def test_a_sound_that_was_replaced_is_heard_again(
    small: int, seal: Seal, files: SoundFolder
) -> None:
    await provisioning.put_sound(tenant=ACME, name="hello", sound=a_sound("b", 2.5), files=files)

    applied = await lead_back(small, seal, files)

    assert set(applied.patch) == {"sounds"}
    assert files.path(ACME, "hello").with_suffix(".wav").read_bytes() == b"a"
    assert (await provisioning.get_sound(tenant=ACME, name="hello")).duration_s == 1.5


async def test_without_its_audio_nothing_is_led_back(
    small: int, seal: Seal, files: SoundFolder, tmp_path: Path
) -> None:
    await provisioning.put_sound(tenant=ACME, name="hello", sound=a_sound("b"), files=files)
    for kept in (tmp_path / "sounds" / ACME / ".kept").glob(f"{a_sound().sha256}.*"):
        kept.unlink()
    before = await newest()

    with pytest.raises(InvalidSettings, match=r"sounds\.hello .* kept no more"):
        await lead_back(small, seal, files)

    assert await newest() == before
