"""What holds for every element kind, found by looking in the folder; a new kind joins by itself."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import MISSING, Field, fields, is_dataclass
from typing import Any, cast

import pytest
from jsonschema import Draft202012Validator

from stasis_apps.call import FAILED, NOWHERE, CallEnded
from stasis_apps.decisions.ending import EndedBy
from stasis_apps.element import ElementKind, known_elements
from stasis_apps.testing import HangsUpAt, PickedUp, ScriptedCall, Verb
from tests.contract.elements.examples import FOLDER, example_of

BY_EXTENSION = {"devices": ["100@acme.test"]}
"""What provisioning fills in for kinds that are made with an extension."""

every_kind = pytest.mark.parametrize("kind", known_elements().values(), ids=lambda kind: kind.name)


def fields_of(kind: ElementKind) -> dict[str, Field[Any]]:  # values of any type
    assert isinstance(kind.make, type)
    assert is_dataclass(kind.make)
    return {field.name: field for field in fields(kind.make)}


def settings_of(kind: ElementKind) -> Mapping[str, Any]:  # JSON border
    return cast("Mapping[str, Any]", kind.schema["properties"])


def a_caller(hangs_up_at: HangsUpAt | None = None) -> ScriptedCall:
    """Somebody who tries everything: a wrong key, silence, then keys; every phone is picked up."""
    return ScriptedCall(
        presses=["*", "", "1", "2"],
        phones={"100@acme.test": PickedUp()},
        extensions=["100", "101"],
        hangs_up_at=hangs_up_at,
    )


async def experience(kind: ElementKind, call: ScriptedCall) -> None:
    """Let the caller through the kind's example, wherever that leads."""
    extra = BY_EXTENSION if kind.of_extension else {}
    try:
        await kind.build({**example_of(kind.name), **extra}).run(call)
    except CallEnded:
        return


def test_kinds_are_found() -> None:
    assert {"greeting", "hang_up", "play", "user"} <= set(known_elements())


@every_kind
def test_the_schema_is_closed_and_every_setting_is_described(kind: ElementKind) -> None:
    Draft202012Validator.check_schema(kind.schema)
    assert kind.schema["additionalProperties"] is False
    for name, setting in settings_of(kind).items():
        assert setting.get("description"), f"{name} has no description"


@every_kind
def test_settings_and_fields_have_the_same_names(kind: ElementKind) -> None:
    assert set(settings_of(kind)) == set(fields_of(kind))


@every_kind
def test_a_setting_is_required_exactly_when_its_field_has_no_default(kind: ElementKind) -> None:
    without_default = {
        name
        for name, field in fields_of(kind).items()
        if field.default is MISSING and field.default_factory is MISSING
    }
    assert set(kind.schema["required"]) == without_default


@every_kind
def test_defaults_satisfy_the_schema_and_are_those_of_the_fields(kind: ElementKind) -> None:
    for name, setting in settings_of(kind).items():
        if "default" not in setting:
            continue
        assert list(Draft202012Validator(setting).iter_errors(setting["default"])) == []
        assert setting["default"] == fields_of(kind)[name].default, name


@every_kind
def test_a_default_that_is_more_than_nothing_is_said_in_the_schema(kind: ElementKind) -> None:
    for name, field in fields_of(kind).items():
        if field.default not in (MISSING, None, NOWHERE, ()):
            assert "default" in settings_of(kind)[name], f"{name}: {field.default} is not told"


@every_kind
def test_an_element_is_a_frozen_value(kind: ElementKind) -> None:
    element = kind.build(example_of(kind.name))
    name = next(iter(fields_of(kind)), "anything")

    with pytest.raises((AttributeError, TypeError)):
        setattr(element, name, None)
    assert element == kind.build(example_of(kind.name))


@every_kind
def test_the_docstring_names_every_fixed_exit(kind: ElementKind) -> None:
    text = kind.make.__doc__ or ""
    line = re.search(r"^\s*Exits: (.+?)(?:\n\s*\n|\Z)", text, re.MULTILINE | re.DOTALL)
    assert line is not None, "no line begins with 'Exits: '"
    fixed = {str(name) for name in kind.build({**required_of(kind)}).exits()}
    for name in {*fixed, str(FAILED)}:
        assert f"``{name}``" in line.group(1), f"{name} is not named"


def required_of(kind: ElementKind) -> Mapping[str, object]:
    """The example, with nothing in it but what must be."""
    example = example_of(kind.name)
    return {name: example[name] for name in kind.schema["required"]}


@every_kind
def test_whoever_can_leave_can_also_leave_by_failed(kind: ElementKind) -> None:
    exits = kind.build(example_of(kind.name)).exits()

    if exits:
        assert FAILED in exits
        assert settings_of(kind)["failed"]["format"] == "target"


@every_kind
def test_every_target_among_the_settings_is_an_exit(kind: ElementKind) -> None:
    exits = kind.build(required_of(kind)).exits()

    for name, setting in settings_of(kind).items():
        if setting.get("format") == "target":
            assert name in exits, f"{name} leads somewhere, but nobody ever leaves by it"


@every_kind
def test_the_example_has_no_faults(kind: ElementKind) -> None:
    assert kind.faults(example_of(kind.name)) == []


def test_there_is_no_example_of_a_kind_that_is_not_there() -> None:
    assert {path.stem for path in FOLDER.glob("*.yaml")} == set(known_elements())


@every_kind
async def test_a_caller_who_stays_gets_out_in_the_end(kind: ElementKind) -> None:
    await experience(kind, a_caller())


@every_kind
async def test_a_caller_may_hang_up_at_each_verb(kind: ElementKind) -> None:
    patient = a_caller()
    await experience(kind, patient)
    decides_at_once = not patient.verbs
    asks_a_server = Verb.REQUEST in patient.verbs
    is_in_touch = patient.is_answered or patient.rang or patient.end is not None or asks_a_server
    assert decides_at_once or is_in_touch

    for place, verb in enumerate(patient.verbs):
        nth = patient.verbs[: place + 1].count(verb)
        call = a_caller(HangsUpAt(verb, nth))
        await experience(kind, call)
        assert call.end is not None, f"a hang-up at {verb} {nth} was not noticed"
        assert call.end.by is EndedBy.CALLER
        assert call.verbs == patient.verbs[: place + 1], "something was asked of one who had gone"
