"""A document as the text of a tenant file; reading it again gives the same document."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

import yaml

from models.tenant_file.document import KEYED
from models.tenant_file.parts import Document

WIDEST: Final = 100
SOUND_FOLDER: Final = "sounds"

_WORD: Final = re.compile(r"\w(?:[\w ./@-]|:(?=[A-Za-z]))*")
_LIKE_A_NUMBER: Final = re.compile(r"[-+]?[0-9.][0-9.,:_eExXoO-]*")
_RESOLVER: Final = yaml.resolver.Resolver()
_TEXT: Final = "tag:yaml.org,2002:str"
_INDENT: Final = "  "
_ESCAPED: Final = {"\\": "\\\\", '"': '\\"', "\n": "\\n", "\t": "\\t"}

Value = Any  # JSON border: a part of a document


def text_of(document: Document, *, exported: Mapping[str, str] | None = None) -> str:
    """YAML, as a person would write it: short things on one line, numbers in quotes.

    Sounds stand there with the file that an export writes beside it (``sounds/welcome.wav``) and
    the hash of their upload.

    Args:
        document: What is to be written.
        exported: SHA-256 of each sound's file as it was written beside, by the sound's name.
    """
    hashes = exported or {}
    sounds = {
        name: _sound(name, sha256, hashes.get(name))
        for name, sha256 in document.get("sounds", {}).items()
    }
    written = {**document, "sounds": sounds} if sounds else document
    lines = [line for section in written.items() for line in _section(*section)]
    return "\n".join(lines) + "\n"


def sound_file(name: str) -> str:
    """Where an export writes a sound, seen from the tenant file."""
    return f"{SOUND_FOLDER}/{name}.wav"


def _sound(name: str, sha256: str, exported: str | None) -> dict[str, str]:
    entry = {"file": sound_file(name), "sha256": sha256}
    return entry if exported is None else {**entry, "exported": exported}


def _section(name: str, value: Value) -> Iterator[str]:
    if name in KEYED:
        yield f"{name}:"
        yield from _map_lines(value, _INDENT)
    else:
        yield from _map_lines({name: value}, "")


def _map_lines(entries: Mapping[str, Value], indent: str) -> Iterator[str]:
    """A map, one entry below the other; those that are short enough on one line each."""
    for name, value in entries.items():
        key = _scalar(name)
        line = f"{indent}{key}: {_flow(value)}"
        if _is_flat(value) or len(line) <= WIDEST:
            yield line
        else:
            yield f"{indent}{key}:"
            yield from _lines(value, indent + _INDENT)


def _list_lines(items: list[Value], indent: str) -> Iterator[str]:
    for item in items:
        line = f"{indent}- {_flow(item)}"
        if _is_flat(item) or len(line) <= WIDEST:
            yield line
        else:
            first, *others = _lines(item, indent + _INDENT)
            yield f"{indent}- {first.lstrip()}"
            yield from others


def _lines(value: Value, indent: str) -> Iterator[str]:
    if isinstance(value, Mapping):
        return _map_lines(value, indent)
    return _list_lines(value, indent)


def _is_flat(value: Value) -> bool:
    """Whether it has no parts that could stand below one another."""
    return not isinstance(value, Mapping | list) or not value


def _flow(value: Value) -> str:
    match value:
        case Mapping():
            inside = ", ".join(f"{_scalar(name)}: {_flow(one)}" for name, one in value.items())
            return f"{{{inside}}}"
        case list():
            return f"[{', '.join(map(_flow, value))}]"
        case _:
            return _scalar(value)


def _scalar(value: Value) -> str:
    match value:
        case None:
            return "null"
        case bool():
            return "true" if value else "false"
        case int() | float():
            return repr(value)
        case _:
            return value if _is_plain(value) else f'"{_escaped(value)}"'


def _is_plain(text: str) -> bool:
    """Whether every reader takes it for this text when it stands without quotes."""
    if not _WORD.fullmatch(text) or text != text.strip() or _LIKE_A_NUMBER.fullmatch(text):
        return False
    means = _RESOLVER.resolve(  # type: ignore[no-untyped-call] # PyYAML says nothing of it
        yaml.ScalarNode, text, (True, False)
    )
    return bool(means == _TEXT) and text.isprintable()


def _escaped(text: str) -> str:
    return "".join(
        _ESCAPED.get(one) or (one if one.isprintable() else f"\\U{ord(one):08x}") for one in text
    )
