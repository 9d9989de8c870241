"""Mailboxes: what lies in them, what becomes of mails, and what opens them."""

import asyncio
from datetime import timedelta
from pathlib import Path

import pytest

from models import mail_outbox, pins, provisioning, voicemail
from models.delivery import DeliveryState, MailFormat
from models.errors import InvalidSettings, NotFound
from models.facts import TenantFacts
from models.mail_outbox import QueuedMail
from models.message_files import MessageFilesError, MessageFolder
from models.seal import Seal
from models.voicemail import BoxCounts
from tests.unit.models.builders import NOON, a_tenant, left
from tests.unit.models.catalogue import CATALOGUE

LEASE = timedelta(minutes=2)


@pytest.fixture
async def acme(database: str) -> TenantFacts:
    return await a_tenant("acme")


@pytest.fixture
def files(tmp_path: Path) -> MessageFolder:
    return MessageFolder(tmp_path / "voicemail")


async def sent(files: MessageFolder) -> list[str]:
    """Let everything that is due go out; to whom."""
    to = []
    for delivery_id in await mail_outbox.due(home=await files.home_id(), at=NOON, limit=100):
        mail = await mail_outbox.claim(delivery_id, at=NOON, lease=LEASE)
        assert mail is not None
        await mail_outbox.mark_sent(mail.id, at=NOON, status=250)
        to.append(mail.recipient)
    return to


async def alice_with_voicemail(seal: Seal) -> None:
    await provisioning.create_extension(
        tenant="acme",
        number="100",
        name="Alice",
        seal=seal,
        settings={"voicemail": True},
        catalogue=CATALOGUE,
    )


async def states(message_id: str) -> dict[str, str]:
    message = await voicemail.find_message(message_id=message_id)
    return {one.recipient: one.state for one in message.deliveries}


async def test_new_messages_come_first_and_each_part_from_old_to_new(
    acme: TenantFacts, files: MessageFolder
) -> None:
    ids = [await left(acme, files, minute=minute) for minute in (3, 1, 2, 0)]
    await left(acme, files, box="100")
    assert await voicemail.mark_heard(tenant_id=acme.id, message_id=ids[3], at=NOON)
    assert await voicemail.mark_heard(tenant_id=acme.id, message_id=ids[1], at=NOON)

    found = await voicemail.messages_in(tenant_id=acme.id, box="5120")

    assert [one.id for one in found] == [ids[2], ids[0], ids[3], ids[1]]
    assert await voicemail.counts(tenant_id=acme.id, box="5120") == BoxCounts(new=2, old=2)
    assert await voicemail.all_counts(tenant_id=acme.id) == {
        "5120": BoxCounts(new=2, old=2),
        "100": BoxCounts(new=1, old=0),
    }
    assert await voicemail.counts(tenant_id=acme.id, box="101") == BoxCounts()


async def test_a_message_is_heard_for_the_first_time_once(
    acme: TenantFacts, files: MessageFolder
) -> None:
    message_id = await left(acme, files)

    assert await voicemail.mark_heard(tenant_id=acme.id, message_id=message_id, at=NOON)
    later = NOON + timedelta(hours=1)
    assert not await voicemail.mark_heard(tenant_id=acme.id, message_id=message_id, at=later)

    message = await voicemail.get_message(tenant_id=acme.id, message_id=message_id)
    assert (message.is_heard, message.heard_at) == (True, NOON)


async def test_nobody_reaches_into_another_tenants_mailbox(
    acme: TenantFacts, files: MessageFolder
) -> None:
    other = await a_tenant("other")
    message_id = await left(acme, files)

    assert await voicemail.messages_in(tenant_id=other.id, box="5120") == []
    assert not await voicemail.mark_heard(tenant_id=other.id, message_id=message_id, at=NOON)
    assert not await voicemail.delete_message(
        tenant_id=other.id, message_id=message_id, files=files
    )
    for question in (
        voicemail.get_message(tenant_id=other.id, message_id=message_id),
        voicemail.find_message(message_id=message_id, tenant="other"),
    ):
        with pytest.raises(NotFound):
            await question
    assert await voicemail.counts(tenant_id=acme.id, box="5120") == BoxCounts(new=1)


