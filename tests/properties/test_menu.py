"""Greetings, whatever their keys and whatever callers press."""

from __future__ import annotations

from hypothesis import assume, given
from hypothesis import strategies as st

from stasis_apps.decisions.menu import (
    END_OF_ENTRY,
    AskAgain,
    Attempts,
    Choose,
    GiveUp,
    MenuRules,
    Problem,
    may_dial,
)

KEYS = st.text(alphabet="0123456789*#", min_size=1, max_size=8)
OPTIONS = st.frozensets(KEYS, max_size=12)
PRESSED = st.text(alphabet="0123456789*#", max_size=10)
LIMITS = st.integers(min_value=1, max_value=10)
NUMBERS = st.from_regex(r"[1-9][0-9]{2,3}", fullmatch=True)
PATTERNS = st.from_regex(r"[0-9]{1,6}\+?", fullmatch=True)


def rules(options: frozenset[str], *, no_input: int = 3, invalid: int = 3) -> MenuRules:
    return MenuRules(options=options, max_no_input=no_input, max_invalid=invalid)


def typed(menu: MenuRules, keys: str) -> str:
    """What a caller has entered who presses these keys while the greeting listens."""
    pressed = ""
    for key in keys:
        if not menu.wants_more(pressed):
            break
        pressed += key
    return pressed


@given(OPTIONS)
def test_every_option_can_be_dialled(options: frozenset[str]) -> None:
    menu = rules(options)

    for option in options:
        assert menu.decide(typed(menu, option), Attempts()) == Choose(option)


@given(OPTIONS, PRESSED)
def test_no_caller_waits_for_a_key_that_cannot_help(options: frozenset[str], pressed: str) -> None:
    assume(rules(options).wants_more(pressed))

    assert any(option.startswith(pressed) and option != pressed for option in options)


@given(OPTIONS, PRESSED)
def test_no_caller_is_cut_off_whom_a_further_key_could_help(
    options: frozenset[str], pressed: str
) -> None:
    assume(not rules(options).wants_more(pressed))

    assert not any(option.startswith(pressed) and option != pressed for option in options)


@given(OPTIONS, PRESSED)
def test_what_is_chosen_is_an_option_that_was_pressed(
    options: frozenset[str], pressed: str
) -> None:
    match rules(options).decide(pressed, Attempts()):
        case Choose(option):
            assert option in options
            assert pressed in (option, option + END_OF_ENTRY)
        case AskAgain(problem) | GiveUp(problem):
            assert pressed not in options
            assert problem is (Problem.INVALID if pressed else Problem.NO_INPUT)


@given(OPTIONS, LIMITS, LIMITS, st.lists(PRESSED, min_size=20, max_size=20))
def test_attempts_are_bounded_and_silence_and_wrong_keys_are_counted_apart(
    options: frozenset[str], no_input: int, invalid: int, presses: list[str]
) -> None:
    menu = rules(options, no_input=no_input, invalid=invalid)
    so_far, silent, wrong = Attempts(), 0, 0
    for pressed in presses:
        decided = menu.decide(pressed, so_far)
        if isinstance(decided, Choose):
            return
        silent, wrong = silent + (not pressed), wrong + bool(pressed)
        if isinstance(decided, GiveUp):
            limit = no_input if decided.problem is Problem.NO_INPUT else invalid
            count = silent if decided.problem is Problem.NO_INPUT else wrong
            assert count == limit
            return
        assert silent < no_input
        assert wrong < invalid
        so_far = so_far.after(decided.problem)
    raise AssertionError("asked more often than both limits allow together")


@given(NUMBERS, st.lists(PATTERNS, max_size=4), st.lists(PATTERNS, max_size=4))
def test_a_denied_extension_is_never_dialled_and_an_unlisted_one_neither(
    number: str, allow: list[str], deny: list[str]
) -> None:
    def fits(pattern: str) -> bool:
        return number == pattern or (pattern[-1] == "+" and number.startswith(pattern[:-1]))

    expected = (not allow or any(map(fits, allow))) and not any(map(fits, deny))

    assert may_dial(number, allow=tuple(allow), deny=tuple(deny)) is expected
