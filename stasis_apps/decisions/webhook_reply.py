"""What a server wants done with a call, read from its answer to an HTTP request.

Two dialects say the same. In the plain one each line is a command::

    set_name: "Anna, gold customer"
    transfer: "101"

In JSON it is an object with these names, or a list of such objects. Nothing here looks whether
there is such a number.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

MOST_BYTES: Final = 65_536
"""A longer answer is not read to its end, and is no answer."""

LONGEST_NAME: Final = 70
LONGEST_NUMBER: Final = 64

COMMANDS: Final = ("set_name", "transfer")

CHARSETS: Final = frozenset(
    {
        *("utf-8", "utf8", "utf-16", "us-ascii", "ascii", "koi8-r", "koi8-u", "ibm866", "cp866"),
        *(f"windows-{page}" for page in range(1250, 1259)),
        *(f"iso-8859-{part}" for part in (*range(1, 12), *range(13, 17))),
        *("gb18030", "gbk", "gb2312", "big5", "euc-jp", "shift_jis", "iso-2022-jp", "euc-kr"),
    }
)
"""What answers may be written in; Python knows more, among them some that are no charsets."""

_UTF_8: Final = ("utf-8", "utf8")

_LINE: Final = re.compile(r"\s*(?P<command>[A-Za-z_]{1,40})\s*:(?P<value>.*)")
_LINE_END: Final = re.compile(r"\r\n|\n|\r")
_QUOTED: Final = re.compile(r"\"(?P<double>[^\"]*)\"|'(?P<single>[^']*)'")
_CHARSET: Final = re.compile(r"charset\s*=\s*\"?([A-Za-z0-9_.:-]{1,40})", re.IGNORECASE)
_UNSHOWABLE: Final = re.compile(
    r"[\x00-\x1f\x7f-\x9f\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff]+"
)
"""Control signs, among them those that turn the direction of writing, and halves of letters."""

_PUNCTUATION: Final = str.maketrans("", "", " -.()/\u00a0")
_DIGITS: Final = re.compile(r"\+?[0-9]+")
_SUCCESS: Final = range(200, 300)
_REDIRECTION: Final = range(300, 400)


@dataclass(frozen=True, slots=True, kw_only=True)
class Commands:
    """What is to be done with the call, in this order; both may be empty.

    Attributes:
        set_name: What phones show as the caller's name.
        transfer: Where the call goes on: an internal or outside number, or an alias.
    """

    set_name: str = ""
    transfer: str = ""


@dataclass(frozen=True, slots=True)
class Unusable:
    """The answer says nothing that could be done; the sentence says why."""

    why: str


class _Wrong(Exception):
    pass


def read_reply(status: int, content_type: str, body: bytes) -> Commands | Unusable:
    """Read an answer; whatever it is, there is a value and never an exception.

    The first transfer ends the reading. Anything that cannot be understood before it spoils the
    whole answer, so that a call is never led by half of what was meant.

    Args:
        status: Of HTTP.
        content_type: The header; JSON by its word, or by a brace at the beginning, and plain text
            in all other cases.
        body: As it came, `MOST_BYTES` long at most.
    """
    try:
        _check(status, body)
        text = _decoded(body, content_type)
        is_json = "json" in content_type.lower() or text.lstrip()[:1] in ("{", "[")
        return _commands(_of_json(text) if is_json else _of_lines(text))
    except _Wrong as wrong:
        return Unusable(str(wrong))


def _check(status: int, body: bytes) -> None:
    if status in _REDIRECTION:
        raise _Wrong(f"it answered {status}; redirections are not followed")
    if status not in _SUCCESS:
        raise _Wrong(f"it answered {status}")
    if len(body) > MOST_BYTES:
        raise _Wrong(f"the answer is longer than {MOST_BYTES} bytes")


def _decoded(body: bytes, content_type: str) -> str:
    named = _CHARSET.search(content_type)
    charset = named[1].lower() if named else "utf-8"
    if charset not in CHARSETS:
        raise _Wrong(f"the answer is in {charset}, which is not read here")
    try:
        return body.decode("utf-8-sig" if charset in _UTF_8 else charset)
    except ValueError as wrong:
        raise _Wrong(f"the answer is no text in {charset}") from wrong


def _commands(given: Iterator[tuple[str, str]]) -> Commands:
    name = ""
    for command, value in given:
        if command == "set_name":
            name = shown_name(value)
        elif number := _number(value):
            return Commands(set_name=name, transfer=number)
    return Commands(set_name=name)


def _of_lines(text: str) -> Iterator[tuple[str, str]]:
    for place, line in enumerate(_LINE_END.split(text), start=1):
        if not line.strip():
            continue
        read = _LINE.fullmatch(line)
        if read is None:
            raise _Wrong(f'line {place} is no command; it must be command: "value"')
        command = read["command"].lower()
        _check_command(command, f"line {place}")
        yield command, _unquoted(read["value"].strip().removesuffix(";").rstrip(), place)


def _unquoted(value: str, place: int) -> str:
    quoted = _QUOTED.fullmatch(value)
    if quoted is not None:
        return quoted["double"] or quoted["single"] or ""
    if value[:1] in ("'", '"'):
        raise _Wrong(f"line {place} opens a quotation mark and does not close it at its end")
    return value


def _of_json(text: str) -> Iterator[tuple[str, str]]:
    try:
        given = json.loads(text)
    except (ValueError, RecursionError) as wrong:
        raise _Wrong("the answer is no JSON") from wrong
    for place, one in enumerate(given if isinstance(given, list) else [given]):
        where = f"[{place}]." if isinstance(given, list) else ""
        yield from _of_object(one, where)


def _of_object(one: Any, where: str) -> Iterator[tuple[str, str]]:  # JSON border: what was sent
    if not isinstance(one, Mapping):
        raise _Wrong(f"{where.rstrip('.') or 'the answer'} must be an object of commands")
    for command in one:
        _check_command(command, f"{where}{_short(command)}")
    for command in COMMANDS:  # the name first: whoever is rung is to see it
        value = one.get(command)
        if isinstance(value, int) and not isinstance(value, bool) and value >= 0:
            yield command, str(value)
        elif isinstance(value, str):
            yield command, value
        elif value is not None:
            raise _Wrong(f"{where}{command} must be a text")


def _check_command(command: str, where: str) -> None:
    if command not in COMMANDS:
        known = " and ".join(COMMANDS)
        raise _Wrong(f"{where}: {_short(command)!r} is no command; there are {known}")


def _short(text: str) -> str:
    return shown_name(text)[:40]


def shown_name(text: str) -> str:
    """A name as phones can show it: one line, and not too long."""
    return _UNSHOWABLE.sub(" ", text).strip()[:LONGEST_NAME].strip()


def _number(text: str) -> str:
    bare = text.translate(_PUNCTUATION)
    written = bare if _DIGITS.fullmatch(bare) else text.strip()  # an alias may have a dash
    if len(written) > LONGEST_NUMBER or not written.isprintable():
        raise _Wrong("transfer must be a number")
    return written
