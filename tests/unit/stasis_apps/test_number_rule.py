"""Callers are told apart by their numbers."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from stasis_apps.decisions.numbers import ways_to_write
from stasis_apps.element import known_elements
from stasis_apps.testing import ScriptedCall

KIND = known_elements()["number_rule"]
SEED: Mapping[str, object] = {"masks": ["849555510+"], "match": "5120", "no_match": "5000"}


async def way_of(caller: str, settings: Mapping[str, object]) -> str:
    call = ScriptedCall(caller_numbers=ways_to_write(caller, "RU"))
    exit_taken = await KIND.build(settings).run(call)
    assert call.notes
    return str(exit_taken)


@pytest.mark.parametrize(
    ("caller", "settings", "note"),
    [
        ("+74955551012", SEED, "the caller's number matches the mask 849555510+"),
        ("84951234567", {"numbers": ["74951234567"]}, "matches the number 74951234567"),
        (
            "79161112233",
            {"lines": [{"masks": ["7495+"], "target": "100"}, {"masks": ["7916+"], "target": ""}]},
            "fits line 2: the mask 7916+",
        ),
        ("100", SEED, "the caller's number does not match: 100"),
    ],
)
async def test_the_journal_names_what_the_number_was_held_against(
    caller: str, settings: Mapping[str, object], note: str
) -> None:
    call = ScriptedCall(caller_numbers=ways_to_write(caller, "RU"))

    await KIND.build(settings).run(call)

    assert call.notes[0].endswith(note)


@pytest.mark.parametrize("caller", ["84955551012", "+74955551012", "74955551012", "4955551012"])
async def test_callers_of_one_area_match_however_the_carrier_writes_them(caller: str) -> None:
    assert await way_of(caller, SEED) == "match"


@pytest.mark.parametrize(
    "caller",
    ["84955551112", "+18495555101", "100", "8" * 60, "anonymous", "", "unknown", "alice", "84+95"],
)
async def test_all_others_do_not(caller: str) -> None:
    assert await way_of(caller, SEED) == "no_match"


@pytest.mark.parametrize(
    ("compare", "caller", "way"),
    [
        ("raw", "84955551012", "match"),
        ("raw", "+74955551012", "no_match"),
        ("normalised", "84955551012", "match"),
        ("normalised", "+74955551012", "match"),
        ("both", "+74955551012", "match"),
    ],
)
async def test_numbers_count_as_they_came_or_as_they_are_usually_written(
    compare: str, caller: str, way: str
) -> None:
    assert await way_of(caller, {**SEED, "compare": compare}) == way


async def test_a_number_may_be_named_whole() -> None:
    settings = {"numbers": ["74951234567", "100"]}

    assert await way_of("84951234567", settings) == "match"
    assert await way_of("100", settings) == "match"
    assert await way_of("1001", settings) == "no_match"


async def test_callers_who_hide_their_number_have_a_way_of_their_own() -> None:
    assert await way_of("anonymous", {**SEED, "anonymous": "5001"}) == "anonymous"


async def test_the_first_line_that_fits_is_taken_after_masks_and_before_prefixes() -> None:
    settings = {
        **SEED,
        "lines": [
            {"masks": ["p7812+"], "target": "100"},
            {"masks": ["p7+"], "numbers": ["100"], "target": "101"},
        ],
        "prefixes": {"7812": "102", "4": "103", "49": "104"},
    }

    assert await way_of("84955551012", settings) == "match"
    assert await way_of("88121234567", settings) == "line_1"
    assert await way_of("84991234567", settings) == "line_2"
    assert await way_of("100", settings) == "line_2"
    assert await way_of("+493012345678", settings) == "49"
    assert await way_of("+48221234567", settings) == "4"
    assert await way_of("+12024561111", settings) == "no_match"


def test_each_line_and_prefix_is_an_exit() -> None:
    settings = {"lines": [{"target": "100"}, {"target": ""}], "prefixes": {"7495": "101"}}

    assert KIND.build(settings).exits() == {
        "line_1": "100",
        "line_2": "",
        "7495": "101",
        "match": "",
        "no_match": "",
        "anonymous": "",
        "failed": "",
    }
    assert KIND.targets(settings) == {"lines.0.target": "100", "prefixes.7495": "101"}


@pytest.mark.parametrize(
    ("settings", "path", "words"),
    [
        ({"masks": ["+", "849x+"]}, "masks.1", "character 4: 'x' is no symbol"),
        ({"lines": [{"masks": ["{7}"], "target": ""}]}, "lines.0.masks.0", "character 1"),
        ({"lines": [{"masks": ["7"]}]}, "lines.0.target", "required"),
        ({"numbers": ["alice"]}, "numbers.0", "must have the form"),
        ({"prefixes": {"74x": "100"}}, "prefixes", "must have the form"),
        ({"compare": "loosely"}, "compare", "must be one of"),
    ],
)
def test_what_cannot_be_compared_is_refused_when_it_is_saved(
    settings: Mapping[str, object], path: str, words: str
) -> None:
    (fault,) = KIND.faults(settings)

    assert fault.path == path
    assert words in fault.rule
