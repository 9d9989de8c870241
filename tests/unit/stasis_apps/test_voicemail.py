"""What callers experience who reach a mailbox."""

from __future__ import annotations

from typing import Any

import pytest

from stasis_apps.call import CallEnded
from stasis_apps.call_mailboxes import MailboxRefused, MessageLimits
from stasis_apps.elements.voicemail import Voicemail
from stasis_apps.leaving_messages import Reception, leave_message
from stasis_apps.testing import HangsUpAt, ScriptedCall, Verb
from stasis_apps.testing.mailboxes import LeftInBox, ScriptedMailboxes

SPOKEN = ["asterisk:vm-theperson", "digits:5120", "asterisk:vm-isunavail", "asterisk:vm-intro"]
SAVED = "asterisk:vm-msgsaved"


def a_voicemail(**settings: Any) -> Voicemail:  # whatever a test wants to set
    return Voicemail(**settings)


def a_call(**script: Any) -> ScriptedCall:  # the same
    return ScriptedCall(number="5120", **script)


async def test_a_caller_leaves_a_message_and_hears_that_it_is_safe() -> None:
    boxes = ScriptedMailboxes(says_s=[12.0])
    call = a_call(mailboxes=boxes)

    assert await a_voicemail().run(call) == "saved"
    assert call.heard == [*SPOKEN, SAVED]
    assert boxes.left == [LeftInBox(box="5120", duration_s=12.0)]
    assert call.is_answered


async def test_a_caller_hears_the_owners_own_greeting() -> None:
    call = a_call()

    await a_voicemail(greeting="we-are-out").run(call)

    assert call.heard == ["we-are-out", "asterisk:vm-intro", SAVED]


async def test_a_caller_is_not_told_what_they_know_when_the_owner_wants_it_so() -> None:
    call = a_call()

    await a_voicemail(greeting="we-are-out", instructions=False).run(call)

    assert call.heard == ["we-are-out", SAVED]


@pytest.mark.parametrize("key", ["#", "5", "0", "*"])
async def test_any_key_brings_the_beep_at_once(key: str) -> None:
    boxes = ScriptedMailboxes()
    call = a_call(presses=[key], mailboxes=boxes)

    assert await a_voicemail().run(call) == "saved"
    assert len(boxes.left) == 1
    assert call.asked[0].barge_in


async def test_a_caller_reaches_the_operator_by_0() -> None:
    boxes = ScriptedMailboxes()
    call = a_call(presses=["0"], mailboxes=boxes)

    assert await a_voicemail(operator="100").run(call) == "operator"
    assert boxes.left == []


async def test_the_owner_leaves_for_their_menu_by_the_star_key() -> None:
    assert await a_voicemail(owner="5900").run(a_call(presses=["*"])) == "owner"


async def test_a_caller_who_says_nothing_hears_so_and_leaves_by_too_short() -> None:
    boxes = ScriptedMailboxes(says_s=[0.4])
    call = a_call(mailboxes=boxes)

    assert await a_voicemail().run(call) == "too_short"
    assert call.heard[-1] == "asterisk:vm-tooshort"
    assert boxes.left == []


async def test_a_caller_is_told_when_the_mailbox_is_full() -> None:
    full = MailboxRefused("the mailbox is full", is_full=True)
    call = a_call(mailboxes=ScriptedMailboxes(refusal=full))

    assert await a_voicemail().run(call) == "full"
    assert call.heard[-1] == "asterisk:vm-mailboxfull"


async def test_a_full_disk_is_no_full_mailbox() -> None:
    full = MailboxRefused("the message cannot be written to disk")
    call = a_call(mailboxes=ScriptedMailboxes(refusal=full))

    assert await a_voicemail().run(call) == "failed"
    assert call.notes == ["no message was taken: the message cannot be written to disk"]


async def test_a_message_is_as_long_as_the_settings_let_it_be() -> None:
    boxes = ScriptedMailboxes(says_s=[500.0])

    await a_voicemail(shortest_s=2, longest_s=120, silence_s=3).run(a_call(mailboxes=boxes))

    assert boxes.limits == [MessageLimits(shortest_s=2, longest_s=120, silence_s=3)]
    assert boxes.left == [LeftInBox(box="5120", duration_s=120)]


async def test_a_caller_who_hangs_up_while_speaking_has_left_a_message() -> None:
    boxes = ScriptedMailboxes()
    call = a_call(mailboxes=boxes, hangs_up_at=HangsUpAt(Verb.RECORD))

    with pytest.raises(CallEnded):
        await a_voicemail().run(call)

    assert len(boxes.left) == 1


async def test_a_caller_who_hangs_up_during_the_greeting_has_left_none() -> None:
    boxes = ScriptedMailboxes()
    call = a_call(mailboxes=boxes, hangs_up_at=HangsUpAt(Verb.ASK))

    with pytest.raises(CallEnded):
        await a_voicemail().run(call)

    assert boxes.left == []


async def test_a_caller_who_comes_because_somebody_talks_is_told_so() -> None:
    call = a_call()

    assert await leave_message(call, "100", Reception(), is_busy=True) == "saved"
    assert call.heard[:3] == ["asterisk:vm-theperson", "digits:100", "asterisk:vm-isonphone"]


@pytest.mark.parametrize(
    ("settings", "is_busy", "heard"),
    [
        ({"greeting": "out", "busy_greeting": "talking"}, True, "talking"),
        ({"greeting": "out", "busy_greeting": "talking"}, False, "out"),
        ({"greeting": "out"}, True, "out"),
        ({"busy_greeting": "talking"}, False, "asterisk:vm-theperson"),
    ],
)
async def test_a_person_has_a_greeting_for_each_reason(
    settings: dict[str, object], is_busy: bool, heard: str
) -> None:
    call = a_call()

    await leave_message(call, "100", Reception.of(settings), is_busy=is_busy)

    assert call.heard[0] == heard


def test_the_settings_of_a_persons_mailbox_say_how_long_a_message_is() -> None:
    reception = Reception.of({"longest_s": 60, "emails": ["a@acme.test"], "instructions": False})

    assert reception.limits == MessageLimits(longest_s=60)
    assert not reception.instructions


def test_every_way_out_leads_where_it_is_set() -> None:
    voicemail = a_voicemail(saved="5000", too_short="5001", full="5002", owner="5900")

    assert voicemail.exits() == {
        "saved": "5000",
        "too_short": "5001",
        "full": "5002",
        "operator": "",
        "owner": "5900",
        "failed": "",
    }
