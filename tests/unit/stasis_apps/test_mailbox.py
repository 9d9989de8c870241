"""What owners experience who listen to their mailbox by phone."""

from __future__ import annotations

from typing import Any

import pytest

from stasis_apps.call import CallEnded, Caller, CallFacts, GoTo, Person, Target, WayIn
from stasis_apps.call_mailboxes import MailboxRefused
from stasis_apps.decisions.ending import Reason
from stasis_apps.elements.mailbox import GOODBYE, NO_MORE, OPTIONS, WRONG, Mailbox
from stasis_apps.testing import ScriptedCall, a_call_from_outside
from stasis_apps.testing.mailboxes import ScriptedMailboxes, a_message

BOX = "100"


def a_mailbox(**settings: Any) -> Mailbox:  # whatever a test wants to set
    """Whoever has finished goes on to 5000."""
    return Mailbox(**{"done": "5000", **settings})


def boxes_of_alice(*ids: str, **more: Any) -> ScriptedMailboxes:  # the same
    """Alice's own mailbox, with these new messages."""
    messages = {BOX: [a_message(id_) for id_ in ids]}
    return ScriptedMailboxes(messages, owners={BOX: [BOX]}, pins={BOX: "4711"}, **more)


async def visit(
    boxes: ScriptedMailboxes, *presses: str, mailbox: Mailbox | None = None, **script: Any
) -> tuple[object, ScriptedCall]:
    """Alice dials her mailbox; how she leaves it, and what she has heard."""
    call = ScriptedCall(presses=presses, mailboxes=boxes, **script)
    return await (mailbox or a_mailbox()).run(call), call


def messages_heard(call: ScriptedCall) -> list[str]:
    return [sound for sound in call.heard if sound.startswith("message:")]


async def test_the_owner_is_let_in_at_their_own_phone_without_a_pin() -> None:
    left_by, call = await visit(boxes_of_alice("m1"))

    assert left_by == "done"
    assert messages_heard(call) == ["message:m1"]
    assert "asterisk:vm-password" not in call.heard


async def test_the_owner_hears_how_many_messages_there_are() -> None:
    boxes = ScriptedMailboxes(
        {BOX: [a_message("a"), a_message("b"), a_message("c", is_heard=True)]},
        owners={BOX: [BOX]},
    )

    _, call = await visit(boxes, "#")

    assert call.heard[0] == "messages:2+1"


async def test_an_empty_mailbox_is_told_to_be_empty() -> None:
    left_by, call = await visit(boxes_of_alice())

    assert left_by == "done"
    assert call.heard == ["messages:0+0", NO_MORE, GOODBYE]


async def test_a_message_that_was_heard_to_its_end_is_new_no_more() -> None:
    boxes = boxes_of_alice("m1", "m2")

    _, call = await visit(boxes, "", "6", "", "9")

    assert boxes.heard(BOX) == ["m1", "m2"]
    assert messages_heard(call) == ["message:m1", "message:m2"]


async def test_a_message_that_was_skipped_stays_new() -> None:
    boxes = boxes_of_alice("m1", "m2")

    await visit(boxes, "6", "", "#")

    assert boxes.heard(BOX) == ["m2"]


@pytest.mark.parametrize(("key", "is_new"), [("*", True), ("1", True), ("9", False), ("5", False)])
async def test_a_message_that_was_broken_off_stays_new_unless_a_key_takes_note_of_it(
    key: str, is_new: bool
) -> None:
    boxes = boxes_of_alice("m1")

    await visit(boxes, key, "#")

    assert boxes.heard(BOX) == ([] if is_new else ["m1"])


async def test_a_message_that_is_saved_after_the_options_is_new_no_more() -> None:
    boxes = boxes_of_alice("m1")

    await visit(boxes, "*", "9")

    assert boxes.heard(BOX) == ["m1"]


async def test_nothing_is_deleted_but_by_the_key_for_it() -> None:
    boxes = boxes_of_alice("m1", "m2", "m3")

    _, call = await visit(boxes, "", "6", "7", "", "4")

    assert boxes.deleted == ["m2"]
    assert "asterisk:vm-deleted" in call.heard


async def test_the_owner_hears_a_message_again() -> None:
    _, call = await visit(boxes_of_alice("m1"), "", "5", "", "#")

    assert messages_heard(call) == ["message:m1", "message:m1"]


async def test_the_owner_calls_back_whoever_left_the_message() -> None:
    left_by, _ = await visit(boxes_of_alice("m1"), "", "2")

    assert left_by == GoTo(Target("+79161234567"), reason="called back from a mailbox")


async def test_the_owner_calls_back_a_colleague() -> None:
    boxes = ScriptedMailboxes({BOX: [a_message("m1", caller_number="101")]}, owners={BOX: [BOX]})

    left_by, _ = await visit(boxes, "", "2", people=[Person(number="101", name="Boris")])

    assert left_by == GoTo(Target("101"), reason="called back from a mailbox")


@pytest.mark.parametrize("number", ["", "anonymous", "7" * 60, "101", "12345", "112"])
async def test_somebody_without_a_number_cannot_be_called_back(number: str) -> None:
    boxes = ScriptedMailboxes({BOX: [a_message("m1", caller_number=number)]}, owners={BOX: [BOX]})

    left_by, call = await visit(boxes, "", "2", "#")

    assert left_by == "done"
    assert "asterisk:unidentified-no-callback" in call.heard


async def test_a_message_begins_with_its_callers_number() -> None:
    _, call = await visit(boxes_of_alice("m1"), "#")

    said = call.heard.index("asterisk:vm-from-phonenumber")
    assert call.heard[said + 1 : said + 3] == ["digits:79161234567", "message:m1"]


