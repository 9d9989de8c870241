"""What people's calls are led by: the answers that servers give, as programmers write them."""

from __future__ import annotations

import pytest

from stasis_apps.decisions.webhook_reply import (
    MOST_BYTES,
    Commands,
    read_reply,
)
from tests.unit.stasis_apps.replies import ANNA, JSON, read, read_json, why_not


@pytest.mark.parametrize(
    "text",
    [
        'set_name: "Anna"\ntransfer: "101"\n',
        "set_name: Anna\ntransfer: 101",
        "set_name: 'Anna'\ntransfer: '101'\n",
        'set_name:"Anna"\ntransfer:"101"',
        'set_name: "Anna"\r\ntransfer: "101"\r\n',
        'set_name: "Anna"\rtransfer: "101"\r',
        '  set_name  :   "Anna"  \n\n\t\n\ttransfer\t:\t"101"\t\n',
        '\ufeffset_name: "Anna"\ntransfer: "101"',
        'SET_NAME: "Anna"\nTransfer: "101"',
        'set_name: "Anna";\ntransfer: "101";\n',
        "set_name: Anna;\ntransfer: 101 ; ",
        'set_name: "  Anna  "\ntransfer: " 101 "',
    ],
)
def test_anna_is_named_and_led_on_however_the_lines_are_written(text: str) -> None:
    assert read(text) == ANNA


@pytest.mark.parametrize(
    "content_type",
    [
        "",
        "text/plain",
        "text/plain; charset=utf-8",
        "text/plain; charset=UTF8",
        'text/plain;charset="utf-8"',
        "text/html; charset=UTF-8",
        "application/octet-stream",
    ],
)
def test_anna_is_understood_whatever_type_her_server_gives_to_plain_lines(
    content_type: str,
) -> None:
    assert read('set_name: "Anna"\ntransfer: "101"', content_type) == ANNA


@pytest.mark.parametrize(
    "content_type",
    [JSON, "application/json; charset=utf-8", "text/json", "text/plain", "", "text/html"],
)
@pytest.mark.parametrize(
    "value",
    [
        {"set_name": "Anna", "transfer": "101"},
        {"transfer": "101", "set_name": "Anna"},
        {"set_name": "Anna", "transfer": 101},
        [{"set_name": "Anna"}, {"transfer": "101"}],
        [{"set_name": "Anna", "transfer": "101"}],
        [{}, {"set_name": "Anna", "transfer": None}, {"transfer": 101}],
    ],
)
def test_anna_is_named_and_led_on_however_the_json_is_written(
    value: object, content_type: str
) -> None:
    assert read_json(value, content_type) == ANNA


def test_anna_is_understood_when_json_begins_with_a_mark_or_blanks() -> None:
    assert read('\ufeff{"transfer": "101"}', JSON) == Commands(transfer="101")
    assert read('\r\n  {"transfer": "101"}\r\n') == Commands(transfer="101")


@pytest.mark.parametrize("charset", ["windows-1251", "koi8-r", "utf-8", "utf-16", "cp866"])
def test_a_russian_name_is_read_in_the_charset_that_its_server_names(charset: str) -> None:
    body = 'set_name: "Мария, золотой клиент"\ntransfer: "101"'.encode(charset)

    assert read_reply(200, f"text/plain; charset={charset}", body) == Commands(
        set_name="Мария, золотой клиент", transfer="101"
    )


def test_a_name_keeps_the_other_kind_of_quotation_marks() -> None:
    assert read("""set_name: "Anna 'Ann' Smith" """) == Commands(set_name="Anna 'Ann' Smith")
    assert read("""set_name: 'Anna "Ann" Smith' """) == Commands(set_name='Anna "Ann" Smith')
    assert read("set_name: Anna: gold; customer") == Commands(set_name="Anna: gold; customer")


