"""Settings of elements: whatever stands in the database, nothing breaks."""

from __future__ import annotations

import string
from collections.abc import Mapping, Sequence
from typing import Any, cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stasis_apps.call import Target
from stasis_apps.element import ElementKind, known_elements
from tests.support.builders import a_plan

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner),
    max_leaves=8,
)

every_kind = pytest.mark.parametrize("kind", known_elements().values(), ids=lambda kind: kind.name)


def odd_settings(kind: ElementKind) -> st.SearchStrategy[dict[str, Any]]:  # JSON border
    """Settings whose names are mostly known and whose values are anything."""
    names = st.sampled_from(sorted(kind.schema["properties"])) | st.text(
        alphabet=string.ascii_lowercase, max_size=6
    )
    return st.dictionaries(names, JSON, max_size=6)


FITTING = {
    "target": ["", "100", "5000", "+79161112233"],
    "sound": ["welcome", "asterisk:beep"],
    "calendar": ["", "russia"],
    "email": ["office@acme.test"],
    "timezone": ["Europe/Moscow", "+05:00"],
    "mask": ["+", "p7d?(495)", "{7|8|}dd"],
    "date": ["2026-12-31"],
    "switch": ["5300"],
    "mailbox": ["", "100", "5120"],
    "extension": ["100", "4999"],
    "uri": ["https://crm.example.test/call?action=route", "http://[2001:db8::1]:8080/"],
}
"""Texts for each format."""

READABLE = {
    "days": ["2026-12-31", "2027-01-01..2027-01-08"],
    "from": ["09:00", "00:00"],
    "to": ["21:00", "24:00"],
}
"""Texts for settings whose shape is no format but checked by the kind itself."""


def good_value(setting: Mapping[str, Any]) -> st.SearchStrategy[Any]:  # JSON border
    """A value that satisfies the schema of one setting."""
    match setting:
        case {"enum": values}:
            return st.sampled_from(values)
        case {"anyOf": forms}:
            return st.one_of([good_value(form) for form in forms])
        case {"type": "boolean"}:
            return st.booleans()
        case {"type": "integer" | "number" as size, "minimum": low, "maximum": high}:
            return st.integers(low, high) if size == "integer" else st.floats(low, high)
        case {"type": "array" | "object"}:
            return good_things(setting)
        case _:
            return good_text(setting)


def good_things(setting: Mapping[str, Any]) -> st.SearchStrategy[Any]:  # JSON border
    """A list or an object that satisfies its schema."""
    match setting:
        case {"type": "array", "items": items}:
            fewest = setting.get("minItems", 0)
            return st.lists(good_value(items), min_size=fewest, max_size=3, unique_by=repr)
        case {"propertyNames": {"pattern": pattern}, "additionalProperties": others}:
            keys = st.from_regex(pattern, fullmatch=True)
            return st.dictionaries(keys, good_value(others), max_size=4)
        case _:
            return good_object(setting)


def good_text(setting: Mapping[str, Any]) -> st.SearchStrategy[str]:  # JSON border
    """A text that satisfies its schema."""
    match setting:
        case {"format": shape}:
            return st.sampled_from(FITTING[shape])
        case {"pattern": pattern}:
            longest = setting.get("maxLength", 100)
            texts = st.from_regex(pattern, fullmatch=True)
            return texts.filter(lambda text: len(text) <= longest)
        case _:
            return st.text(min_size=setting.get("minLength", 0), max_size=8)


def good_object(schema: Mapping[str, Any]) -> st.SearchStrategy[dict[str, Any]]:  # JSON border
    """An object with all that is required and some that is not."""
    properties = {
        name: st.sampled_from(READABLE[name]) if name in READABLE else good_value(value)
        for name, value in schema["properties"].items()
    }
    required = set(schema.get("required", ()))
    return st.fixed_dictionaries(
        {name: value for name, value in properties.items() if name in required},
        optional={name: value for name, value in properties.items() if name not in required},
    )


@every_kind
@given(data=st.data())
def test_any_settings_give_faults_and_never_an_exception(
    kind: ElementKind, data: st.DataObject
) -> None:
    given_ = data.draw(odd_settings(kind))

    faults = kind.faults(given_)

    assert all(str(fault) for fault in faults)
    assert all({**kind.targets(given_), **kind.sounds(given_)}.values())
    if not faults:
        assert kind.build(given_).exits() is not None


@every_kind
@given(data=st.data())
def test_settings_without_faults_always_make_an_element(
    kind: ElementKind, data: st.DataObject
) -> None:
    given_ = data.draw(good_object(kind.schema))
    faults = kind.faults(given_)
    if faults:  # what the schemas allow, only the kind's own check may refuse
        assert kind.check is not None
        return

    exits = kind.build(given_).exits()
    assert {target for target in exits.values() if target} <= set(kind.targets(given_).values())


@every_kind
@given(data=st.data())
def test_what_settings_name_is_found_at_its_path(kind: ElementKind, data: st.DataObject) -> None:
    given_ = data.draw(good_object(kind.schema))

    for named in (kind.targets, kind.sounds, kind.calendars, kind.switches):
        for path, name in named(given_).items():
            assert at_path(given_, path.split(".")) == name


def at_path(settings: Any, steps: Sequence[str]) -> object:  # JSON border
    for step in steps:
        settings = settings[int(step)] if isinstance(settings, list) else settings[step]
    return cast("object", settings)


@given(
    st.dictionaries(
        st.from_regex(r"[5-9][0-9]{3}", fullmatch=True),
        st.tuples(st.sampled_from([*known_elements(), "telepathy", ""]), JSON),
        max_size=4,
    )
)
def test_a_plan_can_be_made_of_any_rows_and_lists_each_that_is_left_out(
    rows: dict[str, tuple[str, Any]],
) -> None:
    elements = {
        number: {"kind": kind, **(value if isinstance(value, dict) else {"value": value})}
        for number, (kind, value) in rows.items()
    }
    elements = {number: {**given_, "kind": rows[number][0]} for number, given_ in elements.items()}

    plan = a_plan(elements=elements)

    faulty = {fault.number for fault in plan.faults}
    for number in elements:
        assert (plan.behind(Target(number)) is None) is (number in faulty)
    assert plan.behind(Target("100")) is not None
