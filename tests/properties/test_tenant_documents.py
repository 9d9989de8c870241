"""Tenant files: what is written is read again, and nothing is lost between rows and text."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from models.provisioning.whole import tenant_faults
from models.tenant_file.document import document_of, rows_of_document
from models.tenant_file.ordering import in_order
from models.tenant_file.parts import Document, FaultyFile, FileFault, TenantFile
from models.tenant_file.patch import patch_between, undone
from models.tenant_file.reading import file_of_document, read_tenant_file
from models.tenant_file.schema import tenant_schema
from models.tenant_file.writing import text_of
from models.tenant_file.yaml_nodes import Unreadable, node_of
from pbx_cli.element_kinds import kind_schemas
from stasis_apps.element import Catalogue
from tests.support.tenants_strategy import file_with_secrets, tenant_documents

KINDS = kind_schemas()
EDITOR = Draft202012Validator(tenant_schema(KINDS))


def read(text: str) -> TenantFile:
    with TemporaryDirectory() as folder:
        file = Path(folder) / "acme.yaml"
        file.write_text(text, encoding="utf-8")
        return read_tenant_file(file, KINDS)


@settings(max_examples=50)
@given(tenant_documents())
def test_a_tenant_survives_its_rows(document: Document) -> None:
    rows = rows_of_document(file_with_secrets(document), None)

    assert document_of(rows) == document
    assert rows_of_document(file_with_secrets(document_of(rows)), rows) == rows


@settings(max_examples=25)
@given(tenant_documents())
def test_what_an_export_writes_is_read_as_the_same_tenant(document: Document) -> None:
    assert read(text_of(document)).document == document


@settings(max_examples=25)
@given(tenant_documents())
def test_a_document_that_a_program_makes_is_taken_as_it_is(document: Document) -> None:
    file = file_of_document(document, file=Path("made"), kinds=KINDS)
    assert file.document == document


@settings(max_examples=25)
@given(tenant_documents())
def test_no_editor_complains_about_what_is_right(document: Document) -> None:
    sounds = {
        name: {"file": f"{name}.wav", "sha256": sha256}
        for name, sha256 in document.get("sounds", {}).items()
    }
    written = {**document, "sounds": sounds}
    assert [error.message for error in EDITOR.iter_errors(written)] == []


@settings(max_examples=25)
@given(tenant_documents(), st.randoms())
def test_an_export_is_the_same_whatever_order_a_database_returns(
    document: Document, chance: Random
) -> None:
    rows = rows_of_document(file_with_secrets(document), None)
    tenant = replace(
        rows.tenant,
        route_tests=_shuffled(rows.tenant.route_tests, chance),
        silenced=_shuffled(rows.tenant.silenced, chance),
    )
    returned = replace(
        rows,
        tenant=tenant,
        extensions=_with_shuffled(rows.extensions, "settings", chance),
        elements=_with_shuffled(rows.elements, "settings", chance),
        outbound=_with_shuffled(rows.outbound, "hours", chance),
    )

    for exported in (lambda one: one, lambda one: in_order(one, KINDS)):
        assert text_of(exported(document_of(returned))) == text_of(exported(document_of(rows)))


def _with_shuffled(facts: Any, field: str, chance: Random) -> Any:  # JSON border: settings in facts
    shuffled = (replace(one, **{field: _shuffled(getattr(one, field), chance)}) for one in facts)
    return tuple(shuffled)


def _shuffled(value: Any, chance: Random) -> Any:  # JSON border: settings
    """The same with the names of all maps in any order."""
    if isinstance(value, Mapping):
        names = chance.sample(list(value), len(value))
        return {name: _shuffled(value[name], chance) for name in names}
    if isinstance(value, list | tuple):
        return type(value)(_shuffled(one, chance) for one in value)
    return value


@settings(max_examples=25)
@given(tenant_documents(), tenant_documents())
def test_every_change_can_be_undone(before: Document, after: Document) -> None:
    assert undone(after, patch_between(before, after)) == before


@given(st.text(st.characters(codec="utf-8"), max_size=80))
def test_any_text_is_read_or_refused_at_a_place(text: str) -> None:
    told = "nothing"
    try:
        node_of(text)
    except Unreadable as problem:
        told = problem.rule
    assert told


@settings(max_examples=50)
@given(st.text(alphabet="{}[]:,-\n \t\"'&*!|>%@`#?az19", max_size=60))
def test_whatever_is_behind_the_first_lines_never_breaks_the_reader(rest: str) -> None:
    told: list[FileFault] = []
    try:
        read(f"tenant: acme\ndomain: acme.test\ncountry: RU\n{rest}")
    except FaultyFile as refusal:
        told += refusal.file_faults
    assert all(fault.place.line <= 3 + len(rest.splitlines()) + 1 for fault in told)


ODD_VALUES = [True, 0, -1, 1.5, "", "x", "100", [], {}, [[]], [{}], {"a": 1}, {"name": []}, 10**17]


@settings(max_examples=25, phases=[Phase.generate])
@given(
    tenant_documents(),
    st.lists(st.tuples(st.randoms(), st.sampled_from(ODD_VALUES)), min_size=1, max_size=4),
)
def test_whatever_stands_anywhere_the_rest_can_be_checked(
    document: Document, changes: list[tuple[Random, object]]
) -> None:
    odd = copy.deepcopy(dict(document))
    for chance, value in changes:
        _put_somewhere(odd, value, chance)
    try:
        file = file_of_document(odd, file=Path("made"), kinds=KINDS)
    except FaultyFile as refusal:
        assert refusal.rest is not None  # noqa: PT017 - a file without faults is no failure
        file = refusal.rest
    tenant_faults(rows_of_document(file, None), None, file.secrets, Catalogue())


def _put_somewhere(document: Any, value: object, chance: Random) -> None:  # JSON border
    """Put a value at a random place of a document."""
    places = list(document) if isinstance(document, dict) else list(range(len(document)))
    if not places:
        return
    place = chance.choice(places)
    if isinstance(document[place], dict | list) and document[place] and chance.random() < 0.8:
        _put_somewhere(document[place], value, chance)
    else:
        document[place] = copy.deepcopy(value)


@pytest.mark.parametrize("text", ["[" * 100_000, "- " * 100_000, "{a: " * 100_000])
def test_nothing_stands_too_deep_to_be_refused(text: str) -> None:
    with pytest.raises(Unreadable, match="too deep"):
        node_of(text)
