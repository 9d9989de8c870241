"""What is wrong in the lines of a settings file, so that no typing error passes silently."""

from __future__ import annotations

import re
from collections.abc import Iterator
from difflib import get_close_matches
from io import StringIO
from typing import Final

from dotenv.parser import Binding, parse_stream

from stasis_apps.settings.names import KNOWN, OURS, SETTINGS

_BLANK: Final = re.compile(r"\s*")
_LINE_END: Final = re.compile(r"\r\n|\n|\r")


def faults_in(text: str) -> Iterator[tuple[int, str]]:
    """Tell line by line what cannot be meant; values stay untold, for there are passwords.

    What other programs set in the same file is their own business.
    """
    seen_at: dict[str, int] = {}
    for binding in parse_stream(StringIO(text)):
        line = _line_of(binding)
        name = binding.key or ""
        if binding.error:
            yield line, "cannot be read: must be NAME=value, and a quote that opens must close"
        elif not name.upper().startswith(OURS):
            continue
        elif name not in KNOWN:
            yield line, f"{name} is no setting{_meant(name)}"
        elif binding.value is None:
            yield line, f"{name} has no value: must be {name}=value"
        elif name in seen_at:
            yield line, f"{name} stands in line {seen_at[name]} already"
        seen_at.setdefault(name, line)


def _line_of(binding: Binding) -> int:
    """Blank lines before it count as its own there."""
    blank = _BLANK.match(binding.original.string)
    return binding.original.line + len(_LINE_END.findall(blank.group() if blank else ""))


def _meant(name: str) -> str:
    near = get_close_matches(name.upper(), sorted(SETTINGS), n=1)
    return f"; did you mean {near[0]}?" if near else " (docs/operations.md tells all)"
