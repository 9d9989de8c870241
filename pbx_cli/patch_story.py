"""What a change of a tenant is, told line by line: ``+`` came, ``-`` went, ``~`` is another."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final

from models.tenant_file.parts import written
from models.tenant_file.patch import Change, Patch, changes_in
from pbx_cli.output import emit_line, in_words, json_is_wanted

Line = tuple[str, str]
"""A text and its style; `emit_line` prints one."""

LONGEST_VALUE: Final = 70

_PEOPLE: Final = "extensions"
_PHONES: Final = "devices"
_REMOVED: Final = "red"
_ADDED: Final = "green"
_OTHER: Final = "yellow"


def sum_of(patch: Patch) -> str:
    """A change in a few words: ``3 added, 1 changed, 2 removed``; empty for none."""
    changes = _changes(patch)
    added = sum(change.is_addition for change in changes)
    removed = sum(change.is_removal for change in changes)
    counts = {"added": added, "changed": len(changes) - added - removed, "removed": removed}
    return ", ".join(f"{count} {word}" for word, count in counts.items() if count)


def emit_patch(patch: Patch, notes: Iterable[str] = (), *, most: int | None = None) -> None:
    """Print a change for people, removals always; with ``--json`` nothing.

    Args:
        patch: What changes in the tenant's document.
        notes: What changes besides, one sentence each.
        most: Print no more than so many lines of what comes and changes.
    """
    if json_is_wanted():
        return
    changes = _changes(patch)
    others = sum(not change.is_removal for change in changes)
    room = others if most is None else most
    for change in changes:
        if not change.is_removal:
            room -= 1
        if change.is_removal or room >= 0:
            emit_line(_line(change))
    if room < 0:
        emit_line(f"  ... and {-room} more")
    for note in notes:
        emit_line((f"  ~ {note}", _OTHER))


def patch_document(patch: Patch) -> list[dict[str, object]]:
    """The same for scripts: a list of changes, each with its path and both values."""
    return [
        {"path": written(change.route), "before": change.before, "after": change.after}
        for change in _changes(patch)
    ]


def _changes(patch: Patch) -> list[Change]:
    """The single changes, phones by their names.

    Documents leave out the one phone that is called like its extension; to somebody who reads that
    another has come it is there before and after.
    """
    people = patch.get(_PEOPLE, {})
    spelled = {
        number: tuple(_with_phones(number, one) for one in both) for number, both in people.items()
    }
    return changes_in({**patch, **({_PEOPLE: spelled} if people else {})})


def _with_phones(number: str, person: Any) -> Any:  # JSON border: an extension in a document
    return (
        person if person is None or _PHONES in person else {**person, _PHONES: [{"name": number}]}
    )


def _line(change: Change) -> Line:
    where = written(change.route)
    if change.is_addition:
        return f"  + {where}{_told(change.after)}", _ADDED
    if change.is_removal:
        return f"  - {where}{_told(change.before)}", _REMOVED
    return f"  ~ {where}: {_short(change.before)} -> {_short(change.after)}", _OTHER


def _told(value: object) -> str:
    """What came or went, where there is more to say than its name."""
    return f": {_short(value)}" if not isinstance(value, Mapping) or value else ""


def _short(value: object) -> str:
    text = in_words(value)
    return text if len(text) <= LONGEST_VALUE else f"{text[:LONGEST_VALUE]}..."
