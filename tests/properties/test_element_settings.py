"""Settings of elements: whatever stands in the database, nothing breaks."""

from __future__ import annotations

import string
from collections.abc import Mapping
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
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

relaxed = settings(suppress_health_check=[HealthCheck.too_slow])


def odd_settings(kind: ElementKind) -> st.SearchStrategy[dict[str, Any]]:  # JSON border
    """Settings whose names are mostly known and whose values are anything."""
    names = st.sampled_from(sorted(kind.schema["properties"])) | st.text(
        alphabet=string.ascii_lowercase, max_size=6
    )
    return st.dictionaries(names, JSON, max_size=6)


def good_value(  # noqa: PLR0911 - one answer for each form that a setting can have
    setting: Mapping[str, Any],  # JSON border
) -> st.SearchStrategy[Any]:
    """A value that satisfies the schema of one setting."""
    match setting:
        case {"enum": values}:
            return st.sampled_from(values)
        case {"type": "boolean"}:
            return st.booleans()
        case {"type": "integer", "minimum": low, "maximum": high}:
            return st.integers(low, high)
        case {"type": "number", "minimum": low, "maximum": high}:
            return st.floats(low, high)
        case {"type": "array", "items": items}:
            return st.lists(good_value(items), max_size=3, unique=True)
        case {"type": "object", "propertyNames": {"pattern": pattern}, **rest}:
            keys = st.from_regex(pattern, fullmatch=True)
            return st.dictionaries(keys, good_value(rest["additionalProperties"]), max_size=4)
        case {"type": "string", "pattern": pattern}:
            return st.from_regex(pattern, fullmatch=True)
        case _:
            return st.text(max_size=8)


def good_settings(kind: ElementKind) -> st.SearchStrategy[dict[str, Any]]:  # JSON border
    properties = {name: good_value(value) for name, value in kind.schema["properties"].items()}
    required = set(kind.schema["required"])
    return st.fixed_dictionaries(
        {name: value for name, value in properties.items() if name in required},
        optional={name: value for name, value in properties.items() if name not in required},
    )


@every_kind
@relaxed
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
@relaxed
@given(data=st.data())
def test_settings_without_faults_always_make_an_element(
    kind: ElementKind, data: st.DataObject
) -> None:
    given_ = data.draw(good_settings(kind))

    assert kind.faults(given_) == []
    element = kind.build(given_)
    targets = kind.targets(given_)
    assert {path.removeprefix("keys."): target for path, target in targets.items()} == {
        str(name): target for name, target in element.exits().items() if target
    }
    assert all(given_[path] == sound for path, sound in kind.sounds(given_).items())


@relaxed
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
