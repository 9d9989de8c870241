"""What makes one document of another, stored with each revision and shown to people; pure.

A patch can be undone: it holds each entry of a section (one extension, one element) as it was and
as it is. `changes_in` looks into the entries and tells single fields.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from models.tenant_file.document import KEYED, SECTIONS
from models.tenant_file.parts import Document, Route

Patch = Mapping[str, Mapping[str, tuple[Any, Any]]]  # JSON border: parts of documents
"""Section, entry, what stood there and what stands there; None for nothing.

A section that is no map (``timezone``, ``outbound``, ``tests``) has the one entry ``""``.
"""

_WHOLE: Final = ""


def patch_between(before: Document, after: Document) -> Patch:
    """What changed; empty when nothing did."""
    patch: dict[str, dict[str, tuple[Any, Any]]] = {}
    for section in SECTIONS:
        old, new = _entries(before, section), _entries(after, section)
        changed = {
            name: (old.get(name), new.get(name))
            for name in [*old, *(name for name in new if name not in old)]
            if old.get(name) != new.get(name)
        }
        if changed:
            patch[section] = changed
    return patch


def undone(document: Document, patch: Patch) -> dict[str, Any]:
    """The document as it was before a patch."""
    result = dict(document)
    for section, entries in patch.items():
        kept = dict(_entries(document, section))
        for name, (old, _new) in entries.items():
            if old is None:
                kept.pop(name, None)
            else:
                kept[name] = old
        result.pop(section, None)
        if section in KEYED and kept:
            result[section] = dict(sorted(kept.items()))
        elif kept:
            result[section] = kept[_WHOLE]
    return {section: result[section] for section in SECTIONS if section in result}


@dataclass(frozen=True, slots=True)
class Change:
    """One field that changed, or one thing that came or went.

    Attributes:
        route: Which.
        before: What stood there; None for nothing.
        after: What stands there; None for nothing.
    """

    route: Route
    before: object
    after: object

    @property
    def is_removal(self) -> bool:
        """Whether something has gone."""
        return self.after is None

    @property
    def is_addition(self) -> bool:
        """Whether something has come."""
        return self.before is None


def changes_in(patch: Patch) -> list[Change]:
    """The single changes of a patch: whole entries that came or went, else their fields.

    Things in lists that have names (devices, outbound rules) are told by name; that only their
    order changed is told with the lists of names.
    """
    return [
        change
        for section, entries in patch.items()
        for name, (old, new) in entries.items()
        for change in _changes((section, name) if name else (section,), old, new)
    ]


def _changes(route: Route, old: object, new: object) -> Iterator[Change]:
    if old == new:
        return
    if isinstance(old, Mapping) and isinstance(new, Mapping):
        for name in [*old, *(name for name in new if name not in old)]:
            yield from _changes((*route, str(name)), old.get(name), new.get(name))
        return
    named_old, named_new = _named(old), _named(new)
    if named_old is None or named_new is None:
        yield Change(route, old, new)
        return
    yield from _changes(route, named_old, named_new)
    stayed = [name for name in named_old if name in named_new]
    order = [name for name in named_new if name in named_old]
    if stayed != order:
        yield Change((*route, "order"), stayed, order)


def _named(value: object) -> dict[str, object] | None:
    """A list of things with different names as a map; None for anything else."""
    if not isinstance(value, list | tuple) or not value:
        return None
    if not all(isinstance(item, Mapping) and "name" in item for item in value):
        return None
    named = {str(item["name"]): item for item in value}
    return dict(named) if len(named) == len(value) else None


def _entries(document: Document, section: str) -> Mapping[str, Any]:
    if section not in document:
        return {}
    value = document[section]
    return value if section in KEYED else {_WHOLE: value}
