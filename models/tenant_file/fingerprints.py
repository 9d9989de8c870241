"""By what a tenant file is known again, unless that would tell its secrets; reads the files beside.

A fingerprint lies in the database. Who reads that could try all PINs of four digits until one gives
the same fingerprint; so a file that gives a secret has none, and comments are no part of it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from models.sound_import import LARGEST_UPLOAD_BYTES
from models.tenant_file.contents import NoContent, content_beside
from models.tenant_file.discretion import is_like_a_secret
from models.tenant_file.schema_of_places import CALENDARS_SCHEMA, SOUNDS_SCHEMA
from models.tenant_file.uploads import files_named
from models.tenant_file.yaml_nodes import ListNode, MapNode, Node, ScalarNode
from models.tenant_file.yaml_values import ValueReader

_FILES_ALONE: Final = {"properties": {"sounds": SOUNDS_SCHEMA, "calendars": CALENDARS_SCHEMA}}
_NO_SECRETS: Final = ("true", "false", "", "~", "null")


def fingerprint(node: Node, folder: Path) -> str:
    """SHA-256 over all that a tenant file says, and over all files that it names.

    Args:
        node: What it says.
        folder: In which it lies.

    Returns:
        Empty where it gives a password or a PIN.
    """
    digest = hashlib.sha256()
    for part in _parts(node):
        if part is None:
            return ""
        _add(digest, part.encode("utf-8", "surrogatepass"))
    raw = ValueReader(_FILES_ALONE).read(node)
    for name in files_named(raw) if isinstance(raw, dict) else ():
        _add(digest, _content(folder, name))
    return digest.hexdigest()


def _content(folder: Path, name: str) -> bytes:
    try:
        return content_beside(folder, name, LARGEST_UPLOAD_BYTES)
    except NoContent as problem:
        return problem.rule.encode()


def _add(digest: hashlib._Hash, part: bytes) -> None:
    """Add a part so that it cannot be taken for the end of the part before."""
    digest.update(b"%d:" % len(part))
    digest.update(part)


def _parts(node: Node) -> Iterator[str | None]:
    """All that is written, in its order; None for a secret."""
    match node:
        case ScalarNode():
            yield node.text if node.is_plain else f"'{node.text}"
        case ListNode():
            yield "["
            for item in node.items:
                yield from _parts(item)
            yield "]"
        case MapNode():
            yield "{"
            for key, value in node.pairs():
                yield from _parts(key)
                yield from [None] if _is_secret(key, value) else _parts(value)
            yield "}"


def _is_secret(key: Node, value: Node) -> bool:
    if not isinstance(key, ScalarNode) or not is_like_a_secret(key.text):
        return False
    if not isinstance(value, ScalarNode):
        return True
    return not value.is_plain or value.text.lower() not in _NO_SECRETS
