"""Outbound rules, whatever they are and whatever is dialled."""

from __future__ import annotations

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from stasis_apps.decisions.masks import compile_mask
from stasis_apps.decisions.outbound import Action, Mode, OutboundRule, choose_rule
from stasis_apps.decisions.schedule import Days, Hours, Schedule, Window
from stasis_apps.decisions.trunk_choice import ALWAYS_FINAL, is_final

MOSCOW = ZoneInfo("Europe/Moscow")
ALL_WEEK = Window(
    days=Days(weekdays=frozenset(range(7))), hours=Hours(start_min=0, end_min=24 * 60)
)
ALWAYS = Schedule(zone=MOSCOW, windows=(ALL_WEEK,))
NEVER = Schedule(zone=MOSCOW)

CALLERS = st.sampled_from(["", "100", "101", "5100"])
DIALLED = st.text(alphabet="0123789", max_size=8)
MOMENTS = st.integers(0, 365 * 24 * 60).map(
    lambda minute: datetime(2026, 1, 1, tzinfo=MOSCOW) + timedelta(minutes=minute)
)
RULES = st.builds(
    OutboundRule,
    name=st.sampled_from(["a", "b", "c"]),
    mask=st.sampled_from(["+", "(+)", "0(+)", "8(d+)", "{p7|7|8|}(dd)", "p+"]).map(compile_mask),
    output=st.sampled_from(["$", "8$", "0000", "+7$", "112", "+"]),
    action=st.sampled_from(Action),
    mode=st.sampled_from(Mode),
    users=st.frozensets(CALLERS.filter(bool), max_size=2),
    hours=st.sampled_from([None, ALWAYS, NEVER]),
)
LISTS = st.lists(RULES, max_size=5)
PLUS = st.sampled_from(["", "+"])


@given(LISTS, PLUS, DIALLED, CALLERS, MOMENTS)
def test_the_first_rule_that_would_fire_alone_decides(
    rules: list[OutboundRule], plus: str, dialled: str, acting: str, at: datetime
) -> None:
    number = plus + dialled

    choice = choose_rule(rules, number, acting=acting, at=at)

    alone = [choose_rule([rule], number, acting=acting, at=at) for rule in rules]
    fires = [one for one in alone if one.rule is not None]
    if fires:
        assert (choice.rule, choice.sends, choice.is_denied) == (
            fires[0].rule,
            fires[0].sends,
            fires[0].is_denied,
        )
        assert not choice.is_bad_number
    else:
        assert choice.rule is None
        assert choice.is_bad_number == any(one.is_bad_number for one in alone)
    before = alone.index(fires[0]) if fires else len(rules)
    assert [passed.rule for passed in choice.passed] == [rule.name for rule in rules[:before]]
    assert all(passed.why for passed in choice.passed)


@given(LISTS, PLUS, DIALLED, CALLERS, MOMENTS)
def test_nothing_that_is_forbidden_or_empty_is_ever_sent(
    rules: list[OutboundRule], plus: str, dialled: str, acting: str, at: datetime
) -> None:
    choice = choose_rule(rules, plus + dialled, acting=acting, at=at)

    if choice.is_denied or choice.is_bad_number:
        assert choice.sends == ""
    elif choice.rule is None:
        assert choice.sends == plus + dialled
    else:
        assert choice.rule.action is Action.SEND
        assert choice.sends.strip("+")


@given(DIALLED, CALLERS, MOMENTS)
def test_nobody_gets_past_a_ban_by_dialling_a_plus(dialled: str, acting: str, at: datetime) -> None:
    ban = OutboundRule(name="ban", mask=compile_mask("+"), output="0000")

    assert choose_rule([ban], dialled, acting=acting, at=at).is_denied
    assert choose_rule([ban], f"+{dialled}", acting=acting, at=at).is_denied


@given(LISTS, DIALLED, MOMENTS)
def test_a_call_of_nobody_takes_no_rule_for_certain_people_only(
    rules: list[OutboundRule], dialled: str, at: datetime
) -> None:
    choice = choose_rule(rules, dialled, acting="", at=at)

    assert choice.rule is None or choice.rule.mode is Mode.EXCEPT


STATUSES = st.none() | st.integers(400, 699)


@given(STATUSES, st.frozensets(st.integers(400, 699), max_size=5))
def test_nobody_is_rung_twice(status: int | None, final_codes: frozenset[int]) -> None:
    assert is_final(status, has_rung=True, final_codes=final_codes)
    for declined in ALWAYS_FINAL:
        assert is_final(declined, has_rung=False, final_codes=final_codes)


@given(STATUSES, st.frozensets(st.integers(400, 699), min_size=1, max_size=5))
def test_the_codes_of_a_trunk_replace_the_usual_ones(
    status: int | None, final_codes: frozenset[int]
) -> None:
    ends = is_final(status, has_rung=False, final_codes=final_codes)

    assert ends == (status in final_codes | ALWAYS_FINAL)
