"""What the wizard of the auto attendant writes can be read again, and is not written twice."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from pbx_cli.wizard.answers import (
    ALL_DAY_LONG,
    VOICEMAIL,
    Answers,
    hours_in_words,
    keys_in_words,
    list_in_words,
    read_hours,
    read_keys,
    read_list,
)
from pbx_cli.wizard.attendant import answers_in, find, planned
from pbx_cli.wizard.proofs import with_proofs
from pbx_cli.wizard.questions import QUESTIONS, Office, settle
from stasis_apps.decisions.ringing import Strategy

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
PEOPLE = ("100", "101", "102", "103")
OUTSIDE = ("+74951234567", "+74957654321")
OFFICE: dict[str, Any] = {
    "tenant": "acme",
    "domain": "acme.test",
    "timezone": "Europe/Moscow",
    "country": "RU",
    "extensions": {number: {"name": f"Person {number}"} for number in PEOPLE},
    "elements": {"5001": {"kind": "hang_up"}, "5005": {"kind": "hang_up"}},
    "trunks": {"city": {"host": "sip.carrier.example"}},
    "numbers": {number: {"trunk": "city"} for number in OUTSIDE},
    "calendars": {"russia": {"days": [{"first": "2027-01-01", "last": "2027-01-08", "name": ""}]}},
    "sounds": {"welcome": "0" * 64},
}

TIMES = st.sampled_from(["00:00", "08:00", "09:30", "12:00", "17:45"])
DAYS = st.sampled_from(["mon", "mon-fri", "sat,sun", "fri-mon", "2026-12-31"])
WINDOWS = st.builds(
    lambda days, start: {"days": days, "from": start, "to": "23:00"}, days=DAYS, start=TIMES
)
HOURS = st.one_of(st.just((ALL_DAY_LONG,)), st.lists(WINDOWS, min_size=1, max_size=3).map(tuple))
DESTINATIONS = st.sampled_from([VOICEMAIL, "100", "5001", "+79161112233"])
KEYS = st.dictionaries(st.sampled_from("123456789"), st.sampled_from(["100", "5001"]), max_size=3)
ANSWERS = st.builds(
    Answers,
    numbers=st.lists(st.sampled_from(OUTSIDE), unique=True).map(tuple),
    hours=HOURS,
    timezone=st.sampled_from(["Europe/Moscow", "+05:00"]),
    holidays=st.sampled_from(["", "russia"]),
    greeting=st.sampled_from(["welcome", "asterisk:hello-world"]),
    direct_dial=st.booleans(),
    keys=KEYS,
    strategy=st.sampled_from([strategy.value for strategy in Strategy]),
    members=st.lists(st.sampled_from([*PEOPLE, "+79161112233"]), min_size=1, unique=True).map(
        tuple
    ),
    ring_s=st.integers(1, 100),
    no_answer=DESTINATIONS,
    after_hours=DESTINATIONS,
    emails=st.lists(st.sampled_from(["a@acme.test", "b@acme.test"]), unique=True).map(tuple),
)


def written(document: dict[str, Any], answers: Answers) -> dict[str, Any]:
    """The tenant with the attendant and its route tests."""
    after = planned(document, "attendant", answers)
    after["tests"] = with_proofs(document, after, "attendant", answers, now=NOW)
    return after


def comparable(answers: Answers) -> Answers:
    """Answers without what nobody is asked, the rest of them being as they are."""
    if not answers.takes_messages:
        answers = replace(answers, emails=())
    return replace(answers, numbers=tuple(sorted(answers.numbers)))


@given(ANSWERS)
def test_the_answers_can_be_read_from_what_was_written(answers: Answers) -> None:
    document = written(OFFICE, answers)

    found = answers_in(document, find(document, "attendant"))

    assert comparable(found) == comparable(answers)


@given(ANSWERS, ANSWERS)
def test_other_answers_make_of_an_attendant_what_they_would_have_made_at_first(
    first: Answers, then: Answers
) -> None:
    document = written(written(OFFICE, first), then)

    found = answers_in(document, find(document, "attendant"))

    assert comparable(replace(found, numbers=())) == comparable(replace(then, numbers=()))
    assert set(then.numbers) <= set(found.numbers)


@given(ANSWERS)
def test_the_same_answers_change_nothing_the_second_time(answers: Answers) -> None:
    document = written(OFFICE, answers)
    office = Office(document, "attendant")

    again = settle(office, answers_in(document, find(document, "attendant")), {}, None)

    assert written(document, again) == document


@given(ANSWERS)
def test_every_answer_can_be_given_as_it_is_shown(answers: Answers) -> None:
    office = Office(OFFICE, "attendant")
    for question in QUESTIONS:
        read = question.answered(Answers(), question.default(answers), office)

        assert getattr(read, question.name) == getattr(answers, question.name)


@given(HOURS, KEYS, st.lists(st.sampled_from(PEOPLE), unique=True))
def test_texts_mean_what_they_were_made_of(
    hours: tuple[dict[str, str], ...], keys: dict[str, str], people: list[str]
) -> None:
    assert read_hours(hours_in_words(hours)) == hours
    assert read_keys(keys_in_words(keys)) == keys
    assert read_list(list_in_words(people)) == tuple(people)
