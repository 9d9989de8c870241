"""A call's journal in the words that an administrator reads."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from models.call_log import JournalLine, RecordedCall
from pbx_cli.story import opening, sentence_of, tell, whereabouts
from stasis_apps.call_webhooks import LEFT_FIRST
from stasis_apps.decisions.ending import EndedBy, Reason
from stasis_apps.decisions.hangup_cause import LegOutcome
from stasis_apps.journal import Fact, What

BEGAN_AT = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)

A_CALL = RecordedCall(
    id="pbx-1.1",
    tenant="acme",
    channel_id="pbx-1.1",
    revision=7,
    how="trunk",
    caller_number="79161234567",
    caller_name="",
    caller_device=None,
    dialled="74951234567",
    started_at=BEGAN_AT,
    answered_at=None,
    answered_by=None,
    ended_at=None,
    ended_by=None,
    reason=None,
    comment=None,
    talk_s=None,
)

MOBILE = {"device": "+79161112233", "trunk": "moscow"}


def step(what: What, reason: str = "", way_out: str | None = None, **facts: Fact) -> JournalLine:
    return JournalLine(
        tenant_id=1,
        call_id="pbx-1.1",
        seq=1,
        at=BEGAN_AT + timedelta(seconds=1),
        what=what,
        element="100",
        exit=way_out,
        reason=reason,
        facts=facts,
    )


def told(*journal: JournalLine) -> Sequence[str]:
    return [sentence.text for sentence in tell(A_CALL, journal)]


@pytest.mark.parametrize(
    ("facts", "words"),
    [
        ({"way_in": "phone", "device": "100"}, "The call came in, dialling 5000"),
        ({"way_in": "trunk", "trunk": "moscow"}, "The call came in by trunk moscow, dialling 5000"),
        ({"way_in": "direct_sip"}, "The call came in by SIP from a stranger, dialling 5000"),
    ],
)
def test_the_story_begins_with_the_way_in(facts: dict[str, str], words: str) -> None:
    came = replace(step(What.STARTED), facts={"dialled": "5000", **facts})

    assert told(came) == [words]


def test_where_a_call_is_now_names_no_files() -> None:
    entered = replace(step(What.ENTERED), element="5000", facts={"kind": "greeting"})
    playing = replace(step(What.PLAYING), facts={"media": "sound:x/y", "playback": "pbx-1.1-p"})

    assert whereabouts([entered, playing]) == "5000 (greeting): The caller hears a prompt"


def test_the_heading_says_who_called_from_where() -> None:
    hidden = replace(A_CALL, caller_number="")
    stranger = replace(A_CALL, how="direct_sip", caller_number="anyone", dialled="info")

    plan = "on revision 7 of the plan."
    assert opening(A_CALL) == f"79161234567 from outside dialled 74951234567, {plan}"
    assert opening(hidden) == (
        f"Somebody who hides their number from outside dialled 74951234567, {plan}"
    )
    assert opening(stranger) == f"anyone, a stranger by SIP, dialled info, {plan}"
    assert opening(replace(A_CALL, dialled="")).startswith(
        "79161234567 from outside dialled nothing"
    )


def test_a_call_that_a_rule_forwards_says_so_where_it_arrives() -> None:
    assert told(
        step(What.LEFT, "100 hands the call over", target="101"),
        step(What.ENTERED, kind="user"),
        step(What.ENTERED, kind="play", how="forward"),
    ) == [
        "It left 100 (100 hands the call over) towards 101",
        "It reached 100 (user)",
        "It reached 100 (play) by somebody's personal rule",
    ]


@pytest.mark.parametrize(
    ("facts", "words"),
    [
        ({"purpose": "dialled", "acting": "100"}, ", dialled by 100"),
        ({"purpose": "forwarded", "acting": "101"}, ", forwarded by 101"),
        ({"purpose": "led", "acting": "5000"}, ", led by 5000"),
        ({"purpose": "led", "acting": ""}, ""),
    ],
)
def test_an_outside_number_is_told_with_whoever_acts(facts: dict[str, str], words: str) -> None:
    (line,) = told(step(What.ENTERED, kind="outside", **facts))

    assert line == f"It reached 100 (outside){words}"


def test_an_outside_number_is_told_with_its_trunk_and_the_carriers_answer() -> None:
    assert told(
        step(What.NOTED, "personal rule no_answer of 100: +79161112233"),
        step(What.RANG, **MOBILE),
        step(What.LEG_ENDED, LegOutcome.CARRIER_FAILED, sip="503", **MOBILE),
    ) == [
        "Note: personal rule no_answer of 100: +79161112233",
        "It rang at +79161112233 by trunk moscow",
        "+79161112233 by trunk moscow was not reached: the carrier did not take the call "
        "(SIP 503: the other end is overloaded or out of service)",
    ]


def test_a_carrier_that_gives_no_credit_is_told_in_words() -> None:
    (line,) = told(step(What.LEG_ENDED, LegOutcome.CARRIER_FAILED, sip="402", **MOBILE))

    assert line.endswith("(SIP 402: no credit at the carrier)")


def test_a_phone_that_refuses_is_told_with_its_own_answer() -> None:
    (line,) = told(step(What.LEG_ENDED, LegOutcome.DECLINED, device="101@acme.test", sip="603"))

    assert line == "101@acme.test refused the call (SIP 603: declined)"


def later(line: JournalLine, seconds: float) -> JournalLine:
    return replace(line, at=line.at + timedelta(seconds=seconds))


def test_stays_and_ringing_are_told_with_how_long_they_took() -> None:
    phone = {"device": "101@acme.test"}
    story = tell(
        A_CALL,
        [
            step(What.ENTERED, kind="user"),
            step(What.RANG, **phone),
            later(step(What.LEG_ENDED, LegOutcome.NO_ANSWER, **phone), 20),
            later(step(What.LEFT, way_out="no_answer", target="5120"), 20.25),
            later(step(What.ENTERED, kind="voicemail"), 20.25),
        ],
    )

    assert [one.text for one in story][2:4] == [
        "101@acme.test was not picked up, after 20.0 s of ringing",
        "It left 100 by no_answer towards 5120, after 20.2 s",
    ]
    assert [one.lasted_s for one in story] == [None, None, 20.0, 20.25, None]


def test_a_name_that_phones_show_is_told() -> None:
    shown = step(What.NOTED, "the caller is shown with another name", shown_as="Sales: Alice")

    assert told(shown) == ['From here on phones show the caller as "Sales: Alice"']


def test_the_mask_of_an_outbound_rule_is_told() -> None:
    rule = step(What.NOTED, "rule home: 8916 through moscow", number="8916", mask="8d+")

    assert told(rule) == ["Note: rule home: 8916 through moscow (for 8916, by the mask 8d+)"]


@pytest.mark.parametrize(
    ("before", "by", "cause", "words"),
    [
        ([], "callee", 17, " (the caller's phone was told SIP 486: busy)"),
        ([What.PICKED_UP], "callee", 17, ""),
        ([What.ANSWERED], "platform", 38, ""),
        ([], "caller", 16, ""),
        ([], "plan", 16, ""),
    ],
)
def test_the_end_tells_what_a_phone_was_refused_with(
    before: list[What], by: str, cause: int, words: str
) -> None:
    told_before = [step(what, device="101@acme.test") for what in before]
    last = told(*told_before, step(What.ENDED, Reason.BUSY, by=by, cause=cause))[-1]

    assert last.partition("subscriber busy")[2] == words


def test_the_trunk_is_told_by_which_somebody_outside_answered() -> None:
    (line,) = told(step(What.ANSWERED, by="+79161112233", **MOBILE))

    assert line == "Answered by +79161112233 by trunk moscow"


@pytest.mark.parametrize("outcome", LegOutcome)
def test_every_way_of_not_being_reached_has_words(outcome: LegOutcome) -> None:
    (words,) = told(step(What.LEG_ENDED, outcome, device="100@acme.test"))

    assert words.startswith("100@acme.test ")
    assert "_" not in words
    assert len(words.split()) >= 3


def test_a_phone_that_was_stopped_says_why() -> None:
    stopped = step(What.LEG_ENDED, "answered elsewhere", device="101@acme.test")

    assert told(stopped) == ["101@acme.test did not get the call: answered elsewhere"]


def test_who_presses_the_key_takes_the_call() -> None:
    assert told(
        step(What.NOTED, "asked to press 1", **MOBILE),
        step(What.ANSWERED, device="+79161112233", by="+79161112233"),
    ) == [
        "+79161112233 by trunk moscow picked up and was asked to press 1",
        "+79161112233 pressed 1 and took the call",
    ]


@pytest.mark.parametrize(
    ("outcome", "words"),
    [
        (LegOutcome.NO_ANSWER, "+79161112233 did not press 1"),
        (LegOutcome.DECLINED, "+79161112233 pressed 2 and refused the call"),
        ("caller gone", "+79161112233 by trunk moscow did not get the call: caller gone"),
    ],
)
def test_who_does_not_press_it_does_not(outcome: str, words: str) -> None:
    _, ended = told(
        step(What.NOTED, "asked to press 1", **MOBILE), step(What.LEG_ENDED, outcome, **MOBILE)
    )

    assert ended == words


def test_who_was_not_asked_is_not_said_to_have_pressed_anything() -> None:
    _, other, again = told(
        step(What.NOTED, "asked to press 1", **MOBILE),
        step(What.ANSWERED, device="101@acme.test", by="101"),
        step(What.LEG_ENDED, LegOutcome.NO_ANSWER, device="102@acme.test"),
    )

    assert other == "Answered by 101@acme.test"
    assert again == "102@acme.test was not picked up"


def test_why_an_outside_number_was_not_even_dialled_names_it() -> None:
    refused = step(What.NOTED, "trunk moscow has no free channel", number="+79161112233")

    assert told(refused) == ["Note: trunk moscow has no free channel (for +79161112233)"]


def test_voicemail_is_told_from_the_greeting_to_the_message() -> None:
    assert told(
        step(What.ASKED, sound="greeting asterisk:vm-intro", keys_pressed=0),
        step(What.PLAYING, media="sound:beep", playback="p1"),
        step(What.RECORDING, box="5120", message="1f2e", recording="r1"),
        step(What.MESSAGE_KEPT, box="5120", message="1f2e", duration_s=4.25),
        step(What.PLAYED, sound="asterisk:vm-msgsaved"),
        step(What.ENDED, Reason.MESSAGE_LEFT, by=EndedBy.CALLER),
    ) == [
        "greeting, asterisk:vm-intro were played and no key came",
        "The beep sounded, and the caller speaks to mailbox 5120",
        "A message of 4.2 s is in mailbox 5120: 1f2e",
        "The caller heard asterisk:vm-msgsaved",
        "The caller hung up: a message was left",
    ]


def test_a_message_that_was_dropped_says_why() -> None:
    short = step(What.MESSAGE_DROPPED, "too short", box="5120", duration_s=0.4)
    broken = step(What.MESSAGE_DROPPED, "the recording cannot be read", box="5120")

    assert told(short, broken) == [
        "No message was left in mailbox 5120: too short, 0.4 s",
        "No message was left in mailbox 5120: the recording cannot be read",
    ]


def test_a_message_that_waits_for_the_disk_says_so() -> None:
    why = "the message cannot be written to disk; the recording is kept and tried again"

    assert told(step(What.MESSAGE_WAITS, why, box="5120", message="1f2e")) == [
        f"A message for mailbox 5120 is not there yet: {why}"
    ]


def test_keys_may_be_awaited_in_silence() -> None:
    assert told(step(What.ASKED, sound="", keys_pressed=2)) == ["Keys were awaited and 2 keys came"]


@pytest.mark.parametrize("reason", Reason)
def test_the_end_is_told_by_its_comment(reason: Reason) -> None:
    words = sentence_of(step(What.ENDED, reason, by=EndedBy.PLAN))

    assert words.startswith("The number plan ended it: ")
    assert "_" not in words


def test_an_end_that_a_newer_version_wrote_is_shown_as_it_is() -> None:
    assert sentence_of(step(What.ENDED, "no_money", by="bank")) == "It ended: no money"


@pytest.mark.parametrize("what", [what for what in What if what is not What.PLAYING])
def test_every_kind_of_step_has_words_of_its_own(what: What) -> None:
    words = sentence_of(step(what, "normal", "busy", device="100@acme.test", box="100"))

    assert not words.startswith(what.value)


@pytest.mark.parametrize(
    ("reason", "words"),
    [
        (Reason.NORMAL, "The caller hung up while the exchange was away: ended normally"),
        (Reason.LOST, "The caller hung up: ended while the exchange was away"),
    ],
)
def test_an_end_that_nobody_saw_is_told_as_such_once(reason: Reason, words: str) -> None:
    assert told(step(What.ENDED, reason, by=EndedBy.CALLER, unseen=True)) == [words]


@pytest.mark.parametrize(
    ("reason", "facts", "words"),
    [
        (
            "",
            {"status": 200, "set_name": "Vera", "transfer": "101"},
            'crm.test answered 200 after 0.25 s: call them "Vera" and lead them to 101',
        ),
        ("", {"status": 200, "transfer": "101"}, "crm.test answered 200 after 0.25 s: lead"),
        ("", {"status": 204}, "crm.test answered 204 after 0.25 s: nothing"),
        (LEFT_FIRST, {}, "crm.test was asked; the caller did not wait for it"),
        ("it cannot be reached", {}, "crm.test gave no usable answer after 0.25 s: it cannot"),
    ],
)
def test_what_a_server_said_is_told_with_how_long_it_took(
    reason: str, facts: dict[str, Fact], words: str
) -> None:
    line = replace(step(What.REQUESTED, reason), facts={"took_s": 0.25, **facts})
    [sentence] = told(replace(line, facts={"server": "crm.test", **line.facts}))

    assert sentence.startswith(words)