async def test_a_deleted_message_is_gone_at_once_and_its_sound_with_it(
    acme: TenantFacts, files: MessageFolder
) -> None:
    message_id = await left(acme, files, "a@acme.test")
    await sent(files)
    assert await files.has(acme.id, message_id)

    assert await voicemail.delete_message(tenant_id=acme.id, message_id=message_id, files=files)

    assert await voicemail.messages_in(tenant_id=acme.id, box="5120") == []
    assert not await files.has(acme.id, message_id)
    assert await states(message_id) == {"a@acme.test": "sent"}
    assert not await voicemail.delete_message(tenant_id=acme.id, message_id=message_id, files=files)


async def test_a_message_deleted_by_phone_still_goes_out_by_mail(
    acme: TenantFacts, files: MessageFolder
) -> None:
    message_id = await left(acme, files, "a@acme.test")

    await voicemail.delete_message(tenant_id=acme.id, message_id=message_id, files=files)
    assert await files.has(acme.id, message_id)
    assert await sent(files) == ["a@acme.test"]

    assert await voicemail.clear_away(files) == 1
    assert not await files.has(acme.id, message_id)
    assert await voicemail.clear_away(files) == 0


async def test_a_message_that_is_kept_until_mailed_goes_with_its_last_mail(
    acme: TenantFacts, files: MessageFolder
) -> None:
    both = ("a@acme.test", "b@acme.test")
    message_id = await left(acme, files, *both, is_deleted_after_mail=True)
    first, second = await mail_outbox.due(home=await files.home_id(), at=NOON, limit=9)

    assert not await mail_outbox.mark_sent(first, at=NOON, status=250)
    assert await voicemail.counts(tenant_id=acme.id, box="5120") == BoxCounts(new=1)
    assert await mail_outbox.mark_sent(second, at=NOON, status=250)
    assert await voicemail.counts(tenant_id=acme.id, box="5120") == BoxCounts()
    assert await states(message_id) == dict.fromkeys(both, "sent")


async def test_a_message_stays_when_one_of_its_mails_comes_back(
    acme: TenantFacts, files: MessageFolder
) -> None:
    await left(acme, files, "a@acme.test", "b@acme.test", is_deleted_after_mail=True)
    first, second = await mail_outbox.due(home=await files.home_id(), at=NOON, limit=9)

    await mail_outbox.mark_bounced(first, at=NOON, status=550, error="550 no such mailbox")
    assert not await mail_outbox.mark_sent(second, at=NOON, status=250)

    assert await voicemail.counts(tenant_id=acme.id, box="5120") == BoxCounts(new=1)
    assert await mail_outbox.count_mails(state=DeliveryState.BOUNCED) == 1
    (dead,) = await voicemail.list_messages(tenant="acme", state="bounced")
    assert [one.last_error for one in dead.deliveries] == ["550 no such mailbox", ""]


async def test_one_recipient_gets_one_mail_however_often_they_are_named(
    acme: TenantFacts, files: MessageFolder
) -> None:
    message_id = await left(acme, files, "a@acme.test", "A@ACME.test", "a@acme.test")

    assert list(await states(message_id)) == ["a@acme.test"]


async def test_the_mails_of_one_home_are_sent_by_that_home(
    acme: TenantFacts, files: MessageFolder, tmp_path: Path
) -> None:
    await left(acme, files, "a@acme.test")
    elsewhere = MessageFolder(tmp_path / "other-home")

    assert await elsewhere.home_id() != await files.home_id()
    assert await mail_outbox.due(home=await elsewhere.home_id(), at=NOON, limit=9) == []
    assert await MessageFolder(files.folder).home_id() == await files.home_id()


async def test_what_was_sent_is_sent_anew_under_another_id_and_a_dead_letter_under_its_own(
    acme: TenantFacts, files: MessageFolder
) -> None:
    message_id = await left(acme, files, "a@acme.test", "b@acme.test")
    first, second = await mail_outbox.due(home=await files.home_id(), at=NOON, limit=9)
    await mail_outbox.mark_sent(first, at=NOON, status=250)
    await mail_outbox.mark_bounced(second, at=NOON, status=550, error="550 no")
    before = (await voicemail.find_message(message_id=message_id)).deliveries

    after = await mail_outbox.resend(
        tenant_id=acme.id, message_id=message_id, mail=None, new_mail_id="<x@acme.test>", at=NOON
    )

    assert [one.state for one in after] == ["queued", "queued"]
    assert after[0].mail_id != before[0].mail_id
    assert after[1].mail_id == before[1].mail_id
    assert sorted(await sent(files)) == ["a@acme.test", "b@acme.test"]