async def test_a_message_begins_at_once_when_the_owner_wants_it_so() -> None:
    _, call = await visit(boxes_of_alice("m1"), "#", mailbox=a_mailbox(envelope=False))

    assert "digits:79161234567" not in call.heard


async def test_a_silent_owner_hears_the_options_three_times_and_is_let_go() -> None:
    left_by, call = await visit(boxes_of_alice("m1"))

    assert left_by == "done"
    assert call.heard.count(OPTIONS[0]) == 3
    assert messages_heard(call) == ["message:m1"]
    assert call.heard[-1] == GOODBYE


async def test_a_message_whose_sound_is_gone_does_not_keep_the_others_back() -> None:
    boxes = boxes_of_alice("m1", "m2")

    _, call = await visit(boxes, "", "#", unplayable=["message:m1"])

    assert messages_heard(call) == ["message:m2"]
    assert boxes.heard(BOX) == ["m2"]


async def test_a_colleagues_mailbox_opens_with_its_pin() -> None:
    boxes = ScriptedMailboxes({"101": [a_message("m1")]}, pins={"101": "2468"})

    left_by, call = await visit(boxes, "101#", "2468#")

    assert left_by == "done"
    assert messages_heard(call) == ["message:m1"]


async def test_after_three_wrong_pins_the_caller_is_refused() -> None:
    boxes = boxes_of_alice("m1")
    call_from_outside = a_call_from_outside()

    left_by, call = await visit(
        boxes, *["100#", "0000#"] * 3, "100#", "4711#", facts=call_from_outside
    )

    assert left_by == "refused"
    assert call.heard.count(WRONG) == 3
    assert boxes.tried == [BOX] * 3
    assert messages_heard(call) == []


async def test_a_mailbox_without_a_pin_opens_to_nobody_but_its_owner() -> None:
    boxes = ScriptedMailboxes({"101": [a_message("m1")]})

    left_by, _ = await visit(boxes, "101#", "#", "101#", "", "101#")

    assert left_by == "refused"
    assert boxes.tried == []


async def test_a_caller_from_outside_who_shows_the_owners_number_is_asked_for_the_pin() -> None:
    stranger = CallFacts(
        call_id="c",
        caller=Caller(number=BOX, name="Alice", device=""),
        dialled="74951234567",
        way_in=WayIn.TRUNK,
        trunk="moscow",
    )

    left_by, call = await visit(boxes_of_alice("m1"), "100#", "9999#", facts=stranger)

    assert left_by == "refused"
    assert messages_heard(call) == []


async def test_owners_are_asked_for_the_pin_at_their_own_phone_if_the_tenant_wants_it() -> None:
    left_by, call = await visit(
        boxes_of_alice("m1"), "4711#", "", "#", mailbox=a_mailbox(pin_for_own=True)
    )

    assert left_by == "done"
    assert "asterisk:vm-login" not in call.heard
    assert messages_heard(call) == ["message:m1"]


async def test_those_whose_lamp_a_shared_mailbox_lights_own_it() -> None:
    boxes = ScriptedMailboxes({"5120": [a_message("m1")]}, owners={"5120": ["100", "101"]})

    left_by, call = await visit(boxes, "#", mailbox=a_mailbox(box="5120"))

    assert left_by == "done"
    assert messages_heard(call) == ["message:m1"]


@pytest.mark.parametrize("pin_for_own", [False, True])
async def test_an_owner_who_enters_a_shared_mailbox_needs_no_pin(pin_for_own: bool) -> None:
    boxes = ScriptedMailboxes({"5120": [a_message("m1")]}, owners={"5120": ["100", "101"]})

    left_by, call = await visit(boxes, "5120#", "", "9", mailbox=a_mailbox(pin_for_own=pin_for_own))

    assert left_by == ("refused" if pin_for_own else "done")
    assert ("asterisk:vm-password" in call.heard) is pin_for_own


async def test_a_caller_from_outside_owns_no_shared_mailbox() -> None:
    boxes = ScriptedMailboxes({"5120": [a_message("m1")]}, owners={"5120": ["100"]})
    caller = Caller(number="100", name="Alice", device="")
    facts = CallFacts(call_id="c", caller=caller, dialled="5120", way_in=WayIn.TRUNK)

    left_by, call = await visit(boxes, "5120#", facts=facts)

    assert left_by == "refused"
    assert messages_heard(call) == []


async def test_the_story_tells_who_opened_the_mailbox_and_what_was_saved() -> None:
    _, owner = await visit(boxes_of_alice("m1"), "", "9")
    _, colleague = await visit(
        ScriptedMailboxes(pins={"101": "2468"}), "101#", "1357#", "101#", "#", "101#", "2468#"
    )

    assert owner.notes == ["mailbox 100 opened by its owner", "message m1 saved"]
    assert colleague.notes == ["wrong PIN", "no PIN was entered", "mailbox 101 opened by PIN"]


async def test_an_owner_is_not_left_waiting_when_the_database_is_away() -> None:
    boxes = boxes_of_alice("m1", refusal=MailboxRefused("the database is away"))

    left_by, call = await visit(boxes)

    assert left_by == "failed"
    assert call.notes[-1] == "the mailbox cannot be read: the database is away"


async def test_a_call_that_has_nowhere_to_go_on_ends_with_the_goodbye() -> None:
    call = ScriptedCall(mailboxes=boxes_of_alice())

    with pytest.raises(CallEnded) as ended:
        await Mailbox().run(call)

    assert ended.value.end.reason is Reason.HUNG_UP_BY_PLAN
    assert call.heard[-1] == GOODBYE


def test_every_way_out_leads_where_it_is_set() -> None:
    mailbox = a_mailbox(refused="5001", failed="5002")

    assert mailbox.exits() == {"done": "5000", "refused": "5001", "failed": "5002"}
