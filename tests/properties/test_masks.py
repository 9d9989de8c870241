"""Masks, whatever their text and whatever number they are held against."""

from __future__ import annotations

import itertools
import re
import sys
from collections.abc import Callable, Iterable, Iterator
from types import FrameType

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stasis_apps.decisions.masks import (
    LONGEST_MASK,
    AnyDigits,
    Captured,
    Mask,
    MaskFault,
    OneOf,
    Part,
    Symbol,
    compile_mask,
    is_ban,
    rewrite,
)

ANY_FORMAT = "{p7|7|8|}(dddddddddd)"
TO_THE_CITY = "{p7|7|8|}(495ddddddd)"

DIGITS = st.sampled_from("0123456789")
SYMBOLS = st.one_of(st.builds(Symbol, DIGITS | st.just("d"), st.booleans()), st.just(Symbol("p")))
PLAIN = st.one_of(SYMBOLS, st.just(AnyDigits()))
PLAIN_PARTS = st.lists(PLAIN, max_size=4).map(tuple)


def one_of(values: st.SearchStrategy[tuple[Part, ...]]) -> st.SearchStrategy[OneOf]:
    return st.lists(values, min_size=2, max_size=4).map(lambda found: OneOf(tuple(found)))


def captured(inside: st.SearchStrategy[Part]) -> st.SearchStrategy[Captured]:
    return st.lists(inside, min_size=1, max_size=4).map(lambda found: Captured(tuple(found)))


@st.composite
def masks(draw: st.DrawFn) -> Mask:
    """Any mask that the language can say."""
    part = PLAIN | one_of(PLAIN_PARTS)
    before, after = (draw(st.lists(part, max_size=3)) for _ in range(2))
    with_brackets = captured(part) | st.builds(
        lambda inside, others: OneOf(((inside,), *others)),
        captured(PLAIN),
        st.lists(PLAIN_PARTS, min_size=1, max_size=3),
    )
    middle = draw(st.lists(with_brackets, min_size=0 if before or after else 1, max_size=1))
    return Mask((*before, *middle, *after))


NUMBERS = st.text(alphabet="+0123456789", max_size=14)
ANY_TEXT = st.text(alphabet="0178dp+?(){|}$ x٣", max_size=16) | st.text(max_size=10)


def as_regular_expression(parts: tuple[Part, ...]) -> str:
    """The mask in the words of the table in the requirements."""
    written = []
    for part in parts:
        match part:
            case Symbol(letter, is_optional):
                one = {"d": "[0-9]", "p": r"\+"}.get(letter, letter)
                written.append(one + "?" * is_optional)
            case AnyDigits():
                written.append("[0-9]*")
            case Captured(inside):
                written.append(f"({as_regular_expression(inside)})")
            case OneOf(values):
                written.append(f"(?:{'|'.join(map(as_regular_expression, values))})")
    return "".join(written)


def expected(mask: Mask, number: str) -> str | None:
    """What the regular expression captures; with the second try without the plus."""
    pattern = re.compile(as_regular_expression(mask.parts))
    found = pattern.fullmatch(number)
    if found is None and number.startswith("+") and "p" not in str(mask):
        found = pattern.fullmatch(number[1:])
    if found is None:
        return None
    return (found.group(1) or "") if pattern.groups else ""


