"""Which keys a caller must have pressed, told by where a call went on."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from stasis_apps.call import Exit
from stasis_apps.elements.greeting import Greeting
from stasis_apps.elements.mailbox import WHICH_PIN, Mailbox
from stasis_apps.journal import What
from stasis_apps.leaving_messages import OPERATOR, OPERATOR_KEY, OWNER, OWNER_KEY
from stasis_apps.plan import NumberPlan
from stasis_apps.replay.stays import Stay

RIGHT_PIN: Final = "1"
"""Stands for a PIN that was right; the real one is kept nowhere."""

_WRONG_PIN: Final = "2"
_END: Final = "#"
_SKIPS: Final = "#"
_KEYS: Final = re.compile("[0-9*#]+")
_DIALLED_DIRECTLY: Final = "dialled directly"
_BOX_OPENED: Final = re.compile("mailbox (.+) opened by (?:its owner|PIN)")
_ALL_KEYS: Final = "9876543210*#"


@dataclass(frozen=True, slots=True)
class WrongKeys:
    """Keys that lead nowhere in some plans, for callers of whom only that is known.

    Attributes:
        key: Nothing begins with it that could be chosen anywhere; empty when there is no such key.
        pin_sounds: The prompts that ask for the PIN of a mailbox.
    """

    key: str
    pin_sounds: frozenset[str]

    @classmethod
    def of(cls, plans: Iterable[NumberPlan]) -> WrongKeys:
        """What leads nowhere in any of these plans."""
        elements = [planned.element for plan in plans for planned in plan.elements.values()]
        greetings = [element for element in elements if isinstance(element, Greeting)]
        taken = {key[0] for greeting in greetings for key in greeting.keys}
        if any(greeting.direct_dial for greeting in greetings):
            taken |= {*"1234"}
        asks_pin = {element.pin_sound for element in elements if isinstance(element, Mailbox)}
        free = (key for key in _ALL_KEYS if key not in taken)
        return cls(next(free, ""), frozenset({WHICH_PIN, *asks_pin}))


@dataclass(frozen=True, slots=True)
class _Asked:
    """One question to which keys came.

    Attributes:
        stay: Where.
        place: Its line there.
        is_last: Whether it was the last question there.
        wrong: Keys that lead nowhere.
    """

    stay: Stay
    place: int
    is_last: bool
    wrong: WrongKeys

    @property
    def sounds(self) -> list[str]:
        """What was played with it."""
        return str(self.stay.lines[self.place].facts.get("sound", "")).split()

    @property
    def notes(self) -> list[str]:
        """What the element noted afterwards."""
        behind = self.stay.lines[self.place + 1 :]
        return [line.reason for line in behind if line.what == What.NOTED]


def keys_of(stay: Stay, wrong: WrongKeys) -> Iterator[str]:
    """What the caller pressed in an element, each time they were asked."""
    asked = [place for place, line in enumerate(stay.lines) if line.what == What.ASKED]
    read = _BY_KIND.get(stay.kind, _at_the_greeting_of_a_mailbox)
    for place in asked:
        has_pressed = bool(stay.lines[place].facts.get("keys_pressed"))
        question = _Asked(stay, place, place == asked[-1], wrong)
        yield read(question) if has_pressed else ""


def _at_a_greeting(asked: _Asked) -> str:
    stay = asked.stay
    if asked.is_last and _KEYS.fullmatch(stay.exit):
        return stay.exit
    if asked.is_last and stay.why_left == _DIALLED_DIRECTLY:
        return stay.target
    return asked.wrong.key


def _at_the_greeting_of_a_mailbox(asked: _Asked) -> str:
    return {OPERATOR: OPERATOR_KEY, OWNER: OWNER_KEY}.get(Exit(asked.stay.exit), _SKIPS)


def _at_a_rule_with_pin(asked: _Asked) -> str:
    said = next(iter(asked.notes), "")
    if said.startswith("the caller knows the PIN"):
        return RIGHT_PIN + _END
    return _END if said == "no PIN was entered" else _WRONG_PIN + _END


def _at_a_switch(asked: _Asked) -> str:
    knows = asked.is_last and asked.stay.exit == "done"
    return (RIGHT_PIN if knows else _WRONG_PIN) + _END


def _at_the_owners_menu(asked: _Asked) -> str:
    """The number of the box and its PIN; what was done with the messages is not known."""
    opened = next((found for note in asked.notes if (found := _BOX_OPENED.fullmatch(note))), None)
    if opened is None:
        return _WRONG_PIN + _END if _asks_for_pin(asked) else ""
    if _asks_for_pin(asked):
        return RIGHT_PIN + _END
    return opened[1] + _END


def _asks_for_pin(asked: _Asked) -> bool:
    return not asked.wrong.pin_sounds.isdisjoint(asked.sounds)


_BY_KIND: Final[Mapping[str, Callable[[_Asked], str]]] = {
    "greeting": _at_a_greeting,
    "outside": _at_a_rule_with_pin,
    "set_switch": _at_a_switch,
    "mailbox": _at_the_owners_menu,
}
