"""The names and numbers that servers answer: what phones show, and where calls go."""

from __future__ import annotations

import pytest

from stasis_apps.decisions.webhook_reply import (
    LONGEST_NAME,
    LONGEST_NUMBER,
    Commands,
    read_reply,
)
from tests.unit.stasis_apps.replies import named, read, read_json, transferred, why_not


def test_a_long_name_is_cut_to_what_phones_show() -> None:
    assert named("x" * LONGEST_NAME) == Commands(set_name="x" * 70)
    assert named("x" * (LONGEST_NAME + 1)) == Commands(set_name="x" * 70)
    assert named("x" * 69 + " gold") == Commands(set_name="x" * 69)


@pytest.mark.parametrize("sign", ["\n", "\r\n", "\t", "\x00", "\x1b", "\x7f", "\u2028", "\u2029"])
def test_a_name_stays_on_one_line(sign: str) -> None:
    assert read_json({"set_name": f"{sign}Anna{sign}Smith{sign}"}) == Commands(
        set_name="Anna Smith"
    )


@pytest.mark.parametrize("sign", ["\x80", "\x85", "\x9b", "\x9f", "\ud800", "\u202e"])
def test_a_name_holds_nothing_that_no_phone_and_no_database_can_take(sign: str) -> None:
    assert read_json({"set_name": f"Anna{sign}Smith"}) == Commands(set_name="Anna Smith")


def test_a_programmer_can_be_told_of_a_command_that_is_half_a_letter() -> None:
    why = why_not(read_json({"\ud800": "hello"}))

    assert why.encode().endswith(b"is no command; there are set_name and transfer")


def test_tabs_and_control_signs_in_a_line_become_blanks_too() -> None:
    assert read('set_name: "Anna\tSmith\x00\x07"') == Commands(set_name="Anna Smith")


@pytest.mark.parametrize("name", ["Мария", "Zoë & Søren", "日本 太郎", "Anna 🎂", "O'Hara"])
def test_people_keep_the_letters_of_their_names(name: str) -> None:
    assert named(name) == Commands(set_name=name)


@pytest.mark.parametrize(
    ("written", "number"),
    [
        ("101", "101"),
        ("+79161234567", "+79161234567"),
        ("8 (916) 123-45-67", "89161234567"),
        ("+7 916 123.45.67", "+79161234567"),
        ("+7\u00a0916\u00a01234567", "+79161234567"),
        ("030/1234567", "0301234567"),
        ("sales-team", "sales-team"),
        (" sales-team ", "sales-team"),
        ("reception", "reception"),
        ("склад-2", "склад-2"),
        ("1" * LONGEST_NUMBER, "1" * LONGEST_NUMBER),
    ],
)
def test_a_call_goes_to_the_number_or_alias_however_people_write_it(
    written: str, number: str
) -> None:
    assert transferred(written) == Commands(transfer=number)


@pytest.mark.parametrize("written", ["1" * 65, "x" * 65, "10\t1", "101\x00", "sales\x7fteam"])
def test_no_call_goes_to_what_can_be_no_number(written: str) -> None:
    assert why_not(transferred(written)) == "transfer must be a number"


@pytest.mark.parametrize("written", ["101\n102", "101\r\nVia: x", "10\x851", "10\ud8001"])
def test_no_call_goes_to_two_lines(written: str) -> None:
    assert why_not(read_json({"transfer": written})) == "transfer must be a number"


def test_half_of_an_answer_leads_nobody() -> None:
    assert why_not(read("set_name: Anna\nplay: hello\ntransfer: 101"))
    assert why_not(read_json({"set_name": True, "transfer": "101"}))
    assert why_not(read_json({"transfer": "101", "play": "hello"}))


@pytest.mark.parametrize("sign", ["\x0b", "\x0c", "\x1c", "\x85", "\u2028"])
def test_a_sign_that_ends_no_line_of_a_file_ends_no_command(sign: str) -> None:
    said = f'set_name: "Anna{sign}Smith"\ntransfer: 101'.encode()

    told = read_reply(200, "text/plain", said)

    assert told == Commands(set_name="Anna Smith", transfer="101")


def test_a_number_in_json_is_not_taken_for_another_one() -> None:
    assert why_not(read_json({"transfer": -101})) == "transfer must be a text"