@pytest.mark.parametrize(
    ("mask", "output", "dialled", "sent"),
    [
        ("+", "0000", "89991234567", "0000"),
        ("+", "0000", "", "0000"),
        ("+", "0000", "+79991234567", "0000"),
        (ANY_FORMAT, "8$", "+79991234567", "89991234567"),
        (ANY_FORMAT, "8$", "79991234567", "89991234567"),
        (ANY_FORMAT, "8$", "89991234567", "89991234567"),
        (ANY_FORMAT, "8$", "9991234567", "89991234567"),
        (ANY_FORMAT, "8$", "999123456", None),
        (ANY_FORMAT, "8$", "779991234567", None),
        (ANY_FORMAT, "8$", "+9991234567", None),
        (ANY_FORMAT, "+7$", "89991234567", "+79991234567"),
        ("(+)", "$", "89991234567", "89991234567"),
        ("(+)", "$", "+79991234567", "79991234567"),
        ("(+)", "$", "", None),
        ("0(+)", "$", "089991234567", "89991234567"),
        ("0(+)", "$", "0", None),
        ("0(+)", "9$", "0", None),
        (TO_THE_CITY, "8$", "+74951234567", "84951234567"),
        (TO_THE_CITY, "8$", "74951234567", "84951234567"),
        (TO_THE_CITY, "8$", "84951234567", "84951234567"),
        (TO_THE_CITY, "8$", "4951234567", "84951234567"),
        (TO_THE_CITY, "8$", "84991234567", None),
        ("849555510+", "$", "84955551012", None),
        ("(849555510+)", "$", "84955551012", "84955551012"),
        ("(ddd)", "8495$", "12٣", None),
        ("(ddd)", "8495$", "123\n", None),
        ("+", "", "123", None),
    ],
)
def test_the_worked_examples(mask: str, output: str, dialled: str, sent: str | None) -> None:
    found = compile_mask(mask).match(dialled)

    assert (None if found is None else rewrite(output, found)) == sent


@pytest.mark.parametrize(
    ("mask", "position", "words"),
    [
        ("", 1, "empty"),
        ("7x9", 2, "'x' is no symbol"),
        ("7 9", 2, "' ' is no symbol"),
        ("8$", 2, "'$' is no symbol"),
        ("D", 1, "'D' is no symbol"),
        ("1٣", 2, "is no symbol"),
        ("1\n", 2, "is no symbol"),
        ("?7", 1, "behind a digit or d"),
        ("d??", 3, "behind a digit or d"),
        ("p?", 2, "behind a digit or d"),
        ("+?", 2, "behind a digit or d"),
        ("(7)?", 4, "behind a digit or d"),
        ("{7|8}?", 6, "behind a digit or d"),
        ("{7}", 1, "two values"),
        ("5{}", 2, "two values"),
        ("7|8", 2, "only inside"),
        ("(7|8)", 3, "only inside"),
        ("7)", 2, "closes nothing"),
        ("7}", 2, "closes nothing"),
        ("(7}", 3, "closes nothing"),
        ("(7", 1, "not closed"),
        ("7{8|9", 2, "not closed"),
        ("()", 1, "nothing inside"),
        ("(7)(8)", 4, "only one part"),
        ("((7))", 2, "only one part"),
        ("{(7)|(8)}", 6, "only one part"),
        ("{7|{8|9}}", 4, "no array inside"),
        ("{(7{8|9})|}", 4, "too deep"),
        ("({7|(8)})", 5, "too deep"),
        ("1" * (LONGEST_MASK + 1), LONGEST_MASK + 1, "at most"),
    ],
)
def test_a_bad_symbol_is_named_with_its_place(mask: str, position: int, words: str) -> None:
    with pytest.raises(MaskFault) as refused:
        compile_mask(mask)

    assert refused.value.position == position
    assert words in refused.value.rule


@pytest.mark.parametrize("mask", ["{7|}", "{|}", "({7|8})+", "{(7)|8}", "{(7d)|}9?", "p"])
def test_what_the_language_allows_is_taken(mask: str) -> None:
    assert str(compile_mask(mask)) == mask


@given(masks())
def test_what_was_printed_compiles_to_the_same_mask(mask: Mask) -> None:
    assert compile_mask(str(mask)) == mask


@given(ANY_TEXT)
def test_any_text_is_a_mask_that_prints_itself_or_has_a_fault_at_a_place(text: str) -> None:
    try:
        printed, position = str(compile_mask(text)), None
    except MaskFault as fault:
        printed, position = "", fault.position

    assert printed == text if position is None else 1 <= position <= len(text) + 1