async def test_a_message_can_be_sent_to_somebody_new(
    acme: TenantFacts, files: MessageFolder
) -> None:
    message_id = await left(acme, files, "a@acme.test")
    await sent(files)

    def to(recipient: str) -> QueuedMail:
        return QueuedMail(recipient=recipient, mail_id="<n@acme.test>", format=MailFormat.MP3)

    async def resend(mail: QueuedMail | None, message: str = message_id) -> None:
        await mail_outbox.resend(
            tenant_id=acme.id, message_id=message, mail=mail, new_mail_id="<x@acme.test>", at=NOON
        )

    await resend(to("new@acme.test"))
    assert await sent(files) == ["new@acme.test"]
    with pytest.raises(InvalidSettings):
        await resend(to("nobody"))
    with pytest.raises(NotFound):
        await resend(None, "0" * 16)
    unmailed = await left(acme, files)
    with pytest.raises(NotFound, match="name a recipient"):
        await resend(None, unmailed)


async def test_a_message_for_a_tenant_that_is_gone_is_not_kept(
    acme: TenantFacts, files: MessageFolder
) -> None:
    message_id = await left(acme, files, "a@acme.test")
    await provisioning.remove_tenant(name="acme")

    with pytest.raises(NotFound):
        await voicemail.find_message(message_id=message_id)
    await files.remove_all(acme.id)
    assert not await files.has(acme.id, message_id)
    with pytest.raises(AssertionError):
        await left(acme, files)


@pytest.mark.parametrize("message_id", ["", "../../etc/passwd", "ABCDEF", "a/b", "a" * 33])
def test_no_message_leads_out_of_its_folder(files: MessageFolder, message_id: str) -> None:
    with pytest.raises(MessageFilesError, match="no id"):
        files.path(1, message_id)


async def test_a_full_disk_leaves_nothing_half_behind(tmp_path: Path) -> None:
    (tmp_path / "voicemail").write_text("in the way")
    files = MessageFolder(tmp_path / "voicemail")

    for work in (files.put(1, "abcdef", b"x"), files.home_id(), files.read(1, "abcdef")):
        with pytest.raises(MessageFilesError, match="voicemail"):
            await work


async def test_a_pin_opens_its_mailbox_and_no_other(acme: TenantFacts, seal: Seal) -> None:
    await alice_with_voicemail(seal)
    before = await provisioning.get_tenant(name="acme")
    assert not await provisioning.set_pin(tenant="acme", box="100", pin="47110826")

    async def opens(pin: str, box: str = "100") -> bool:
        return await voicemail.opens(tenant_id=acme.id, box=box, pin=pin, at=NOON)

    assert await opens("47110826")
    assert not await opens("47110827")
    assert not await opens("47110826", box="101")
    rows = await provisioning.read_plan_rows(acme.id)
    assert list(rows.pins) == ["100"]
    assert "47110826" not in rows.pins["100"]
    assert rows.tenant.revision > before.revision
    assert await provisioning.list_pins(tenant="acme") == ["100"]

    assert await provisioning.set_pin(tenant="acme", box="100", pin=None)
    assert not await opens("47110826")
    assert not await provisioning.set_pin(tenant="acme", box="100", pin=None)


async def test_who_guesses_a_pin_is_locked_out_for_a_while(acme: TenantFacts, seal: Seal) -> None:
    await alice_with_voicemail(seal)
    await provisioning.set_pin(tenant="acme", box="100", pin="4711")

    async def opens(pin: str, minute: int) -> bool:
        at = NOON + timedelta(minutes=minute)
        return await voicemail.opens(tenant_id=acme.id, box="100", pin=pin, at=at)

    for _ in range(voicemail.WRONG_PINS_ALLOWED):
        assert not await opens("9999", 0)
    assert not await opens("4711", 10)
    assert not await opens("4711", 24)
    assert await opens("4711", 39)
    assert await opens("4711", 39)


