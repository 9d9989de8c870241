"""What a phone means, whatever it sends."""

from __future__ import annotations

from dataclasses import dataclass

from hypothesis import given
from hypothesis import strategies as st

from stasis_apps.decisions.dialled import (
    HIDE_NUMBER,
    REDIAL,
    Dialled,
    Known,
    Meaning,
    bare_number,
    read_dialled,
)


@dataclass(frozen=True)
class ACode:
    """A code of the exchange."""

    name: str
    code: str
    takes_number: bool


CODES = (ACode(HIDE_NUMBER, "*67", True), ACode(REDIAL, "*66", False), ACode("odd", "*6", True))
OURS = frozenset({"100", "101", "info", "911"})
RESERVED = frozenset({"112"})
HELP = RESERVED | {"101", "103", "911"}
KNOWN = Known(
    codes=CODES,
    is_ours=OURS.__contains__,
    is_reserved=RESERVED.__contains__,
    is_emergency=HELP.__contains__,
)

DIGITS = st.text("0123456789", min_size=1, max_size=32)
NUMBERS = st.builds(str.__add__, st.sampled_from(["", "+"]), DIGITS)
MARKS = st.text(" -.()/\u00a0", max_size=3)
SENT = st.one_of(st.text(max_size=40), st.text("0123456789+*#-() ;x", max_size=12), NUMBERS)


@st.composite
def with_marks(draw: st.DrawFn) -> tuple[str, str]:
    """A number, and the same with marks to read it by."""
    number = draw(NUMBERS)
    return number, "".join(draw(MARKS) + digit for digit in number) + draw(MARKS)


def read(sent: str) -> Dialled:
    return read_dialled(sent, KNOWN)


@given(SENT)
def test_whatever_is_sent_has_a_meaning_and_only_digits_go_outside(sent: str) -> None:
    dialled = read(sent)

    if dialled.meaning is Meaning.OUTSIDE:
        digits = dialled.number.removeprefix("+")
        assert digits.isascii()
        assert digits.isdecimal()
        assert len(digits) <= 32
    if dialled.meaning is Meaning.INVALID:
        assert dialled.note
    if dialled.hides_number:
        assert sent.startswith("*67")


@given(with_marks())
def test_marks_change_nothing(number_and_written: tuple[str, str]) -> None:
    number, written = number_and_written

    assert bare_number(written) == number
    assert read(written) == read(number)


@given(NUMBERS)
def test_a_number_is_what_somebody_here_has_or_help_or_for_outside(number: str) -> None:
    meaning = read(number).meaning

    if number in RESERVED:
        assert meaning is Meaning.EMERGENCY
    elif number in OURS:
        assert meaning is Meaning.OURS
    else:
        bare = number.removeprefix("+")
        helps = bare in RESERVED or bare in HELP - OURS
        assert meaning is (Meaning.EMERGENCY if helps else Meaning.OUTSIDE)


@given(st.sampled_from(sorted(HELP)))
def test_a_phones_contact_for_help_reaches_it_though_a_plus_stands_before_it(number: str) -> None:
    plain, from_contacts = read(number), read(f"+{number}")

    if plain.meaning is Meaning.EMERGENCY:
        assert from_contacts == plain
    else:
        assert from_contacts.meaning is Meaning.OUTSIDE


@given(SENT)
def test_what_has_been_read_is_read_the_same_again(sent: str) -> None:
    dialled = read(sent)

    if dialled.is_number:
        again = read(dialled.number)
        assert (again.number, again.meaning) == (dialled.number, dialled.meaning)


@given(NUMBERS)
def test_the_prefix_hides_the_caller_and_calls_the_same_number(number: str) -> None:
    plain, hidden = read(number), read(f"*67{number}")

    assert (hidden.number, hidden.meaning) == (plain.number, plain.meaning)
    assert hidden.hides_number is (plain.meaning is not Meaning.EMERGENCY)


@given(NUMBERS.filter(lambda number: not number.startswith(("6", "7"))))
def test_of_two_codes_that_begin_alike_the_longer_one_is_meant(number: str) -> None:
    assert not read(f"*6{number}").hides_number
    assert read(f"*67{number}").hides_number is (read(number).meaning is not Meaning.EMERGENCY)


@given(st.sampled_from([code.code for code in CODES]), st.sampled_from(["*66", "*67100", "#", "x"]))
def test_a_code_stands_behind_no_other_code(code: str, rest: str) -> None:
    assert not read(code + rest).is_number
