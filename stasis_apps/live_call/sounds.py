"""What Asterisk plays for the sounds that elements name; no command is sent from here.

Numbers and digits are played as one sound per word. Asterisk has media of its own for them
(``number:12``), but those cannot be stopped once they play (500 "Could not stop playback"), and a
word that its language lacks passes for spoken.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

from stasis_apps.call import SoundName, SoundUnplayable
from stasis_apps.decisions.spoken_messages import Word, spoken_messages
from stasis_apps.decisions.spoken_numbers import language_of, spoken_digits, spoken_number
from stasis_apps.plan import NumberPlan, PlannedSound

NUMBER = "number:"
DIGITS = "digits:"
COUNTS = "messages:"
MESSAGE = "message:"
BUILT_IN = "asterisk:"

LONGEST_WORD_S = 2.0
"""Longer than any word of a number or a count."""

MOST_DIGITS = 10
"""A longer number is none that anybody wants to hear spoken."""


def planned_sounds(
    names: Iterable[SoundName],
    plan: NumberPlan,
    message: Callable[[str], PlannedSound | None],
) -> list[PlannedSound]:
    """What is played for these sounds, in order.

    Args:
        names: As in `stasis_apps.call.SoundName`.
        plan: Whose sounds they are.
        message: Finds a voicemail message by its id.

    Raises:
        SoundUnplayable: There is no such sound.
    """
    return [sound for name in names for sound in _planned(name, plan, message)]


def _planned(
    name: SoundName, plan: NumberPlan, message: Callable[[str], PlannedSound | None]
) -> list[PlannedSound]:
    language = plan.tenant.language
    if name.startswith(NUMBER):
        return _words(spoken_number(_number(name, name.removeprefix(NUMBER)), language), language)
    if name.startswith(DIGITS):
        return _words(spoken_digits(name.removeprefix(DIGITS)), language)
    if name.startswith(COUNTS):
        return _counts(name, language)
    if name.startswith(MESSAGE):
        return [_found(name, message(name.removeprefix(MESSAGE)))]
    sound = _found(name, plan.sound(name))
    if name.startswith(BUILT_IN):
        sound = PlannedSound(media=sound.media, duration_s=sound.duration_s, language=language)
    return [sound]


def _words(words: tuple[str, ...], language: str) -> list[PlannedSound]:
    return [
        PlannedSound(
            media=f"sound:{word}",
            duration_s=LONGEST_WORD_S,
            language=language_of(word, language),
        )
        for word in words
    ]


def _counts(name: SoundName, language: str) -> list[PlannedSound]:
    new, _, old = name.removeprefix(COUNTS).partition("+")
    words = spoken_messages(_number(name, new), _number(name, old), language)
    return [_counted(word, language) for word in words]


def _counted(word: Word, language: str) -> PlannedSound:
    return PlannedSound(
        media=f"sound:{word.sound}",
        duration_s=LONGEST_WORD_S,
        language=language,
        spare=f"sound:{word.spare}" if word.spare else None,
    )


def _number(name: SoundName, text: str) -> int:
    if not (text.isascii() and text.isdecimal() and len(text) <= MOST_DIGITS):
        message = f"{name} is no number that can be spoken"
        raise SoundUnplayable(message)
    return int(text)


def _found(name: SoundName, sound: PlannedSound | None) -> PlannedSound:
    if sound is None:
        message = f"there is no sound {name}"
        raise SoundUnplayable(message)
    return sound
