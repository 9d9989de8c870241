"""Mailboxes and lamps that elements name: they exist, and stay as long as they are named."""

from __future__ import annotations

import pytest

from models import provisioning
from models.errors import Fault, InUse, InvalidSettings
from models.seal import Seal
from tests.unit.models.builders import a_tenant
from tests.unit.models.catalogue import CATALOGUE


@pytest.fixture(autouse=True)
async def acme(database: str, seal: Seal) -> None:
    await a_tenant("acme")
    await a_tenant("other")
    for tenant, number in (("acme", "100"), ("other", "300")):
        await provisioning.create_extension(tenant=tenant, number=number, name="Alice", seal=seal)


async def an_element(number: str, kind: str, *, tenant: str = "acme", **settings: object) -> None:
    await provisioning.create_element(
        tenant=tenant, kind=kind, number=number, settings=settings, catalogue=CATALOGUE
    )


@pytest.mark.parametrize("box", ["5120", "101", "300", "5121", "5900"])
async def test_a_mailbox_that_is_not_there_cannot_be_opened(box: str) -> None:
    await an_element("5120", "voicemail", tenant="other")
    await an_element("5121", "hang_up")

    with pytest.raises(InvalidSettings) as refused:
        await an_element("5900", "mailbox", box=box)

    assert refused.value.faults == [
        Fault(
            path="box",
            value=box,
            rule="there is no such mailbox",
            sentence=f"5900: opens the mailbox {box}, which is neither a voicemail nor a user",
        )
    ]


@pytest.mark.parametrize("box", ["5120", "100"])
async def test_a_mailbox_that_somebody_opens_by_phone_stays(box: str) -> None:
    await an_element("5120", "voicemail")
    await an_element("5900", "mailbox", box=box)

    remove = provisioning.remove_extension if box == "100" else provisioning.remove_element
    with pytest.raises(InUse) as refused:
        await remove(tenant="acme", number=box, catalogue=CATALOGUE)

    assert refused.value.users == (f"5900: opens the mailbox {box}",)


async def test_every_lamp_that_belongs_to_nobody_is_named() -> None:
    await an_element("5121", "voicemail")

    with pytest.raises(InvalidSettings) as refused:
        await an_element("5120", "voicemail", lamps=["100", "101", "5121", "300"])

    assert [(fault.path, fault.value, fault.rule) for fault in refused.value.faults] == [
        ("lamps.1", "101", "there is no such user"),
        ("lamps.2", "5121", "there is no such user"),
        ("lamps.3", "300", "there is no such user"),
    ]
    assert refused.value.faults[0].sentence == "5120: lights the lamp of 101, which is no user"


async def test_a_person_whose_lamp_is_lit_stays_until_it_is_not() -> None:
    await an_element("5120", "voicemail", lamps=["100"])

    with pytest.raises(InUse) as refused:
        await provisioning.remove_extension(tenant="acme", number="100", catalogue=CATALOGUE)
    await provisioning.set_element(
        tenant="acme", number="5120", settings={"lamps": []}, catalogue=CATALOGUE
    )
    await provisioning.remove_extension(tenant="acme", number="100", catalogue=CATALOGUE)

    assert refused.value.users == ("5120: lights the lamp of 100",)
    assert await provisioning.list_extensions(tenant="acme") == []
