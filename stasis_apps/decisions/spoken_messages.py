"""How many messages there are: which of Asterisk's sounds, one after the other, say it."""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum
from types import MappingProxyType
from typing import Final, NamedTuple

from stasis_apps.decisions.spoken_numbers import spoken_number, spoken_whole

RUSSIAN: Final = "ru"


class Word(NamedTuple):
    """One sound.

    Attributes:
        sound: Its name.
        spare: What is said when Asterisk lacks it, as English does Russian's forms; empty for
            words that every language has.
    """

    sound: str
    spare: str = ""


class Form(Enum):
    """What Russian makes of the words that follow a number."""

    ONE = "одно новое сообщение"
    FEW = "два новых сообщения"
    MANY = "пять новых сообщений"


YOU_HAVE: Final = Word("vm-youhave")
NONE: Final = Word("vm-no")
AND: Final = Word("vm-and")
NEW: Final = Word("vm-INBOX")
OLD: Final = Word("vm-Old")
MESSAGE: Final = Word("vm-message")
MESSAGES: Final = Word("vm-messages")

_NEUTER: Final[Mapping[str, str]] = MappingProxyType(
    {"digits/1": "digits/1n", "digits/2": "digits/2n"}
)
_NEW_ONE: Final = Word("vm-newn", NEW.sound)
_NEW_MORE: Final = Word("vm-newx", NEW.sound)
_OLD_ONE: Final = Word("vm-oldn", OLD.sound)
_OLD_MORE: Final = Word("vm-oldx", OLD.sound)
_NOUNS: Final[Mapping[Form, Word]] = MappingProxyType(
    {
        Form.ONE: MESSAGE,
        Form.FEW: Word("vm-messagex1", MESSAGES.sound),
        Form.MANY: Word("vm-messagex2", MESSAGES.sound),
    }
)


def spoken_messages(new: int, old: int, language: str) -> tuple[Word, ...]:
    """The sounds of "you have two new and one old message".

    Args:
        new: Messages that nobody has heard yet.
        old: Messages that were heard.
        language: ``en`` or ``ru``.
    """
    if not new and not old:
        return YOU_HAVE, NONE, MESSAGES
    if language == RUSSIAN:
        return YOU_HAVE, *_in_russian(new, old)
    said = _joined(
        (*_number(new, language), NEW) if new else (), (*_number(old, language), OLD) if old else ()
    )
    return YOU_HAVE, *said, MESSAGE if new + old == 1 else MESSAGES


def russian_form(number: int) -> Form:
    """The form that the words after this number take, as it is spoken.

    A number that is spoken digit by digit stands for none of its digits.
    """
    if not spoken_whole(number, RUSSIAN) or number % 100 in range(11, 15):
        return Form.MANY
    match number % 10:
        case 1:
            return Form.ONE
        case 2 | 3 | 4:
            return Form.FEW
        case _:
            return Form.MANY


def _in_russian(new: int, old: int) -> tuple[Word, ...]:
    """Each number has an adjective, and the noun goes by the last of them."""
    said = _joined(
        (*_neuter(new), _NEW_ONE if russian_form(new) is Form.ONE else _NEW_MORE) if new else (),
        (*_neuter(old), _OLD_ONE if russian_form(old) is Form.ONE else _OLD_MORE) if old else (),
    )
    return *said, _NOUNS[russian_form(old or new)]


def _neuter(number: int) -> tuple[Word, ...]:
    """Messages are neuter, which is heard of one and of two."""
    *before, last = _number(number, RUSSIAN)
    if russian_form(number) is not Form.MANY and last.sound in _NEUTER:
        last = Word(_NEUTER[last.sound], last.sound)
    return *before, last


def _number(number: int, language: str) -> tuple[Word, ...]:
    return tuple(Word(sound) for sound in spoken_number(number, language))


def _joined(new: tuple[Word, ...], old: tuple[Word, ...]) -> tuple[Word, ...]:
    return (*new, AND, *old) if new and old else new or old
