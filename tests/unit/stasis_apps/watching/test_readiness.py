"""When calls are taken, and what is said to be missing when they are not."""

from __future__ import annotations

from dataclasses import replace

import pytest

from stasis_apps.watching.readiness import (
    DATABASE_SILENT_S,
    Vitals,
    are_calls_taken,
    parts_of,
)

WELL = Vitals(is_connected=True, takes_calls=True, plans_age_s=0.1, is_database_there=True)


def unwell(vitals: Vitals) -> list[str]:
    return [part.name for part in parts_of(vitals) if not part.is_well]


def test_an_exchange_that_has_everything_takes_calls() -> None:
    assert unwell(WELL) == []
    assert are_calls_taken(parts_of(WELL))


@pytest.mark.parametrize(
    ("vitals", "missing"),
    [
        (replace(WELL, is_connected=False), ["asterisk"]),
        (replace(WELL, takes_calls=False), ["application"]),
        (replace(WELL, plans_age_s=None), ["plans", "database"]),
    ],
)
def test_what_a_call_needs_is_named_when_it_is_missing(vitals: Vitals, missing: list[str]) -> None:
    assert unwell(vitals) == missing
    assert not are_calls_taken(parts_of(vitals))


@pytest.mark.parametrize(
    "vitals",
    [
        replace(WELL, is_database_there=False),
        replace(WELL, plans_age_s=DATABASE_SILENT_S + 1),
    ],
)
def test_calls_are_taken_while_the_database_is_away_or_hangs_and_that_is_told(
    vitals: Vitals,
) -> None:
    assert unwell(vitals) == ["database"]
    assert are_calls_taken(parts_of(vitals))


@pytest.mark.parametrize(("unusable", "words"), [(1, "1 tenant goes on"), (2, "2 tenants go on")])
def test_calls_are_taken_though_a_tenant_has_no_usable_plan_and_that_is_told(
    unusable: int, words: str
) -> None:
    vitals = replace(WELL, plans_unusable=unusable)
    parts = parts_of(vitals)

    assert unwell(vitals) == ["every_plan"]
    assert are_calls_taken(parts)
    assert any(words in part.words for part in parts)
