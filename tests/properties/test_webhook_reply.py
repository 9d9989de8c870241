"""Whatever a server answers, a call goes on: led by it, or not."""

from __future__ import annotations

import json
import unicodedata
from encodings.aliases import aliases

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from stasis_apps.decisions.webhook_reply import (
    LONGEST_NAME,
    LONGEST_NUMBER,
    Commands,
    Unusable,
    read_reply,
)

ODD_CHARSETS = ("idna", "punycode", "raw_unicode_escape", "undefined", "unicode_escape")
CHARSETS = sorted({*aliases.values(), *ODD_CHARSETS})
"""All that Python knows; some of them make bytes of bytes, or something else of texts."""

BREAKS = "\n\r\x0b\x0c\x1c\x1d\x1e\x85\u2028\u2029"
NO_LETTERS = frozenset({"Cc", "Cs", "Zl", "Zp"})
"""Control signs, halves of letters, and ends of lines, as Unicode calls them."""

STATUSES = st.just(200) | st.integers(100, 599) | st.integers()
TYPES = (
    st.sampled_from(["", "text/plain", "text/html; charset=utf-8", "application/json", "x/y+json"])
    | st.builds("text/plain; charset={}".format, st.sampled_from(CHARSETS))
    | st.text()
)

ANY_SIGN = st.characters(exclude_categories=())
ANY_TEXT = st.text(alphabet=ANY_SIGN, max_size=120)
WORDS = st.sampled_from(["set_name", "transfer", "Transfer", "play", ""]) | ANY_TEXT
WRITTEN = ANY_TEXT | st.sampled_from(['"Anna"', "'101'", '"', "101;", "+7 (916) 123-45-67", "a-b"])
LINES = st.lists(st.builds("{}: {}".format, WORDS, WRITTEN), max_size=4).map("\n".join)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | WRITTEN,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(WORDS, inner, max_size=3),
    max_leaves=6,
)
BODIES = (
    st.binary(max_size=300)
    | LINES.map(lambda text: text.encode(errors="replace"))
    | VALUES.map(lambda value: json.dumps(value).encode())
)

COMMANDED = st.dictionaries(st.sampled_from(["set_name", "transfer"]), WRITTEN, min_size=1)
"""What a server wants that knows the commands, whatever it says with them."""

SIGNS_FOR_BOTH = st.characters(codec="utf-8", exclude_characters=BREAKS + '"')
NUMBERS = st.text(SIGNS_FOR_BOTH) | st.text("0123456789+-() ./", max_size=80)


@given(status=STATUSES, content_type=TYPES, body=BODIES)
@example(status=200, content_type="text/plain; charset=unicode_escape", body=rb"set_name: \d")
@example(status=200, content_type="application/json", body=b'{"\\ud800": ""}')
@example(status=200, content_type="", body=b"[" * 60_000)
@example(status=200, content_type="", body=b'{"transfer": ' + b"9" * 60_000 + b"}")
def test_a_server_may_answer_anything_at_all(status: int, content_type: str, body: bytes) -> None:
    match read_reply(status, content_type, body):
        case Commands(set_name=name, transfer=number):
            assert 200 <= status < 300
            assert_can_be_shown(name)
            assert len(number) <= LONGEST_NUMBER
            assert number.isprintable()
            assert number == number.strip()
        case Unusable(why):
            assert why.strip()
            assert why.encode()
            assert len(why) < 250


@given(wanted=COMMANDED | st.lists(COMMANDED))
@example(wanted={"set_name": "Anna\x85Smith"})
@example(wanted={"set_name": "Anna \ud83d"})
def test_a_name_is_one_line_that_phones_can_show(wanted: object) -> None:
    reply = read_reply(200, "application/json", json.dumps(wanted).encode())

    if isinstance(reply, Commands):
        assert_can_be_shown(reply.set_name)


@given(name=st.text(SIGNS_FOR_BOTH, max_size=100), number=NUMBERS)
def test_both_dialects_mean_the_same(name: str, number: str) -> None:
    lines = f'set_name: "{name}"\ntransfer: "{number}"'
    fields = json.dumps({"transfer": number, "set_name": name}, ensure_ascii=False)

    assert read_reply(200, "text/plain", lines.encode()) == read_reply(200, "", fields.encode())


@given(name=st.text(SIGNS_FOR_BOTH, max_size=100), number=NUMBERS)
def test_a_list_of_single_commands_means_what_the_object_means(name: str, number: str) -> None:
    one = json.dumps({"set_name": name, "transfer": number})
    several = json.dumps([{"set_name": name}, {"transfer": number}])
    in_one = read_reply(200, "application/json", one.encode())
    in_several = read_reply(200, "application/json", several.encode())

    if isinstance(in_one, Commands):
        assert in_several == in_one
    else:
        assert isinstance(in_several, Unusable)
        assert in_several.why == f"[1].{in_one.why}" or in_several == in_one


@given(number=st.from_regex(r"\+?[0-9]{1,15}", fullmatch=True), data=st.data())
def test_a_number_is_the_same_with_any_punctuation(number: str, data: st.DataObject) -> None:
    between = st.text(" -.()/\u00a0", max_size=2)
    written = "".join(sign + data.draw(between) for sign in number)

    reply = read_reply(200, "", f'transfer: "{written}"'.encode())

    assert reply == Commands(transfer=number)


@given(more=st.text(alphabet=SIGNS_FOR_BOTH | st.sampled_from(BREAKS)))
def test_nothing_behind_the_first_number_leads_a_call_elsewhere(more: str) -> None:
    reply = read_reply(200, "text/plain", f"set_name: Anna\ntransfer: 101\n{more}".encode())

    assert reply == Commands(set_name="Anna", transfer="101")


@given(content_type=TYPES, body=BODIES, status=st.integers())
def test_only_a_server_that_succeeds_leads_a_call(
    content_type: str, body: bytes, status: int
) -> None:
    if 200 <= status < 300:
        return
    reply = read_reply(status, content_type, body)

    assert isinstance(reply, Unusable)
    assert str(status) in reply.why


@pytest.mark.parametrize("charset", CHARSETS)
def test_no_charset_that_a_server_names_ends_a_call(charset: str) -> None:
    for body in (b"transfer: 101", rb"set_name: \d \N{x} \ud800 +2AA-", bytes(range(256)), b""):
        reply = read_reply(200, f"text/plain; charset={charset}", body)

        if isinstance(reply, Commands):
            assert_can_be_shown(reply.set_name)
        else:
            assert reply.why


def assert_can_be_shown(name: str) -> None:
    assert len(name) <= LONGEST_NAME
    assert len(name.splitlines()) <= 1
    assert name == name.strip()
    assert not NO_LETTERS & set(map(unicodedata.category, name)), ascii(name)
