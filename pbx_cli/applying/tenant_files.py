"""Tenant files that a command names, one by one or by the folder they lie in."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Final

import click

SUFFIXES: Final = frozenset({".yaml", ".yml"})


def files_in(paths: Iterable[Path]) -> list[Path]:
    """Every tenant file that is meant, each once; those of a folder in the order of their names.

    Raises:
        UsageError: A folder has none.
    """
    found: dict[Path, None] = {}
    for path in paths:
        files = _in_folder(path) if path.is_dir() else [path]
        if not files:
            raise click.UsageError(f"{path} has no file that ends in .yaml or .yml.")
        found |= dict.fromkeys(files)
    return list(found)


def _in_folder(folder: Path) -> list[Path]:
    """The files of a folder, hidden ones left out; folders inside it are other people's."""
    return sorted(
        file
        for file in folder.iterdir()
        if file.suffix in SUFFIXES and not file.name.startswith(".") and file.is_file()
    )