@given(masks(), NUMBERS)
def test_a_mask_fits_and_captures_as_the_regular_expression_does(mask: Mask, number: str) -> None:
    assert mask.match(number) == expected(mask, number)
    assert mask.matches(number) is (expected(mask, number) is not None)


@given(masks(), st.text(max_size=20))
def test_no_text_in_the_place_of_a_number_does_any_harm(mask: Mask, number: str) -> None:
    assert mask.match(number) == expected(mask, number)


def written_out(parts: tuple[Part, ...], longest: int) -> Iterator[str]:
    """Every number of at most so many characters that a mask over 1 and 2 stands for."""
    if not parts:
        yield ""
        return
    for head in written_out_part(parts[0], longest):
        for tail in written_out(parts[1:], longest - len(head)):
            if len(head + tail) <= longest:
                yield head + tail


def written_out_part(part: Part, longest: int) -> Iterable[str]:
    match part:
        case Symbol(letter, is_optional):
            letters = "12" if letter == "d" else letter.replace("p", "+")
            return [*letters, ""] if is_optional else [*letters]
        case AnyDigits():
            lengths = range(longest + 1)
            return ("".join(one) for n in lengths for one in itertools.product("12", repeat=n))
        case Captured(inside):
            return written_out(inside, longest)
        case OneOf(values):
            return (number for value in values for number in written_out(value, longest))


SMALL_PARTS: list[Part] = [
    *map(Symbol, "12dp"),
    Symbol("1", is_optional=True),
    Symbol("d", is_optional=True),
    AnyDigits(),
    Captured((AnyDigits(), Symbol("1"))),
    OneOf(((Symbol("p"),), (Symbol("1"), Symbol("2")), ())),
]
SMALL = st.lists(st.sampled_from(SMALL_PARTS), min_size=1, max_size=4).map(
    lambda parts: Mask(tuple(parts))
)


@given(SMALL)
def test_a_mask_fits_exactly_the_numbers_it_stands_for(mask: Mask) -> None:
    fitting = set(written_out(mask.parts, longest=4))
    says_plus = "p" in str(mask)

    for length in range(5):
        for letters in itertools.product("12+", repeat=length):
            number = "".join(letters)
            without_plus = number.removeprefix("+") if not says_plus else number
            assert mask.matches(number) is (number in fitting or without_plus in fitting), number


def steps_taken(work: Callable[[], object]) -> int:
    """How often something was called while the work was done."""
    count = 0

    def counted(_frame: FrameType, _event: str, _argument: object) -> None:
        nonlocal count
        count += 1

    before = sys.getprofile()
    sys.setprofile(counted)
    try:
        work()
    finally:
        sys.setprofile(before)
    return count


@pytest.mark.parametrize(
    "text",
    [
        "+" * 100 + "p",
        "d?" * 100 + "p",
        "{1|11|111|}" * 22,
        "1?1?1?+" * 30 + "2",
        "(" + "+1?" * 60 + ")0",
    ],
)
def test_a_number_of_twice_the_length_takes_twice_the_time(text: str) -> None:
    mask = compile_mask(text)
    mask.match("1")

    once = steps_taken(lambda: mask.match("1" * 200))
    twice = steps_taken(lambda: mask.match("1" * 400))

    assert once < 200 * 40 * len(text)
    assert twice < 2.2 * once


@given(st.text(max_size=8), st.text(alphabet="0123456789+", min_size=1, max_size=8))
def test_a_dollar_stands_for_what_was_captured_and_all_else_for_itself(
    output: str, found: str
) -> None:
    assert rewrite(output, found) == (output.replace("$", found) or None)


@given(st.text(max_size=8))
def test_where_nothing_was_captured_a_rule_with_a_dollar_does_not_fit(output: str) -> None:
    assert rewrite(output, "") == (None if "$" in output else output or None)


@pytest.mark.parametrize(
    ("output", "forbids"),
    [("0", True), ("0000", True), ("", False), ("8$", False), ("0$", False), ("00007", False)],
)
def test_zeros_alone_forbid_the_call(output: str, *, forbids: bool) -> None:
    assert is_ban(output) is forbids
