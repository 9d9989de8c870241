"""The examples in examples/elements: one file per kind, to start from."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import cast

import yaml

FOLDER = Path(__file__).parents[3] / "examples" / "elements"


def example_of(kind: str) -> Mapping[str, object]:
    """The settings in a kind's example, without ``kind`` itself."""
    document = cast(
        "dict[str, object]", yaml.safe_load((FOLDER / f"{kind}.yaml").read_text(encoding="utf-8"))
    )
    assert document.pop("kind") == kind
    return document
