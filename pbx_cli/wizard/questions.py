"""The questions of the wizard, each with its default and with what makes an answer wrong."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Final

from models.errors import Fault, InvalidSettings, refuse_if_any
from models.imported_sound import ImportedSound
from models.numbering import is_outside, normalised
from models.rules import email_faults
from models.tenant_file.parts import Document
from pbx_cli.wizard.answers import (
    EVERYBODY,
    NONE,
    NOTHING,
    VOICEMAIL,
    Answers,
    Unfit,
    Window,
    hours_in_words,
    keys_in_words,
    list_in_words,
    read_hours,
    read_keys,
    read_list,
)
from pbx_cli.wizard.attendant import LONGEST_RING_S, MOST_MEMBERS, alias_target
from stasis_apps.decisions.ringing import Strategy
from stasis_apps.element import known_elements

OF_ASTERISK: Final = "asterisk:"
_YES: Final = {"yes": True, "y": True, "no": False, "n": False}


@dataclass(frozen=True, slots=True)
class Office:
    """The tenant that is asked about.

    Attributes:
        document: As it is.
        name: What the attendant is called.
        uploads: Greetings that were answered as files, by the name of the sound that they become.
    """

    document: Document
    name: str
    uploads: dict[str, ImportedSound] = field(default_factory=dict)

    def has(self, number: str) -> bool:
        """Whether something stands at an internal number or alias."""
        sections = ("extensions", "elements", "aliases")
        return any(number in self.document.get(section, {}) for section in sections)


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """One question.

    Attributes:
        name: The answer's field.
        text: What is asked, without the question mark.
        hint: How to answer.
        read: Makes the answer of a text, or raises `Unfit` or `InvalidSettings`.
        write: Makes a text of an answer.
        is_asked: Whether it makes sense, the earlier answers being known.
    """

    name: str
    text: str
    hint: str
    read: Callable[[str, Office], Any]  # what it gives is what the field of `Answers` takes
    write: Callable[[Any], str] = str
    is_asked: Callable[[Answers, Office], bool] = lambda _answers, _office: True

    def answered(self, answers: Answers, text: str, office: Office) -> Answers:
        """The answers with one more, read from a text.

        What stands there already stays, though people have set what nobody could answer.

        Raises:
            InvalidSettings: It is no answer to this question.
        """
        stands = office.has(office.name) and getattr(answers, self.name)
        if stands and text.strip() == self.default(answers):
            return answers
        try:
            value = self.read(text.strip(), office)
        except Unfit as unfit:
            raise InvalidSettings([Fault(self.name, text, str(unfit))]) from unfit
        return replace(answers, **{self.name: value})

    def default(self, answers: Answers) -> str:
        """The answer that stands, as text."""
        return self.write(getattr(answers, self.name))


Ask = Callable[[Question, Answers, Office], Answers]
"""Asks a person until there is an answer; is given the answers that stand."""


def settle(office: Office, standing: Answers, given: Mapping[str, str], ask: Ask | None) -> Answers:
    """All answers: those that are given, those that a person gives, else those that stand.

    Args:
        office: The tenant.
        standing: What is answered where nobody says anything.
        given: Answers by their question's name, as text.
        ask: Asks for the rest; None where nobody can be asked.

    Raises:
        InvalidSettings: All answers that were given and cannot be.
    """
    faults: list[Fault] = []
    for question in QUESTIONS:
        if question.name in given:
            text = given[question.name]
        elif ask is not None and not faults and question.is_asked(standing, office):
            standing = ask(question, standing, office)
            continue
        else:
            text = question.default(standing)
            if not question.is_asked(standing, office):
                continue
        try:
            standing = question.answered(standing, text, office)
        except InvalidSettings as wrong:
            faults += wrong.faults
    refuse_if_any(faults)
    return standing


def _numbers(text: str, office: Office) -> tuple[str, ...]:
    """Outside numbers of the tenant, however they are written, as the tenant writes them."""
    country = office.document.get("country", "")
    known = {normalised(one, country): one for one in office.document.get("numbers", {})}
    wanted = read_list(text)
    strange = [one for one in wanted if normalised(one, country) not in known]
    if strange:
        have = list_in_words(list(known.values()))
        raise Unfit(f"{strange[0]} is none of this tenant's numbers, which are: {have}")
    return tuple(known[normalised(one, country)] for one in wanted)


def _hours(text: str, _office: Office) -> tuple[Window, ...]:
    windows = read_hours(text)
    _check("time_rule", {"windows": [dict(one) for one in windows]})
    return windows


def _timezone(text: str, _office: Office) -> str:
    always: Window = {"days": "mon-sun", "from": "00:00", "to": "24:00"}
    _check("time_rule", {"windows": [always], "timezone": text})
    return text


def _holidays(text: str, office: Office) -> str:
    calendars = office.document.get("calendars", {})
    if text.lower() == NONE:
        return ""
    if text not in calendars:
        raise Unfit(f"is none of this tenant's calendars, which are: {list_in_words([*calendars])}")
    return text


def _greeting(text: str, office: Office) -> str:
    if text.startswith(OF_ASTERISK) or text in office.document.get("sounds", {}):
        _check("greeting", {"sound": text})
        return text
    file = Path(text).expanduser()
    if not text or not file.is_file():
        raise Unfit("is no file, no sound of this tenant, and no sound of Asterisk (asterisk:...)")
    # Here: decoders are slow to load, and most runs need none.
    from models.sound_import import import_sound

    sound = f"{office.name}-greeting"
    office.uploads[sound] = import_sound(file.read_bytes(), file=str(file))
    return sound


def _yes_or_no(text: str, _office: Office) -> bool:
    if text.lower() not in _YES:
        raise Unfit("is neither yes nor no")
    return _YES[text.lower()]


def _keys(text: str, office: Office) -> dict[str, str]:
    keys = read_keys(text)
    _check("greeting", {"sound": "asterisk:hello", "keys": keys})
    for target in keys.values():
        _must_exist(target, office)  # the attendant itself, too: who presses a key hears it again
    return keys


def _strategy(text: str, _office: Office) -> str:
    words = [strategy.value for strategy in Strategy]
    if text not in words:
        raise Unfit(f"must be one of {', '.join(words)}")
    return text


def _members(text: str, office: Office) -> tuple[str, ...]:
    people = office.document.get("extensions", {})
    wanted = tuple(people) if text.lower() == EVERYBODY else read_list(text)
    if not wanted:
        raise Unfit("somebody's phone must ring; name an extension or an outside number")
    if len(wanted) > MOST_MEMBERS:
        raise Unfit(f"names {len(wanted)}; at most {MOST_MEMBERS} phones ring for one call")
    strange = [one for one in wanted if one not in people and not is_outside(one)]
    if strange:
        raise Unfit(f"{strange[0]} is neither an extension here nor an outside number")
    return wanted


def _ring_s(text: str, _office: Office) -> float:
    try:
        ring_s = float(text.removesuffix("s"))
    except ValueError:
        ring_s = 0.0
    if not 1 <= ring_s <= LONGEST_RING_S:
        raise Unfit(f"must be seconds, from 1 to {LONGEST_RING_S}")
    return int(ring_s) if ring_s.is_integer() else ring_s


def _destination(text: str, office: Office) -> str:
    if text.lower() in (VOICEMAIL, NOTHING):
        return VOICEMAIL if text.lower() == VOICEMAIL else ""
    _must_exist(text, office)
    if text == alias_target(office.document, office.name):
        raise Unfit(f"{text} is the attendant itself: callers would go round")
    return text


def _emails(text: str, _office: Office) -> tuple[str, ...]:
    emails = read_list(text)
    refuse_if_any([fault for email in emails for fault in email_faults(email, "emails")])
    return emails


def _must_exist(target: str, office: Office) -> None:
    if not (office.has(target) or is_outside(target)):
        raise Unfit(f"{target!r} is no number of this tenant, and no outside number")


def _check(kind: str, settings: Mapping[str, object]) -> None:
    """Ask the kind of element itself whether it can be."""
    faults = known_elements()[kind].faults(settings)
    if faults:
        raise Unfit("; ".join(f"{fault.value} {fault.rule}" for fault in faults))


def _yes_or_no_in_words(is_so: bool) -> str:
    return "yes" if is_so else "no"


QUESTIONS: Final[Sequence[Question]] = (
    Question(
        name="numbers",
        text="Which outside numbers does it answer",
        hint="with commas, or none",
        read=_numbers,
        write=list_in_words,
        is_asked=lambda _answers, office: bool(office.document.get("numbers")),
    ),
    Question(
        name="hours",
        text="When is somebody there",
        hint="mon-fri 09:00-18:00, sat 10:00-14:00; or always",
        read=_hours,
        write=hours_in_words,
    ),
    Question(
        name="timezone",
        text="By whose clock",
        hint="Europe/Moscow, or +03:00",
        read=_timezone,
        is_asked=lambda answers, _office: not answers.is_always_open,
    ),
    Question(
        name="holidays",
        text="Which calendar has the holidays",
        hint="a calendar of the tenant, or none",
        read=_holidays,
        write=lambda calendar: calendar or NONE,
        is_asked=lambda _answers, office: bool(office.document.get("calendars")),
    ),
    Question(
        name="greeting",
        text="What do callers hear first",
        hint="a file, a sound of the tenant, or asterisk:NAME",
        read=_greeting,
    ),
    Question(
        name="direct_dial",
        text="May they dial an extension while they listen",
        hint="yes or no",
        read=_yes_or_no,
        write=_yes_or_no_in_words,
    ),
    Question(
        name="keys",
        text="Where do keys lead",
        hint="1=100, 2=5200; or none",
        read=_keys,
        write=keys_in_words,
    ),
    Question(
        name="members",
        text="Whose phones ring",
        hint="extensions and outside numbers with commas, or everybody",
        read=_members,
        write=list_in_words,
    ),
    Question(
        name="strategy",
        text="How do they ring",
        hint="all; sequence, one by one; progressive, one more each time",
        read=_strategy,
        is_asked=lambda answers, _office: len(answers.members) > 1,
    ),
    Question(
        name="ring_s",
        text="For how many seconds does each ring",
        hint="1 to 600",
        read=_ring_s,
        write="{:g}".format,
    ),
    Question(
        name="no_answer",
        text="What happens when nobody answers",
        hint="voicemail, a number, or nothing",
        read=_destination,
        write=lambda target: target or NOTHING,
    ),
    Question(
        name="after_hours",
        text="What happens outside the hours",
        hint="voicemail, a number, or nothing",
        read=_destination,
        write=lambda target: target or NOTHING,
        is_asked=lambda answers, _office: not answers.is_always_open,
    ),
    Question(
        name="emails",
        text="Who is sent the messages",
        hint="mail addresses with commas, or none",
        read=_emails,
        write=list_in_words,
        is_asked=lambda answers, _office: answers.takes_messages,
    ),
)
