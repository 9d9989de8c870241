"""Prompts that nobody can hear, and what was uploaded and is used by nobody."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Final

from models.provisioning.catalogue import BUILT_IN_SOUNDS
from models.tenant_file.parts import Route
from stasis_apps.element import known_elements
from stasis_apps.lint.finding import Code, Finding
from stasis_apps.lint.view import View

SOUND_NOT_SHIPPED = Code(
    code="sound-not-shipped",
    title="sounds of Asterisk that no language ships",
    why="The prompt cannot be played: the call leaves the element by failed.",
    mend="Name one that is shipped, or upload your own.",
)
SOUND_IN_ENGLISH = Code(
    code="sound-in-english",
    title="sounds of Asterisk that the tenant's language lacks",
    why="Callers hear this one prompt in English.",
    mend="Upload your own in the language of the others.",
)
SOUND_WITHOUT_FILE = Code(
    code="sound-without-file",
    title="sounds whose files have gone from the disk",
    why="The prompt cannot be played: the call leaves the element by failed.",
    mend="Upload it again: pbx sound set.",
    is_of_machine=True,
)
SOUND_UNUSED = Code(
    code="sound-unused",
    title="uploaded sounds that nothing plays",
    why="Nobody hears it; often a prompt was forgotten at an element.",
    mend="Let an element play it, or remove it.",
)
CALENDAR_UNUSED = Code(
    code="calendar-unused",
    title="calendars that no time rule goes by",
    why="Holidays are worked through; often the calendar was forgotten at a time rule.",
    mend="Name it in holidays of a time rule, or remove it.",
)

_ENGLISH: Final = "en"
_SHIPPED: Final = Path(__file__).parent.parent / "shipped_sounds.json"


def findings(view: View) -> Iterator[Finding]:
    """Look at every prompt that is named, and at what nobody names."""
    played: set[str] = set()
    for route, name in _named(view):
        played.add(name)
        if name.startswith(BUILT_IN_SOUNDS):
            yield from _built_in(route, name, view.rows.tenant.language)
    for sound in view.rows.sounds:
        route = ("sounds", sound.name)
        if sound.name in view.absent_sounds:
            sentence = f"sound {sound.name}: its files are not there"
            yield SOUND_WITHOUT_FILE.at(route, sentence)
        if sound.name not in played:
            yield SOUND_UNUSED.at(route, f"sound {sound.name}: nothing plays it")
    yield from _calendars(view)


def _named(view: View) -> Iterator[tuple[Route, str]]:
    for number, thing in view.things.items():
        if thing.kind in known_elements():
            for path, name in view.catalogue.sounds(thing.kind, thing.settings).items():
                yield view.place(number, path), name


def _built_in(route: Route, name: str, language: str) -> Iterator[Finding]:
    bare = name.removeprefix(BUILT_IN_SOUNDS)
    number = route[1]
    if bare not in shipped_sounds()[_ENGLISH] | shipped_sounds().get(language, frozenset()):
        yield SOUND_NOT_SHIPPED.at(route, f"{number}: Asterisk ships no sound {bare}")
    elif bare not in shipped_sounds().get(language, frozenset()):
        yield SOUND_IN_ENGLISH.at(route, f"{number}: there is no {bare} in {language}")


@cache
def shipped_sounds() -> Mapping[str, frozenset[str]]:
    """The names of the prompts that are shipped, by language; reads one file, once."""
    text = _SHIPPED.read_text(encoding="ascii")
    return {language: frozenset(names) for language, names in json.loads(text).items()}


def _calendars(view: View) -> Iterator[Finding]:
    used = {
        name
        for thing in view.rows.elements
        if thing.kind in known_elements()
        for name in view.catalogue.calendars(thing.kind, thing.settings).values()
    }
    for calendar in view.rows.calendars:
        if calendar.name not in used:
            sentence = f"calendar {calendar.name}: no time rule goes by it"
            yield CALENDAR_UNUSED.at(("calendars", calendar.name), sentence)
