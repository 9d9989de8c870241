"""Texts of a picture: cut to what fits, made harmless, measured without a font at hand."""

from __future__ import annotations

import unicodedata
from typing import Final

from pbx_cli.output import harmless

LONGEST: Final = 34
"""Columns that a line of a node shows; a wide letter takes two."""

_ELLIPSIS: Final = "…"
_NARROW: Final = frozenset("iljtfrI.,:;'|!()[]- ")
_WIDE_CLASSES: Final = ("W", "F")


_NO_CHARACTERS: Final = {0xFFFE: "\\ufffe", 0xFFFF: "\\uffff"}
"""What XML cannot hold at all."""


def drawable(text: str) -> str:
    """A text without anything that a picture, a page or a terminal would obey or refuse."""
    return harmless(text).translate(_NO_CHARACTERS)


def columns(text: str) -> float:
    """About how wide a text is, in letters; drawn text must never leave its box."""
    return sum(map(_width, text))


def shortened(text: str, longest: float = LONGEST) -> str:
    """A text that fits, with an ellipsis where it was cut; no half of a letter with its accents."""
    clean = drawable(text)
    if columns(clean) <= longest:
        return clean
    kept = ""
    for letter in clean:
        if columns(kept + letter) > longest - 1:
            break
        kept += letter
    return kept.rstrip() + _ELLIPSIS


def _width(letter: str) -> float:
    if unicodedata.combining(letter):
        return 0.0
    if unicodedata.east_asian_width(letter) in _WIDE_CLASSES:
        return 1.9
    if letter in _NARROW:
        return 0.6
    return 1.25 if letter.isupper() or letter in "mwMW@%" else 1.0
