"""A prompt after its import, apart from the import itself: decoders are slow to load."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

EXTENSIONS: Final = ("wav", "sln16", "alaw", "ulaw")


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportedSound:
    """A prompt as callers will hear it.

    Attributes:
        duration_s: How long it plays.
        source_rate_hz: Sample rate of what was uploaded.
        sha256: Of what was uploaded, in hex.
        warnings: What the person who uploaded it should look at; it plays all the same.
        files: File name extension (`EXTENSIONS`) to the file's bytes.
    """

    duration_s: float
    source_rate_hz: int
    sha256: str
    warnings: tuple[str, ...]
    files: Mapping[str, bytes] = field(repr=False)