async def test_many_calls_at_once_get_no_more_guesses_than_one_after_the_other(
    acme: TenantFacts, seal: Seal, monkeypatch: pytest.MonkeyPatch
) -> None:
    await alice_with_voicemail(seal)
    await provisioning.set_pin(tenant="acme", box="100", pin="4711")
    looked_at: list[str] = []
    is_pin = pins.is_pin

    async def is_pin_after_all(hashed: str, pin: str) -> bool:
        looked_at.append(pin)
        return await is_pin(hashed, pin)

    monkeypatch.setattr(pins, "is_pin", is_pin_after_all)
    guesses = [str(guess) for guess in range(6000, 6000 + 3 * voicemail.WRONG_PINS_ALLOWED)]
    opened = await asyncio.gather(
        *(voicemail.opens(tenant_id=acme.id, box="100", pin=pin, at=NOON) for pin in guesses)
    )

    assert not any(opened)
    assert len(looked_at) == voicemail.WRONG_PINS_ALLOWED
    assert not await voicemail.opens(tenant_id=acme.id, box="100", pin="4711", at=NOON)


@pytest.mark.parametrize(
    "pin", ["", "123", "123456789", "1234", "4321", "0000", "1212", "7890", "12a4", "١٢٣٥"]
)
async def test_a_pin_that_anybody_would_try_is_refused(acme: TenantFacts, pin: str) -> None:
    with pytest.raises(InvalidSettings) as refused:
        await provisioning.set_pin(tenant="acme", box="100", pin=pin)

    assert not pin or pin not in str(refused.value)


async def test_a_pin_needs_somebody_behind_the_number(acme: TenantFacts) -> None:
    for box in ("100", "5120"):
        with pytest.raises(NotFound):
            await provisioning.set_pin(tenant="acme", box=box, pin="4711")


@pytest.mark.parametrize("pin", ["4711", None])
@pytest.mark.parametrize(
    ("box", "why"),
    [
        ("5000", "number '5000': is a greeting and no mailbox"),
        ("5301", "number '5301': is a set_switch and no mailbox"),
        ("101", "number '101': is a user without voicemail"),
    ],
)
async def test_only_a_mailbox_is_given_a_mailbox_pin_or_loses_one(
    acme: TenantFacts, seal: Seal, box: str, why: str, pin: str | None
) -> None:
    await provisioning.create_extension(tenant="acme", number="101", name="Boris", seal=seal)
    for number, kind in (("5000", "greeting"), ("5301", "set_switch"), ("5120", "voicemail")):
        await provisioning.create_element(
            tenant="acme", kind=kind, number=number, settings={}, catalogue=CATALOGUE
        )
    await provisioning.set_switch_pin(tenant="acme", number="5301", pin="2580")

    with pytest.raises(InvalidSettings) as refused:
        await provisioning.set_pin(tenant="acme", box=box, pin=pin)

    assert [str(fault) for fault in refused.value.faults] == [why]
    assert await provisioning.list_pins(tenant="acme") == ["5301"]
    assert not await provisioning.set_pin(tenant="acme", box="5120", pin="4711")
    assert await provisioning.set_pin(tenant="acme", box="5120", pin=None)


async def test_who_gets_a_number_anew_finds_nobody_elses_mailbox(
    acme: TenantFacts, files: MessageFolder, seal: Seal
) -> None:
    await alice_with_voicemail(seal)
    await provisioning.set_pin(tenant="acme", box="100", pin="4711")
    message_id = await left(acme, files, box="100")

    await provisioning.remove_extension(tenant="acme", number="100", catalogue=CATALOGUE)
    await provisioning.create_extension(tenant="acme", number="100", name="Boris", seal=seal)

    assert await voicemail.messages_in(tenant_id=acme.id, box="100") == []
    assert not await voicemail.opens(tenant_id=acme.id, box="100", pin="4711", at=NOON)
    await voicemail.clear_away(files)
    assert not await files.has(acme.id, message_id)
