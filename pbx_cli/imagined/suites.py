"""Where route tests stand: in a tenant file, in a file of their own, or in the database."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from models.schema_faults import broken_rules
from models.tenant_file.parts import Document, FaultyFile, Place, Route, RoutedFault, TenantFile
from models.tenant_file.route_test_faults import TESTS, days_of, route_test_faults
from models.tenant_file.route_test_schema import ROUTE_TEST_SCHEMA
from models.tenant_file.yaml_nodes import MapNode, Node, ScalarNode, Unreadable, node_of
from models.tenant_file.yaml_values import ValueReader
from pbx_cli.context import Desk
from pbx_cli.plans import Planned, planned
from stasis_apps.plan import NumberPlan
from stasis_apps.route_tests import RouteTest

SUITE_SCHEMA: Final[dict[str, object]] = {
    "type": "object",
    "description": "Route tests beside a tenant's configuration (`pbx test`).",
    "additionalProperties": False,
    "required": [TESTS],
    "properties": {
        "tenant": {
            "type": "string",
            "minLength": 1,
            "description": "Whose plan is tested: a tenant in the database.",
        },
        "file": {
            "type": "string",
            "minLength": 1,
            "description": "Or a tenant file, its path relative to this one.",
        },
        TESTS: {"type": "array", "minItems": 1, "items": ROUTE_TEST_SCHEMA},
    },
}

_ITS_KEYS: Final = frozenset({"tenant", "file", TESTS})


@dataclass(frozen=True, slots=True, kw_only=True)
class Suite:
    """Route tests, and the plan that they are run through.

    Attributes:
        title: The file or the tenant.
        plan: The plan.
        tests: They have the shape of their schema.
        places: Where they stand in the file; empty for those of the database.
    """

    title: str
    plan: NumberPlan
    tests: Sequence[RouteTest]
    places: Mapping[Route, Place] = field(default_factory=dict)

    def line_of(self, test: int) -> int | None:
        """The line of a test in its file, or None."""
        place = self.places.get((TESTS, str(test)))
        return place.line if place else None


async def suite_in(file: Path, desk: Desk) -> Suite:
    """The route tests in a tenant file, or in a file of their own.

    Raises:
        FaultyFile: It cannot be read or run.
        NotFound: There is no such tenant.
    """
    node = await asyncio.to_thread(_node_in, file)
    if node is None:
        tested = await planned(desk, tenant=None, file=file)
        return _kept(tested, str(file))
    own = _read(file, node)
    tenant, beside = own.document.get("tenant"), own.document.get("file")
    path = None if beside is None else file.parent / beside
    if path is not None and not path.is_file():
        raise FaultyFile([own.at_its_place(RoutedFault(("file",), beside, "is no file"))])
    tests = own.document[TESTS]
    tested = await planned(desk, tenant=tenant, file=path, asked=days_of(tests))
    return Suite(title=str(file), plan=tested.plan, tests=tests, places=own.places)


async def suite_of(tenant: str, desk: Desk) -> Suite:
    """The route tests that are kept with a tenant.

    Raises:
        NotFound: There is no such tenant.
    """
    return _kept(await planned(desk, tenant=tenant, file=None), tenant)


def _kept(tested: Planned, title: str) -> Suite:
    """The tests that stand in the tenant's own configuration."""
    places = tested.file.places if tested.file else {}
    return Suite(title=title, plan=tested.plan, tests=tested.rows.tenant.route_tests, places=places)


def _node_in(file: Path) -> MapNode | None:
    """What stands in a file of tests alone; None for any other, and for what is no YAML at all."""
    try:
        node = node_of(file.read_text(encoding="utf-8-sig"))
    except (OSError, UnicodeDecodeError, Unreadable):
        return None
    return node if isinstance(node, MapNode) and _is_of_tests_alone(node) else None


def _is_of_tests_alone(node: MapNode) -> bool:
    keys = {_text(key) for key, _ in node.pairs()}
    return TESTS in keys and keys <= _ITS_KEYS


def _text(key: Node) -> str:
    return key.text if isinstance(key, ScalarNode) else ""


def _read(file: Path, node: MapNode) -> TenantFile:
    """A file of tests alone.

    Raises:
        FaultyFile: All that is wrong with it.
    """
    reader = ValueReader(SUITE_SCHEMA)
    document = reader.read(node)
    own = TenantFile(file=file, document=document, places=reader.places)
    faults = [fault for _, fault in reader.faults] or [*_faults(document)]
    if faults:
        raise FaultyFile([own.at_its_place(fault) for fault in faults])
    return own


def _faults(document: Document) -> Iterator[RoutedFault]:
    broken = [*broken_rules(document, SUITE_SCHEMA, unknown="is no word of route tests")]
    for one in broken:
        yield RoutedFault(tuple(map(str, one.route)), one.value, one.rule)
    if ("tenant" in document) == ("file" in document):
        yield RoutedFault((), "", "name either a tenant of the database or a tenant file beside")
    if not broken:
        yield from route_test_faults(document[TESTS])