@pytest.mark.parametrize(
    ("text", "content_type"),
    [
        ("", ""),
        ("\ufeff", "text/plain"),
        (" \r\n\t\n", "text/plain"),
        ("set_name:\ntransfer:", "text/plain"),
        ('set_name: ""\ntransfer: ""', "text/plain"),
        ("transfer: ' '", "text/plain"),
        ("transfer: ;", "text/plain"),
        ("{}", JSON),
        ("[]", JSON),
        ("[{}]", JSON),
        ('{"set_name": null, "transfer": null}', JSON),
        ('{"set_name": "", "transfer": ""}', JSON),
    ],
)
def test_a_server_may_want_nothing_done(text: str, content_type: str) -> None:
    assert read(text, content_type) == Commands()


@pytest.mark.parametrize("status", [200, 201, 202, 204, 299])
def test_any_success_is_a_success(status: int) -> None:
    assert read("transfer: 101", status=status) == Commands(transfer="101")


def test_a_call_goes_on_to_the_next_number_when_the_first_is_empty() -> None:
    assert read('transfer: ""\ntransfer: 102') == Commands(transfer="102")
    assert read_json([{"transfer": ""}, {"transfer": "102"}]) == Commands(transfer="102")


@pytest.mark.parametrize("more", ["transfer: 102", "set_name: Vera", "play: hello", "<html>", '"'])
def test_whatever_stands_behind_the_first_number_is_not_read(more: str) -> None:
    assert read(f"set_name: Anna\ntransfer: 101\n{more}") == ANNA


@pytest.mark.parametrize(
    "more", [{"transfer": "102"}, {"set_name": "Vera"}, {"play": "hello"}, {"transfer": True}, 7]
)
def test_whatever_stands_behind_the_first_number_of_a_list_is_not_read(more: object) -> None:
    assert read_json([{"set_name": "Anna", "transfer": "101"}, more]) == ANNA


def test_of_several_names_the_last_is_shown() -> None:
    assert read("set_name: Vera\nset_name: Anna\ntransfer: 101") == ANNA
    assert read_json([{"set_name": "Vera"}, {"set_name": "Anna"}, {"transfer": 101}]) == ANNA


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_server_that_has_moved_is_not_followed(status: int) -> None:
    why = why_not(read("transfer: 101", status=status))

    assert why == f"it answered {status}; redirections are not followed"


@pytest.mark.parametrize("status", [100, 101, 400, 401, 403, 404, 429, 500, 502, 503, 999])
def test_a_server_that_fails_says_nothing_of_calls(status: int) -> None:
    assert why_not(read("transfer: 101", status=status)) == f"it answered {status}"


@pytest.mark.parametrize("content_type", ["text/html", "text/plain", ""])
def test_an_error_page_is_no_answer(content_type: str) -> None:
    page = "<!DOCTYPE html>\n<html><body>Fatal error: it is broken</body></html>\n"

    assert why_not(read(page, content_type)) == (
        'line 1 is no command; it must be command: "value"'
    )


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("set_name: Anna\n\n101", 3),
        ("transfer 101", 1),
        ("transfer = 101", 1),
        ("set name: Anna", 1),
        (": 101", 1),
        (";", 1),
        ("set_name: Anna\nPHP Warning: 2 + 2: transfer: 101", 2),
    ],
)
def test_a_programmer_reads_in_which_line_there_is_no_command(text: str, line: int) -> None:
    assert why_not(read(text)) == f'line {line} is no command; it must be command: "value"'


@pytest.mark.parametrize(
    "value", ['"Anna', "'Anna", '"An"na"', '"Anna" gold', "\"Anna'", '"', '"Anna";;']
)
def test_a_programmer_reads_where_a_quotation_mark_is_not_closed(value: str) -> None:
    why = why_not(read(f"transfer: ''\nset_name: {value}\ntransfer: 101"))

    assert why == "line 2 opens a quotation mark and does not close it at its end"


def test_a_programmer_reads_which_command_there_is_not_and_where() -> None:
    there_are = "is no command; there are set_name and transfer"

    assert why_not(read("set_name: Anna\nPlay: hello")) == f"line 2: 'play' {there_are}"
    assert why_not(read_json({"play": "hello"})) == f"play: 'play' {there_are}"
    assert why_not(read_json([{}, {"play": "hello"}])) == f"[1].play: 'play' {there_are}"
    assert why_not(read_json({"transfer": "101", "": "x"})) == f": '' {there_are}"


