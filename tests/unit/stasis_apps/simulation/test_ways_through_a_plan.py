"""Where imagined calls come to: greetings, groups, people, clocks, mailboxes."""

from __future__ import annotations

from stasis_apps.decisions.ending import EndedBy, Reason
from stasis_apps.simulation import Became
from tests.unit.stasis_apps.simulation.imagining import (
    MOBILE,
    SUNDAY,
    answers,
    does,
    exits,
    imagine,
    path,
    told,
)


async def test_somebody_presses_one_and_talks_with_boris() -> None:
    end = await imagine(keys=["1"], doing={"101": answers(5.0, talks_s=20.0)})

    assert path(end) == ["5300", "5000", "101"]
    assert exits(end) == ["match", "1", ""]
    assert (end.end.by, end.end.reason, end.answered_by) == (EndedBy.CALLEE, Reason.NORMAL, "101")
    assert end.rang == ("101",)
    assert end.heard == ("welcome", "ringback")
    assert 27.5 <= end.lasted_s < 27.6, "another key might have come: there is 12, too"


async def test_on_sunday_the_caller_speaks_to_the_mailbox() -> None:
    end = await imagine(at=SUNDAY)

    assert path(end) == ["5300", "5120"]
    assert exits(end) == ["no_match", "saved"]
    assert end.end.reason is Reason.MESSAGE_LEFT
    assert end.voicemail == "5120"
    assert end.heard[-2:] == ("asterisk:beep", "asterisk:vm-msgsaved")


async def test_who_presses_nothing_twice_is_led_on() -> None:
    end = await imagine()

    assert path(end) == ["5300", "5000", "5120"]
    assert exits(end)[1] == "no_input"
    assert end.heard[:2] == ("welcome", "welcome")


async def test_who_is_silent_first_and_wrong_then_may_press_again() -> None:
    end = await imagine(keys=["", "9", "2"], otherwise=does(Became.BUSY))

    assert path(end)[:3] == ["5300", "5000", "5100"]
    assert end.heard[:2] == ("welcome", "welcome")


async def test_keys_that_were_typed_ahead_answer_the_next_question() -> None:
    end = await imagine(keys=["31"], doing={"101": answers()})

    assert path(end) == ["5300", "5000", "5500", "5000", "101"]
    assert end.heard == ("welcome", "news", "ringback"), "no second welcome"


async def test_each_question_takes_the_keys_that_were_meant_for_it() -> None:
    end = await imagine(keys=["3", "12"])

    assert path(end) == ["5300", "5000", "5500", "5000", "5120"]


async def test_a_group_rings_all_and_the_mobile_takes_the_call_by_a_key() -> None:
    end = await imagine(keys=["2"], doing={MOBILE: answers(4.0)})

    assert end.rang == ("101", "102", MOBILE)
    assert end.answered_by == MOBILE
    assert "asked to press 1" in told(end)
    assert end.sent_outside == (MOBILE, "moscow")


async def test_the_voicemail_of_a_mobile_does_not_swallow_the_call_of_a_group() -> None:
    end = await imagine(keys=["2"], doing={MOBILE: answers(4.0, confirms=False)})

    assert exits(end) == ["match", "2", "no_answer", "saved"]
    assert end.answered_by == ""


async def test_an_outside_number_may_be_written_in_any_way() -> None:
    end = await imagine(keys=["2"], doing={"8 (916) 123-45-67": answers(4.0)})

    assert end.answered_by == MOBILE


async def test_a_device_goes_before_its_extension() -> None:
    doing = {"101": does(Became.BUSY), "101-kitchen": answers()}

    end = await imagine("101", "100", doing=doing)

    assert end.answered_by == "101"
    answered = next(line for line in end.journal if line.what == "answered")
    assert answered.facts["device"] == "101-kitchen@acme.test"


async def test_who_declines_on_one_phone_is_left_in_peace_on_the_other() -> None:
    doing = {"101": answers(10.0), "101-kitchen": does(Became.DECLINES, 2.0)}

    end = await imagine("101", "100", doing=doing)

    assert exits(end) == ["declined"]
    assert end.end.reason is Reason.DECLINED
    assert end.lasted_s < 3.0


async def test_a_rule_rings_the_mobile_when_the_desk_phone_was_not_picked_up() -> None:
    end = await imagine("103", "100", doing={MOBILE: answers(3.0)})

    assert end.rang == ("103", MOBILE)
    assert end.answered_by == MOBILE
    assert f"personal rule no_answer of 103: {MOBILE}" in told(end)
    rang = [line for line in end.journal if line.what == "rang"]
    assert 8.0 <= (rang[1].at - rang[0].at).total_seconds() < 8.5


async def test_two_who_send_everybody_to_each_other_are_found_out() -> None:
    end = await imagine("105", "100")

    assert end.end.reason is Reason.LOOP


async def test_who_does_not_want_to_be_disturbed_is_busy_without_ringing() -> None:
    end = await imagine("107", "100")

    assert path(end) == ["107", "5120"]
    assert exits(end)[0] == "busy"
    assert end.rang == ()


async def test_the_own_mailbox_of_a_user_takes_the_message_at_the_end() -> None:
    end = await imagine("104", "100")

    assert path(end) == ["104"]
    assert end.voicemail == "104"
    assert end.end.reason is Reason.MESSAGE_LEFT


async def test_a_user_without_phones_is_not_registered() -> None:
    end = await imagine("108", "100", otherwise=answers())

    assert end.end.reason is Reason.UNREGISTERED


async def test_a_number_rule_looks_at_who_calls() -> None:
    known = await imagine("5400", MOBILE, trunk="moscow", doing={"101": answers()})
    assert known.end.reason is Reason.NO_SUCH_NUMBER, "nobody outside dials internal numbers"

    from_inside = await imagine("5400", "100")
    assert path(from_inside) == ["5400", "5200"]


async def test_a_prompt_that_the_tenant_does_not_have_leads_to_the_exit_for_faults() -> None:
    end = await imagine("5800", "100", doing={"101": answers()})

    assert path(end) == ["5800", "101"]
    assert exits(end)[0] == "failed"
    assert "there is no sound missing" in told(end)


async def test_a_talk_of_an_hour_takes_its_hour_by_the_clock_alone() -> None:
    end = await imagine("101", "100", doing={"101": answers(talks_s=3600.0)})

    assert end.lasted_s >= 3600.0
    assert (end.journal[-1].at - end.journal[0].at).total_seconds() == end.lasted_s
