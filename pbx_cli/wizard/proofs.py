"""The route tests of an attendant: calls that are imagined, and what they must come to; pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, Final

import phonenumbers

from models.tenant_file.parts import Document
from models.tenant_file.route_test_schema import REST_OF_PATH
from pbx_cli.wizard.answers import VOICEMAIL, Answers
from pbx_cli.wizard.attendant import alias_target, answers_in, find
from stasis_apps.call import Holiday
from stasis_apps.decisions.schedule import MATCH, NO_MATCH, Schedule, status
from stasis_apps.decisions.schedule_words import parse_zone
from stasis_apps.elements.greeting import Greeting
from stasis_apps.elements.time_rule import TimeRule

RouteTest = Mapping[str, Any]  # JSON border: a route test as it stands in a document

PICKS_UP: Final = "3s"
SILENT: Final = "no_answer"
SOMEBODY_OUTSIDE: Final = "+12015550123"
MOST_CHANGES: Final = 1_000
_A_MINUTE: Final = timedelta(minutes=1)


def with_proofs(
    before: Document, after: Document, name: str, answers: Answers, *, now: datetime
) -> list[RouteTest]:
    """All route tests of a tenant, those of its attendant as they have to be.

    A test of the attendant that somebody has changed by hand stays as it is.

    Args:
        before: The tenant as it is.
        after: The same with the attendant as it is wanted.
        name: The attendant; the names of its tests begin with it.
        answers: What is wanted.
        now: Calls are imagined after this moment; one that was imagined earlier and would still go
            the same way keeps its moment.
    """
    tests: Sequence[RouteTest] = before.get("tests", ())
    untouched = _untouched(before, tests, name, now)
    theirs = [test for test in tests if test["name"] not in untouched]
    taken = {test["name"] for test in theirs}
    proofs = _Proofs(after, name, answers, _moments(tests)).all_of_them(now)
    return [*theirs, *(proof for proof in proofs if proof["name"] not in taken)]


def _untouched(
    before: Document, tests: Sequence[RouteTest], name: str, now: datetime
) -> frozenset[str]:
    """The tests of the attendant that stand there as they were written here."""
    parts = find(before, name)
    if not (parts.rule and parts.greeting and parts.group):
        return frozenset()
    present = answers_in(before, parts)
    ours = [_timeless(test) for test in _Proofs(before, name, present, {}).all_of_them(now)]
    return frozenset(str(test["name"]) for test in tests if _timeless(test) in ours)


def _timeless(test: RouteTest) -> RouteTest:
    return {field: value for field, value in test.items() if field != "at"}


def _moments(tests: Sequence[RouteTest]) -> dict[str, str]:
    return {str(test["name"]): str(test["at"]) for test in tests if "at" in test}


def test_name(name: str, what: str) -> str:
    """What a route test of an attendant is called."""
    return f"{name}: {what}"


class _Proofs:
    """The tests of one attendant."""

    def __init__(
        self,
        document: Document,
        name: str,
        answers: Answers,
        moments: Mapping[str, str],
    ) -> None:
        self._document, self._name, self._parts = document, name, find(document, name)
        self._answers, self._moments = answers, moments
        self._elements = document["elements"]
        self._schedule = schedule_of(document, self._parts.rule)

    def all_of_them(self, now: datetime) -> Iterator[RouteTest]:
        who = self._caller()
        if who is None:
            return
        for what, wanted, rest in self._cases():
            name = test_name(self._name, what)
            at = self._moment(name, wanted, now)
            if at:
                yield {"name": name, **who, "at": at, **rest}

    def _cases(self) -> Iterator[tuple[str, str, dict[str, Any]]]:
        """Each with what is tested, the verdict of the clock that it needs, and the rest."""
        rung = [*self._to_greeting(), *self._hop(self._undecided, self._parts.group)]
        reached = {"path": rung, "ends": "normal"}
        yield "somebody answers", MATCH, {"otherwise": PICKS_UP, "expect": reached}
        unanswered = self._expected(rung, self._answers.no_answer)
        yield "nobody answers", MATCH, {"otherwise": SILENT, "expect": unanswered}
        if not self._answers.is_always_open:
            closed = self._expected([self._parts.rule], self._answers.after_hours)
            yield "outside the hours", NO_MATCH, {"otherwise": SILENT, "expect": closed}
        for key, target in self._answers.keys.items():
            expect = self._expected(self._to_greeting(), target)
            yield f"key {key}", MATCH, {"keys": [key], "otherwise": SILENT, "expect": expect}
        person = self._dialled_directly()
        if person:
            expect = self._expected(self._to_greeting(), person)
            rest = {"keys": [person], "otherwise": PICKS_UP, "expect": expect}
            yield "an extension is dialled", MATCH, rest

    def _caller(self) -> dict[str, str] | None:
        """Who calls, and what they dial; None where nobody can without being rung themselves."""
        if self._answers.numbers:
            country = self._document.get("country", "")
            return {"from": somebody_in(country), "to": self._answers.numbers[0]}
        people = [*self._document.get("extensions", {})]
        others = [person for person in people if person not in self._answers.members]
        if others:
            return {"from": others[0], "to": self._name}
        return None

    def _dialled_directly(self) -> str:
        """Somebody who is reached by their extension, and by no key that begins like it."""
        if not self._answers.direct_dial:
            return ""
        settings = _settings_of(self._elements[self._parts.greeting])
        greeting = Greeting(**settings)
        if greeting.direct_dial_allow or greeting.direct_dial_deny:
            return ""
        people = [*self._answers.members, *self._document.get("extensions", {})]
        known = self._document.get("extensions", {})
        return next((one for one in people if one in known and one not in greeting.keys), "")

    def _to_greeting(self) -> list[str]:
        match = self._elements[self._parts.rule].get("match", "")
        return [self._parts.rule, *self._hop(match, self._parts.greeting)]

    @property
    def _undecided(self) -> str:
        return str(self._elements[self._parts.greeting].get("no_input", ""))

    def _hop(self, target: str, number: str) -> list[str]:
        """From an exit to an element; people may have put others in between."""
        led = alias_target(self._document, target) or target
        return [number] if led == number else [REST_OF_PATH, number]

    def _expected(self, path: Sequence[str], destination: str) -> dict[str, Any]:
        if destination == VOICEMAIL:
            return {"path": [*path, self._parts.box], "voicemail": self._parts.box}
        led = alias_target(self._document, destination) or destination
        return {"path": [*path, led, REST_OF_PATH] if led else [*path]}

    def _moment(self, name: str, wanted: str, now: datetime) -> str:
        """When the clock leads there: the moment from before if it still does, else the next."""
        zone = parse_zone(self._document.get("timezone", "UTC"))
        if name in self._moments:
            before = datetime.fromisoformat(self._moments[name])
            before = before if before.tzinfo else before.replace(tzinfo=zone)
            if _verdict(self._schedule, before) == wanted:
                return self._moments[name]
        found = next_moment(self._schedule, wanted, now)
        return "" if found is None else found.astimezone(zone).strftime("%Y-%m-%dT%H:%M")


def schedule_of(document: Document, rule: str) -> Schedule:
    """The hours of a time rule in a document."""
    settings: dict[str, Any] = {
        name: tuple(value) if isinstance(value, list) else value
        for name, value in _settings_of(document["elements"][rule]).items()
    }
    zone = parse_zone(document.get("timezone", "UTC"))
    calendar = document.get("calendars", {}).get(settings.get("holidays", ""), {})
    days = [
        Holiday(
            first=datetime.fromisoformat(day["first"]).date(),
            last=datetime.fromisoformat(day["last"]).date(),
            name=day.get("name", ""),
        )
        for day in calendar.get("days", ())
    ]
    return TimeRule(**settings).schedule(zone, days)


def next_moment(schedule: Schedule, wanted: str, now: datetime) -> datetime | None:
    """The first moment from now on at which the clock gives this verdict, a minute into it.

    None when there is none in sight.
    """
    at: datetime | None = now.astimezone(UTC).replace(second=0, microsecond=0)
    for _ in range(MOST_CHANGES):
        if at is None:
            return None
        if _verdict(schedule, at + _A_MINUTE) == wanted:
            return at + _A_MINUTE
        at = status(schedule, at).until
    return None


def somebody_in(country: str) -> str:
    """A mobile number of a country that nobody has, or that nobody minds; for imagined callers."""
    example = phonenumbers.example_number_for_type(country, phonenumbers.PhoneNumberType.MOBILE)
    if example is None:
        return SOMEBODY_OUTSIDE
    return str(phonenumbers.format_number(example, phonenumbers.PhoneNumberFormat.E164))


def _verdict(schedule: Schedule, at: datetime) -> str:
    return schedule.at(at).exit


def _settings_of(element: Mapping[str, Any]) -> dict[str, Any]:
    """What an element's kind knows; its kind and its PIN stand beside it in a document."""
    return {name: value for name, value in element.items() if name not in ("kind", "pin")}
