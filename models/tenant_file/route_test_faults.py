"""What is wrong with route tests that have the right shape; pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime

from models.tenant_file.parts import RoutedFault
from models.tenant_file.route_test_schema import OUT_OF_TIME, YEARS

TESTS = "tests"


def route_test_faults(tests: Sequence[Mapping[str, object]]) -> Iterator[RoutedFault]:
    """Names that two tests have, and days that no calendar has.

    Args:
        tests: The section ``tests``, as its schema has it.
    """
    seen: set[object] = set()
    for place, test in enumerate(tests):
        name = test["name"]
        if name in seen:
            yield RoutedFault((TESTS, str(place), "name"), name, "is the name of another test, too")
        seen.add(name)
        rule = _wrong_with_moment(str(test["at"])) if "at" in test else ""
        if rule:
            yield RoutedFault((TESTS, str(place), "at"), test["at"], rule)


def days_of(tests: Iterable[Mapping[str, object]]) -> list[date]:
    """The days of those tests that name one, by whichever clock."""
    moments = [str(test["at"]) for test in tests if "at" in test]
    return [datetime.fromisoformat(one).date() for one in moments if not _wrong_with_moment(one)]


def _wrong_with_moment(text: str) -> str:
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        return "is no moment (2026-11-23T10:00)"
    return "" if at.year in YEARS else OUT_OF_TIME
