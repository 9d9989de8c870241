"""YAML in, a tenant file out, with the place of every value; all faults of shape at once.

Reads files: call it in a thread.
"""

from __future__ import annotations

import codecs
import copy
from collections.abc import Collection, Mapping
from dataclasses import replace
from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import Any, Final

from models.tenant_file.contents import NoContent, content_of
from models.tenant_file.contradictions import contradictions
from models.tenant_file.document import document_of, rows_of_document
from models.tenant_file.fingerprints import fingerprint
from models.tenant_file.other_routes import other_routes
from models.tenant_file.parts import (
    Document,
    FaultyFile,
    FileFault,
    Place,
    Route,
    RoutedFault,
    TenantFile,
)
from models.tenant_file.places import calendars_of
from models.tenant_file.route_test_faults import days_of, route_test_faults
from models.tenant_file.schema import KindSchemas, shape_schema, tenant_schema
from models.tenant_file.secrets_in_files import without_secrets
from models.tenant_file.shape import shape_faults
from models.tenant_file.uploads import read_uploads
from models.tenant_file.yaml_nodes import Node, Unreadable, node_of, place_in
from models.tenant_file.yaml_values import ValueReader

__all__ = ["KindSchemas", "file_of_document", "fingerprint_of", "read_tenant_file"]

LARGEST_FILE_BYTES: Final = 10_000_000

_TESTS: Final = "tests"


def read_tenant_file(file: Path, kinds: KindSchemas, asked: Collection[date] = ()) -> TenantFile:
    """Read one tenant file, with the sounds and calendars that it names.

    Args:
        file: Where; paths in it are relative to its folder.
        kinds: What elements look like.
        asked: The days of calls that are imagined; those of its own tests are known besides.

    Raises:
        FaultyFile: It cannot be read, is no YAML, or has not the shape of a tenant file; what has
            the right shape is its ``rest``.
    """
    schemas = _Schemas.of(kinds)
    try:
        node = _node(file)
    except Unreadable as problem:
        fault = RoutedFault((), None, problem.rule, problem.rule)
        raise FaultyFile([FileFault(str(file), problem.place, fault)]) from problem
    reader = ValueReader(schemas.whole)
    raw = reader.read(node)
    found = [FileFault(str(file), place, fault) for place, fault in reader.faults]
    draft = TenantFile(file=file, document={}, places=reader.places)
    mark = fingerprint(node, file.parent)
    return _tenant_file(draft, raw, schemas, found, fingerprint=mark, asked=asked)


def file_of_document(document: Document, *, file: Path, kinds: KindSchemas) -> TenantFile:
    """The same from a document that some program has made (a rollback, the wizard); no text.

    Sounds in it may be hashes alone, as in any document.

    Raises:
        FaultyFile: It has not the shape of a tenant file.
    """
    raw = copy.deepcopy(dict(document))
    if isinstance(raw.get("sounds"), dict):
        raw["sounds"] = {
            name: {"sha256": entry} if isinstance(entry, str) else entry
            for name, entry in raw["sounds"].items()
        }
    draft = TenantFile(file=file, document={})
    return _tenant_file(draft, raw, _Schemas.of(kinds), [], fingerprint="")


def fingerprint_of(file: Path) -> str:
    """The fingerprint that a file would have were it read now; empty when it cannot be.

    Empty, too, where it gives a secret. Much cheaper than reading: nothing is checked, no sound is
    decoded.
    """
    try:
        return fingerprint(_node(file), file.parent)
    except Unreadable:
        return ""


class _Schemas:
    """The schema that values are read by, and the one that their shape is checked by."""

    def __init__(self, kinds: KindSchemas) -> None:
        self.whole = tenant_schema(kinds)
        self.shape = shape_schema(kinds)

    @staticmethod
    def of(kinds: KindSchemas) -> _Schemas:
        """Made once for thousands of files."""
        return _schemas_of(_Same(kinds))


class _Same:
    """Kinds that are the same as long as they are the same thing; mappings have no hash."""

    def __init__(self, kinds: KindSchemas) -> None:
        self.kinds = kinds

    def __hash__(self) -> int:
        return hash(tuple(self.kinds))

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Same) and self.kinds == other.kinds


@lru_cache(maxsize=2)
def _schemas_of(kinds: _Same) -> _Schemas:
    return _Schemas(kinds.kinds)


def _tenant_file(
    draft: TenantFile,
    raw: object,
    schemas: _Schemas,
    found: list[FileFault],
    *,
    fingerprint: str,
    asked: Collection[date] = (),
) -> TenantFile:
    """Check what a file says and turn it into a document.

    Raises:
        FaultyFile: There are faults, those found before among them.
    """
    if not isinstance(raw, dict):
        rule = "a tenant file is a map that begins with tenant: NAME"
        fault = RoutedFault((), None, rule, rule)
        raise FaultyFile([*found, draft.at_its_place(fault)])
    faults, rest = shape_faults(raw, schemas.shape)
    faults += contradictions(rest)
    tests = [one for one in rest.get(_TESTS, ()) if "name" in one]
    if len(tests) == len(rest.get(_TESTS, ())):
        faults += route_test_faults(tests)
    uploads = read_uploads(rest, draft.file.parent, [*asked, *days_of(tests)])
    told = {fault.route[:2] for fault in faults}
    faults += [fault for fault in uploads.faults if fault.route not in told]
    document, secrets = without_secrets(rest)
    document |= {"sounds": uploads.hashes, "calendars": uploads.calendars}
    spoken = replace(draft, document=document, secrets=secrets, sounds=uploads.sounds)
    rows = rows_of_document(spoken, None)
    read = replace(
        spoken,
        document=document_of(rows),
        calendars={one.name: one for one in calendars_of(uploads.calendars)},
        places=_places(draft.places, raw, rows.tenant.country),
        fingerprint=fingerprint,
    )
    if found or faults:
        raise FaultyFile([*found, *map(draft.at_its_place, faults)], rest=read)
    return read


def _places(
    places: Mapping[Route, Place], raw: Mapping[str, Any], country: str
) -> dict[Route, Place]:
    """The places of the canonical document, which calls some things otherwise than the file."""
    return {**places, **other_routes(places, raw, country)}


def _node(file: Path) -> Node:
    try:
        content = content_of(file, LARGEST_FILE_BYTES)
    except NoContent as problem:
        raise Unreadable(Place(1, 1), problem.rule) from problem
    node = node_of(_text(content))
    if node is None:
        raise Unreadable(Place(1, 1), "is empty: a tenant file begins with tenant: NAME")
    return node


def _text(content: bytes) -> str:
    """Decode a file; what editors on Windows put before it is no part of it."""
    if content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return content.decode("utf-16", "replace")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as failure:
        readable = content[: failure.start].decode("utf-8-sig", "replace")
        rule = "is no UTF-8: save the file in this encoding"
        place = place_in(readable, len(readable))
        raise Unreadable(place, f"from here on, the text {rule}") from failure
