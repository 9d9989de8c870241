"""No mask is said to be left nothing that is left a number, whatever the masks."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime

from hypothesis import event, given, settings
from hypothesis import strategies as st

from models.facts import OutboundRuleFacts
from stasis_apps.decisions.mask_cover import Taker, leaves_nothing
from stasis_apps.decisions.masks import (
    AnyDigits,
    Captured,
    Mask,
    OneOf,
    Part,
    Symbol,
    compile_mask,
)
from stasis_apps.decisions.outbound import Action, OutboundRule, choose_rule
from stasis_apps.rule_language import hiding

NOON = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)

DIGIT = st.builds(Symbol, st.sampled_from("12d"), st.booleans())
SYMBOLS = DIGIT | st.just(Symbol("p"))
PLAIN = SYMBOLS | st.just(AnyDigits())
SHORT = st.lists(SYMBOLS, max_size=2).map(tuple)
CHOICES = st.lists(SHORT, min_size=2, max_size=3).map(lambda values: OneOf(tuple(values)))
BRACKETS = st.lists(PLAIN | CHOICES, min_size=1, max_size=2).map(lambda one: Captured(tuple(one)))
SOMEWHERE = st.builds(lambda one, other: OneOf(((one,), other)), BRACKETS, SHORT)


@st.composite
def masks(draw: st.DrawFn) -> Mask:
    """Masks over few digits, so that they often have numbers in common."""
    before: list[Part] = draw(st.lists(PLAIN | CHOICES, max_size=2))
    middle: list[Part] = draw(st.lists(BRACKETS | SOMEWHERE, max_size=1))
    after: list[Part] = draw(st.lists(PLAIN, max_size=1 if before or middle else 2))
    parts = (*before, *middle, *after)
    return Mask(parts or (AnyDigits(),))


@st.composite
def rules(draw: st.DrawFn) -> OutboundRule:
    mask = draw(masks())
    outputs = ["$", "8$", "7"] if "(" in str(mask) else ["7", "0000"]
    action = draw(st.sampled_from(Action))
    output = draw(st.sampled_from(outputs))
    return OutboundRule(name="", mask=mask, output=output, action=action)


def numbers(longest: int) -> Iterator[str]:
    """Every number of a few digits, with and without a plus; 3 stands for all other digits."""
    for length in range(1, longest + 1):
        for digits in itertools.product("123", repeat=length):
            yield "".join(digits)
            yield "+" + "".join(digits)


def facts(rules: Sequence[OutboundRule]) -> list[OutboundRuleFacts]:
    return [
        OutboundRuleFacts(
            place=place,
            name=str(place),
            mask=str(rule.mask),
            output=rule.output,
            action=rule.action.value,
        )
        for place, rule in enumerate(rules, start=1)
    ]


@given(st.lists(rules(), min_size=1, max_size=3), rules())
@settings(max_examples=200)
def test_a_rule_that_is_said_never_to_fire_fires_for_no_number(
    before: list[OutboundRule], last: OutboundRule
) -> None:
    *earlier, later = facts([*before, last])
    hidden_by = hiding(later, earlier)
    event(f"never fires: {bool(hidden_by)}")
    if hidden_by:
        asked = [before[one.place - 1] for one in hidden_by] + [last]
        for number in numbers(4):
            choice = choose_rule(asked, number, acting="100", at=NOON)
            assert choice.rule is not last, number


FEW_DIGITS = st.lists(DIGIT, max_size=2).map(tuple)
SMALL = st.lists(
    DIGIT | st.lists(FEW_DIGITS, min_size=2, max_size=3).map(lambda one: OneOf(tuple(one))),
    min_size=1,
    max_size=2,
).map(lambda parts: Mask(tuple(parts)))
"""Masks for numbers of four digits at most, all of which can be tried."""


@given(st.lists(SMALL, min_size=1, max_size=3), SMALL)
def test_whether_a_number_is_left_is_found_exactly(before: list[Mask], last: Mask) -> None:
    left = any(
        last.matches(number) and not any(mask.matches(number) for mask in before)
        for number in numbers(4)
    )
    assert leaves_nothing([Taker(mask) for mask in before], Taker(last)) is not left


@given(masks())
def test_a_mask_leaves_nothing_to_itself(mask: Mask) -> None:
    assert leaves_nothing([Taker(mask)], Taker(mask))


@given(masks(), masks())
def test_one_more_rule_before_it_gives_nothing_back(one: Mask, other: Mask) -> None:
    if leaves_nothing([Taker(one)], Taker(other)):
        assert leaves_nothing([Taker(compile_mask("1")), Taker(one)], Taker(other))


def test_masks_as_people_write_them_are_told_apart() -> None:
    any_format, city = compile_mask("{p7|7|8|}(dddddddddd)"), compile_mask("{p7|7|8|}(495ddddddd)")
    assert leaves_nothing([Taker(any_format, needs_capture=True)], Taker(city))
    assert not leaves_nothing([Taker(city)], Taker(any_format))
    abroad = compile_mask("{p|00|810}({1|2|3|4|5|6|7|8|9}d+)")
    assert not leaves_nothing([Taker(any_format)], Taker(abroad))


def test_rules_that_leave_nothing_only_together_are_found() -> None:
    halves = [Taker(compile_mask(mask)) for mask in ("{1|2|3|4|5}d", "{6|7|8|9|0}d")]
    assert leaves_nothing(halves, Taker(compile_mask("dd")))
    assert not leaves_nothing(halves[:1], Taker(compile_mask("dd")))


def test_a_number_of_which_the_brackets_hold_nothing_is_left() -> None:
    bare = Taker(compile_mask("0(+)"), needs_capture=True)
    assert not leaves_nothing([bare], Taker(compile_mask("0+")))
    assert leaves_nothing([bare], bare)


def test_a_number_of_which_the_brackets_hold_a_plus_alone_is_left() -> None:
    plus = Taker(compile_mask("(p)+"), needs_capture=True)
    assert not leaves_nothing([plus], Taker(compile_mask("p1")))
    assert not leaves_nothing([Taker(compile_mask("(p)d"), needs_capture=True)], plus)


def test_the_longest_masks_are_decided_in_time_or_not_at_all() -> None:
    many = compile_mask("{" + "|".join(f"{one:03d}+" for one in range(40)) + "}")
    assert leaves_nothing([Taker(compile_mask("+"))], Taker(many))
    assert not leaves_nothing([Taker(many)], Taker(compile_mask("+")))
    optional = compile_mask("d?" * 100 + "+")
    assert not leaves_nothing([Taker(compile_mask("1+" * 40))], Taker(optional))
