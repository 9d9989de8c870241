"""Route tests that were run, for people and for scripts."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from textwrap import wrap
from typing import Final

from pbx_cli.imagined.suites import Suite
from pbx_cli.output import PAGE_WIDTH, counted, emit_line, page_width
from stasis_apps.route_tests import Deviation, TriedRoute

Tried = tuple[Suite, Sequence[TriedRoute]]
"""The tests of one file or tenant."""

_WIDEST: Final = len("answered by")
_INDENT: Final = " " * 10


def tell_tried(tried: Iterable[Tried]) -> None:
    """Print each test with its verdict, and what went wrong with those that failed."""
    passed = failed = 0
    for suite, routes in tried:
        if routes:
            emit_line((suite.title, "bold"))
        for route in routes:
            _tell(suite, route)
        failed += sum(not route.has_passed for route in routes)
        passed += sum(route.has_passed for route in routes)
    if passed + failed:
        emit_line((_sum(passed, failed), "red bold" if failed else "green bold"))


def tried_document(tried: Iterable[Tried]) -> list[dict[str, object]]:
    """The same for scripts, one document for each test."""
    return [
        {
            "suite": suite.title,
            "tenant": suite.plan.tenant.name,
            "line": suite.line_of(route.place),
            "name": route.name,
            "passed": route.has_passed,
            "path": [hop.number for hop in route.end.path] if route.end else [],
            "ends": route.end.end.reason.value if route.end else None,
            "answered_by": route.end.answered_by if route.end else "",
            "doubts": list(route.end.doubts) if route.end else [],
            "deviations": [
                {"field": one.field, "expected": one.expected, "was": one.was, "why": one.why}
                for one in route.deviations
            ],
        }
        for suite, routes in tried
        for route in routes
    ]


def deviation_lines(one: Deviation, width: int = PAGE_WIDTH) -> list[str]:
    """What was expected, what happened, and why, each on lines of its own."""
    name = one.field.replace("_", " ").ljust(_WIDEST)
    room = width - len(f"{_INDENT}{name}  ")
    if one.expected is None:
        return _beside(name, wrap(f"{one.was!r} {one.why}", room))
    told = {"expected": _in_words(one.expected), "was": _in_words(one.was), "because": one.why}
    lines: list[str] = []
    for word, text in told.items():
        lines += wrap(text, room, initial_indent=f"{word:9}", subsequent_indent=" " * 9)
    return _beside(name, lines)


def _beside(name: str, lines: Iterable[str]) -> list[str]:
    return [f"{name if n == 0 else ' ' * _WIDEST}  {line}" for n, line in enumerate(lines)]


def deviation_sentence(one: Deviation) -> str:
    """The same in one line."""
    name = one.field.replace("_", " ")
    if one.expected is None:
        return f"{name} {one.was!r} {one.why}"
    return f"{name}: expected {_in_words(one.expected)}, was {_in_words(one.was)}"


def _tell(suite: Suite, route: TriedRoute) -> None:
    if route.has_passed:
        emit_line(("  ok    ", "green"), route.name)
        _tell_doubts(route)
        return
    line = suite.line_of(route.place)
    where = f"  ({suite.title}:{line})" if line is not None else ""
    emit_line(("  FAIL  ", "red bold"), route.name, (where, "dim"))
    for one in route.deviations:
        for text in deviation_lines(one, page_width()):
            emit_line(f"{_INDENT}{text}")
    _tell_doubts(route)


def _tell_doubts(route: TriedRoute) -> None:
    """What the plan did not know when the call was imagined."""
    for doubt in route.end.doubts if route.end else ():
        for text in wrap(doubt, page_width() - len(_INDENT)):
            emit_line((_INDENT + text, "yellow"))


def _sum(passed: int, failed: int) -> str:
    tests = counted(passed + failed, "test")
    return f"{tests}, {failed} failed." if failed else f"{tests} passed."


def _in_words(value: object) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, Sequence):
        return " ".join(str(part) for part in value) or "nothing"
    return str(value)
