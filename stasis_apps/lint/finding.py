"""A finding: its code, its place, a sentence and a way to mend it."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from types import MappingProxyType
from typing import Final

from models.tenant_file.parts import Route

_CHECKS: Final = "stasis_apps.lint.checks"


class Severity(StrEnum):
    """How bad it is: what cannot work, or what is probably not meant."""

    ERROR = "error"
    WARNING = "warning"


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One thing that was found.

    Attributes:
        code: Which kind.
        severity: How bad.
        route: Where in the tenant's document.
        sentence: What is wrong.
        mend: What to do about it.
        silenced: The reason why it shall not be told, from the file; empty where it is told.
    """

    code: str
    severity: Severity
    route: Route
    sentence: str
    mend: str
    silenced: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Code:
    """A kind of finding.

    Attributes:
        code: ``empty-exit``.
        severity: How bad.
        title: What is looked for, in a few words.
        why: What callers would experience.
        mend: What to do about it, where a finding has nothing better to say.
        is_of_machine: Whether it is about the machine, too: what is found on one is not on another.
    """

    code: str
    severity: Severity = Severity.WARNING
    title: str
    why: str
    mend: str
    is_of_machine: bool = False

    def at(self, route: Route, sentence: str, mend: str = "") -> Finding:
        """A finding of this kind at a place."""
        return Finding(
            code=self.code,
            severity=self.severity,
            route=route,
            sentence=sentence,
            mend=mend or self.mend,
        )


USELESS_SILENCE: Final = Code(
    code="useless-silence",
    title="entries of lint.ignore that silence nothing",
    why="Nobody is harmed; but what it once excused is gone, and it would hide the next one.",
    mend="Remove the entry.",
)


@cache
def known_codes() -> Mapping[str, Code]:
    """Every code by its name, found by looking into the folder ``stasis_apps/lint/checks``."""
    return MappingProxyType(dict(sorted((one.code, one) for one in _discover())))


def _discover() -> Iterator[Code]:
    yield USELESS_SILENCE
    package = importlib.import_module(_CHECKS)
    for found in pkgutil.iter_modules(package.__path__):
        module = importlib.import_module(f"{_CHECKS}.{found.name}")
        yield from (one for one in vars(module).values() if isinstance(one, Code))
