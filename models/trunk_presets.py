"""Presets of trunks: settings that suited a carrier once, by the name of where that was.

Each is a file in the folder ``trunk_presets``; the name binds nobody to anything.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Final, cast

import yaml

from models.trunk_rules import TrunkSettings

OTHER: Final = "other"
"""The preset of those who name none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TrunkPreset:
    """What a preset gives to a new trunk where the person says nothing."""

    name: str
    description: str
    settings: TrunkSettings


@cache
def trunk_presets() -> Mapping[str, TrunkPreset]:
    """All presets by name, the usual one first. Reads the disk at its first call."""
    found = Path(__file__).with_suffix("").glob("*.yaml")
    files = sorted(found, key=lambda file: (file.stem != OTHER, file.stem))
    return MappingProxyType({file.stem: _read(file) for file in files})


def _read(file: Path) -> TrunkPreset:
    written = yaml.safe_load(file.read_text(encoding="utf-8"))
    settings = {
        name: tuple(value) if isinstance(value, list) else value
        for name, value in written["settings"].items()
    }
    return TrunkPreset(
        name=file.stem,
        description=written["description"],
        settings=cast("TrunkSettings", settings),
    )
