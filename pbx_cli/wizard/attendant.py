"""An auto attendant in a tenant's document: found, read as answers, written; pure.

It is a time rule that leads to a greeting, a group and a mailbox, ordinary elements all of them. An
alias leads to the first, and is what it is found by again. What people have changed by hand stays:
only what an answer says otherwise than the document is written.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from itertools import count
from typing import Any, Final

from models.errors import Fault, InvalidSettings
from models.numbering import FIRST_ELEMENT, is_extension_number, is_reserved
from models.tenant_file.parts import Document
from pbx_cli.wizard.answers import ALL_DAY_LONG, VOICEMAIL, Answers
from stasis_apps.element import known_elements

Settings = Mapping[str, Any]  # JSON border: an element as it stands in a document

RULE, GREETING, GROUP, BOX = "time_rule", "greeting", "group", "voicemail"

MOST_MEMBERS: Final = 100
LONGEST_RING_S: Final = 600
AT_ONCE: Final = "all"

ONE_IS_ENOUGH: Final = "the wizard was told to ring this one alone"

_UNANSWERED = ("no_answer", "all_busy", "none_reachable", "failed")
_CLOSED = ("no_match",)
_UNDECIDED = ("no_input", "invalid", "failed")


@dataclass(frozen=True, slots=True, kw_only=True)
class Parts:
    """The numbers of the elements of an attendant; empty where one is not there."""

    rule: str = ""
    greeting: str = ""
    group: str = ""
    box: str = ""

    @property
    def is_there(self) -> bool:
        """Whether there is an attendant at all."""
        return bool(self.rule)


def find(document: Document, name: str) -> Parts:
    """The attendant that an alias leads to; empty when there is no such alias.

    Raises:
        InvalidSettings: The alias leads to something else.
    """
    entry = alias_target(document, name)
    if not entry:
        return Parts()
    rule = _nearest(document, [entry], RULE)
    if not rule:
        word = "is an alias already, and leads to no attendant; choose another name"
        raise InvalidSettings([Fault("name", name, f"{word} (it leads to {entry})")])
    hours = _element(document, rule)
    greeting = _nearest(document, [hours.get("match", "")], GREETING)
    asked = _element(document, greeting)
    group = _nearest(document, [asked.get(way, "") for way in _UNDECIDED], GROUP)
    rung = _element(document, group)
    ways = [rung.get(way, "") for way in _UNANSWERED] + [hours.get("no_match", "")]
    return Parts(rule=rule, greeting=greeting, group=group, box=_nearest(document, ways, BOX))


def alias_target(document: Document, name: str) -> str:
    """Where an alias leads; empty when there is none."""
    alias = document.get("aliases", {}).get(name, "")
    return str(alias["to"] if isinstance(alias, Mapping) else alias)


def answers_in(document: Document, parts: Parts) -> Answers:
    """What one would have answered to get what stands there; for a new one, what is usual."""
    usual = Answers(
        timezone=document.get("timezone", "UTC"),
        members=tuple(document.get("extensions", {}))[:MOST_MEMBERS],
        emails=_first_email(document),
        numbers=_idle_numbers(document),
    )
    readers: Mapping[str, Callable[[Document, str, Parts], dict[str, Any]]] = {
        parts.rule: _answers_of_rule,
        parts.greeting: _answers_of_greeting,
        parts.group: _answers_of_group,
        parts.box: lambda document, box, _: {
            "emails": tuple(_element(document, box).get("emails", ()))
        },
    }
    for number, read in readers.items():
        if number:
            usual = replace(usual, **read(document, number, parts))
    return usual


def with_parts(document: Document, parts: Parts, answers: Answers) -> Parts:
    """The same attendant with numbers for the elements that it still lacks."""
    free = _free_numbers(document)
    wanted = {"rule": True, "greeting": True, "group": True, "box": answers.takes_messages}
    missing = {
        field.name: next(free)
        for field in fields(parts)
        if wanted[field.name] and not getattr(parts, field.name)
    }
    return replace(parts, **missing)


def planned(document: Document, name: str, answers: Answers) -> dict[str, Any]:
    """The document with the attendant as it is wanted; nothing else in it changes.

    Args:
        document: The tenant.
        name: The alias.
        answers: What is wanted.

    Raises:
        InvalidSettings: The alias leads to something else.
    """
    before = find(document, name)
    parts = with_parts(document, before, answers)
    edit = _Edit(document=document, before=before, parts=parts, answers=answers)
    elements = {**document.get("elements", {}), parts.rule: edit.rule()}
    elements |= {parts.greeting: edit.greeting(), parts.group: edit.group()}
    elements |= {parts.box: edit.box()} if parts.box else {}
    result = {**document, "elements": dict(sorted(elements.items()))}
    aliases = {**document.get("aliases", {})}
    aliases.setdefault(name, parts.rule)
    result["aliases"] = dict(sorted(aliases.items()))
    silences = _silences(document, parts.group, elements[parts.group])
    result.pop("lint", None)
    result |= {"lint": {"ignore": silences}} if silences else {}
    if answers.numbers:
        result["numbers"] = _led(document, answers.numbers, alias_target(result, name))
    return result


def _silences(document: Document, number: str, group: Settings) -> list[Mapping[str, str]]:
    """What lint shall not tell: that a group of ours is one of one, while it is."""
    silences = list(document.get("lint", {}).get("ignore", ()))
    ours = {"code": "group-of-one", "at": f"elements.{number}", "reason": ONE_IS_ENOUGH}
    is_one = len(group.get("members", ())) == 1
    if is_one and not any(_is_about_same(one, ours) for one in silences):
        return [*silences, ours]
    return silences if is_one else [one for one in silences if one != ours]


def _is_about_same(one: Mapping[str, str], other: Mapping[str, str]) -> bool:
    return (one.get("code"), one.get("at")) == (other["code"], other["at"])


class _Edit:
    """The elements of an attendant as answers want them."""

    def __init__(
        self, *, document: Document, before: Parts, parts: Parts, answers: Answers
    ) -> None:
        self._document, self._before, self._parts = document, before, parts
        self._answers, self._present = answers, answers_in(document, before)

    def rule(self) -> Settings:
        rule = self._settings(self._before.rule, RULE)
        is_new = not self._before.rule
        if self._differ("hours") or is_new:
            rule["windows"] = [dict(one) for one in self._answers.hours]
        if self._differ("timezone"):
            rule["timezone"] = self._answers.timezone
        if self._differ("holidays"):
            rule["holidays"] = self._answers.holidays
        if not self._before.greeting:
            rule |= {"match": self._parts.greeting, "failed": self._parts.greeting}
        self._lead(rule, _CLOSED, "after_hours", is_new=is_new)
        return _without_nothing(rule)

    def greeting(self) -> Settings:
        greeting = self._settings(self._before.greeting, GREETING)
        is_new = not self._before.greeting
        if self._differ("greeting") or is_new:
            greeting["sound"] = self._answers.greeting
        if self._differ("direct_dial") or is_new:
            greeting["direct_dial"] = self._answers.direct_dial
        if self._differ("keys"):
            greeting["keys"] = dict(self._answers.keys)
        if is_new:
            greeting["max_no_input"] = 1
        if not self._before.group:
            greeting |= dict.fromkeys(_UNDECIDED, self._parts.group)
        return _without_nothing(greeting)

    def group(self) -> Settings:
        group = self._settings(self._before.group, GROUP)
        is_new = not self._before.group
        if self._differ("members") or is_new:
            group["members"] = _members(group.get("members", ()), self._answers.members)
        if self._differ("strategy"):
            group["strategy"] = self._answers.strategy
        if self._differ("strategy", "ring_s", "members") or is_new:
            group |= _ringing(self._answers)
        self._lead(group, _UNANSWERED, "no_answer", is_new=is_new)
        return _without_nothing(group)

    def box(self) -> Settings:
        box = self._settings(self._before.box, BOX)
        if self._differ("emails") or not self._before.box:
            box["emails"] = list(self._answers.emails)
        people = [number for number in self._answers.members if is_extension_number(number)]
        theirs = [number for number in self._present.members if is_extension_number(number)]
        if not self._before.box or (self._differ("members") and box.get("lamps") == theirs):
            box["lamps"] = people
        return _without_nothing(box)

    def _settings(self, number: str, kind: str) -> dict[str, Any]:
        return {"kind": kind, **_element(self._document, number)}

    def _differ(self, *names: str) -> bool:
        """Whether any of these answers says something else than the document does."""
        return any(getattr(self._answers, one) != getattr(self._present, one) for one in names)

    def _lead(
        self, settings: dict[str, Any], ways: Sequence[str], answer: str, *, is_new: bool
    ) -> None:
        """Let exits lead where an answer says; those that led elsewhere than the first stay."""
        if not is_new and not self._differ(answer):
            return
        before = settings.get(ways[0], "")
        target = getattr(self._answers, answer)
        for way in ways:
            if settings.get(way, "") in ("", before):
                settings[way] = self._parts.box if target == VOICEMAIL else target


def _answers_of_rule(document: Document, rule: str, parts: Parts) -> dict[str, Any]:
    settings = _element(document, rule)
    led_here = {rule, *_aliases_of(document, rule)}
    return {
        "hours": tuple(dict(one) for one in settings.get("windows", (ALL_DAY_LONG,))),
        "timezone": settings.get("timezone") or document.get("timezone", "UTC"),
        "holidays": settings.get("holidays", ""),
        "after_hours": _destination(settings.get("no_match", ""), parts),
        "numbers": tuple(
            number
            for number, facts in document.get("numbers", {}).items()
            if facts.get("to") in led_here
        ),
    }


def _answers_of_greeting(document: Document, greeting: str, _parts: Parts) -> dict[str, Any]:
    settings = _element(document, greeting)
    return {
        "greeting": settings.get("sound", ""),
        "direct_dial": settings.get("direct_dial", False),
        "keys": dict(settings.get("keys", {})),
    }


def _answers_of_group(document: Document, group: str, parts: Parts) -> dict[str, Any]:
    settings = _element(document, group)
    strategy = settings.get("strategy", AT_ONCE)
    ring_s = settings.get("ring_s", 30) if strategy == AT_ONCE else settings.get("step_s", 15)
    return {
        "strategy": strategy,
        "members": tuple(_number_of(member) for member in settings.get("members", ())),
        "ring_s": ring_s,
        "no_answer": _destination(settings.get("no_answer", ""), parts),
    }


def _destination(target: str, parts: Parts) -> str:
    return VOICEMAIL if target and target == parts.box else target


def _ringing(answers: Answers) -> dict[str, Any]:
    """The times of a group in which each member rings so long."""
    if answers.strategy == AT_ONCE:
        return {"ring_s": answers.ring_s}
    together_s = min(answers.ring_s * len(answers.members), LONGEST_RING_S)
    return {"step_s": answers.ring_s, "ring_s": together_s}


def _members(before: Sequence[str | Settings], wanted: Sequence[str]) -> list[str | Settings]:
    """Members, those that were there before as they were: with their delays and so on."""
    known = {_number_of(member): member for member in before}
    return [known.get(number, number) for number in wanted]


def _number_of(member: str | Settings) -> str:
    return member if isinstance(member, str) else str(member["number"])


def _led(document: Document, numbers: Sequence[str], entry: str) -> dict[str, Any]:
    all_numbers = dict(document.get("numbers", {}))
    for number in numbers:
        leads_there = {entry, *_aliases_of(document, entry)}
        if all_numbers[number].get("to") not in leads_there:
            all_numbers[number] = {**all_numbers[number], "to": entry}
    return all_numbers


def _aliases_of(document: Document, target: str) -> Iterator[str]:
    return (one for one in document.get("aliases", {}) if alias_target(document, one) == target)


def _nearest(document: Document, starts: Sequence[str], kind: str) -> str:
    """The first element of a kind that calls come to from here, over elements alone."""
    elements = document.get("elements", {})
    queue = deque(target for target in starts if target)
    seen: set[str] = set()
    while queue:
        number = queue.popleft()
        number = alias_target(document, number) or number
        if number in seen or number not in elements:
            continue
        seen.add(number)
        found = elements[number]
        if found["kind"] == kind:
            return number
        settings = {name: value for name, value in found.items() if name != "kind"}
        queue.extend(known_elements()[found["kind"]].targets(settings).values())
    return ""


def _element(document: Document, number: str) -> Settings:
    found: Settings = document.get("elements", {}).get(number, {})
    return found


def _first_email(document: Document) -> tuple[str, ...]:
    people = document.get("extensions", {}).values()
    return tuple(person["email"] for person in people if person.get("email"))[:1]


def _idle_numbers(document: Document) -> tuple[str, ...]:
    """The first outside number that leads nowhere yet."""
    numbers = document.get("numbers", {})
    return tuple(number for number, facts in numbers.items() if not facts.get("to"))[:1]


def _free_numbers(document: Document) -> Iterator[str]:
    taken, country = document.get("elements", {}), document.get("country", "")
    numbers = (str(number) for number in count(FIRST_ELEMENT))
    return (one for one in numbers if one not in taken and not is_reserved(one, country))


def _without_nothing(settings: Settings) -> dict[str, Any]:
    """Settings that are empty are as good as not given."""
    return {name: value for name, value in settings.items() if value not in ("", {}, [], None)}