def test_a_very_long_word_that_is_no_command_is_told_in_short() -> None:
    assert len(why_not(read_json({"x" * 10_000: "hello"}))) < 200


@pytest.mark.parametrize("value", [True, False, 1.5, ["101"], {"number": "101"}])
@pytest.mark.parametrize("command", ["set_name", "transfer"])
def test_a_programmer_reads_which_field_has_the_wrong_type(command: str, value: object) -> None:
    assert why_not(read_json({command: value})) == f"{command} must be a text"
    assert why_not(read_json([{command: value}])) == f"[0].{command} must be a text"


@pytest.mark.parametrize("value", ["transfer", 101, None, True])
def test_a_programmer_reads_that_json_must_be_an_object(value: object) -> None:
    assert why_not(read_json(value)) == "the answer must be an object of commands"
    assert why_not(read_json([{}, value])) == "[1] must be an object of commands"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{",
        '{"transfer": 101',
        "{transfer: 101}",
        "{'transfer': '101'}",
        '{"transfer": 101}\n{"set_name": "Anna"}',
        "transfer: 101",
        "[" * 60_000,
        '{"transfer":' * 5_000,
        "[" * 30_000 + "]" * 30_000,
        '{"transfer": ' + "9" * 60_000 + "}",
    ],
    ids=lambda text: text[:20],
)
def test_what_is_no_json_is_called_so(text: str) -> None:
    assert why_not(read(text, JSON)) == "the answer is no JSON"


def test_an_answer_may_be_long_and_not_longer() -> None:
    longest = b"transfer: 101".ljust(MOST_BYTES)

    assert read_reply(200, "", longest) == Commands(transfer="101")
    assert why_not(read_reply(200, "", longest + b" ")) == ("the answer is longer than 65536 bytes")


@pytest.mark.timeout(30)
@pytest.mark.parametrize(
    "line",
    [
        "set_name: Anna" + " " * 60_000 + "gold",
        "set_name: Anna" + " ;" * 30_000 + "gold",
        " " * 60_000 + "transfer 101",
        "transfer" + " " * 60_000 + "101",
        "a" * 60_000 + ":",
        '"' * 60_000,
        "set_name: " + "\"'" * 30_000,
    ],
    ids=lambda line: line.strip()[:12],
)
def test_no_server_keeps_all_callers_waiting_with_one_long_line(line: str) -> None:
    assert read(line) == read(line)


@pytest.mark.parametrize(
    ("content_type", "body", "charset"),
    [
        ("text/plain", "set_name: Мария".encode("cp1251"), "utf-8"),
        ("text/plain; charset=utf-8", b"set_name: \xff", "utf-8"),
        (JSON, b'{"set_name": "\xed\xa0\x80"}', "utf-8"),
        ("text/plain; charset=ascii", "set_name: Мария".encode(), "ascii"),
        ("text/plain; charset=utf-16", b"odd", "utf-16"),
    ],
)
def test_a_programmer_reads_in_which_charset_there_is_no_text(
    content_type: str, body: bytes, charset: str
) -> None:
    assert why_not(read_reply(200, content_type, body)) == f"the answer is no text in {charset}"


@pytest.mark.parametrize(
    ("content_type", "body", "charset"),
    [
        ("text/plain; charset=no-such-thing", b"transfer: 101", "no-such-thing"),
        ("text/plain; charset=../../etc/passwd", b"transfer: 101", ".."),
        ("text/plain; charset=zlib", b"transfer: 101", "zlib"),
        ("text/plain; charset=base64", b"transfer: 101", "base64"),
        ("text/plain; charset=rot13", b"transfer: 101", "rot13"),
    ],
)
def test_a_charset_that_is_none_is_named(content_type: str, body: bytes, charset: str) -> None:
    assert why_not(read_reply(200, content_type, body)) == (
        f"the answer is in {charset}, which is not read here"
    )
