"""What protects a tenant from fraud and would be lost because a file does not speak of it; pure."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from models.outside_policy import EVERYWHERE, OutsidePolicy, Reach
from models.provisioning.whole import Outlook
from pbx_cli.output import in_words
from stasis_apps.lint import Finding, Severity

BLOCKED: Final = "blocked"

_AMOUNTS: Final = ("max_calls", "max_calls_per_device", "calls_per_second", "minutes_per_day")
_LISTS: Final = ("countries", "classes")
_REACHES: Final = ("night_reach", "forward_reach")
_WIDTHS: Final = (Reach.NONE, Reach.HOME, Reach.ALL)
_NO_LIMIT: Final = 0


def loosened(outlook: Outlook) -> Iterator[Finding]:
    """What would open a tenant that somebody has closed, each with its reason.

    A blocked tenant is opened after a yes only. Limits that the file names are what it wants; those
    that it leaves out become what is usual, which may be less strict than what was there.
    """
    if outlook.before is None:
        return
    before, wanted = outlook.before.tenant, outlook.wanted.tenant
    if before.state == BLOCKED and wanted.state != BLOCKED:
        yield Finding(
            code="unblocks",
            severity=Severity.WARNING,
            route=("state",),
            sentence=f"tenant {wanted.name} is blocked; the file would open it again",
            mend="Write `state: blocked` into the file, or say yes (--yes).",
        )
    for name in _less_strict(before.outside, wanted.outside):
        if not _is_said(outlook, name):
            was, now = (getattr(one.outside, name) for one in (before, wanted))
            yield Finding(
                code="loosens-limits",
                severity=Severity.WARNING,
                route=("limits", name),
                sentence=f"limits.{name} is {in_words(was)}; the file does not name it and would "
                f"make it {in_words(now)}",
                mend="Write it into the file, or say yes (--yes).",
            )


def _is_said(outlook: Outlook, name: str) -> bool:
    """Whether a file names a limit, also when it says what is usual."""
    file = outlook.file
    return ("limits", name) in file.places or name in file.document.get("limits", {})


def _less_strict(before: OutsidePolicy, wanted: OutsidePolicy) -> Iterator[str]:
    """The names of the limits that hold back less than before."""
    yield from (one for one in _AMOUNTS if _rises(getattr(before, one), getattr(wanted, one)))
    for name in _LISTS:
        was, now = set(getattr(before, name)), set(getattr(wanted, name))
        if EVERYWHERE not in was and now - was:
            yield name
    if before.night_hours and before.night_hours != wanted.night_hours:
        yield "night_hours"
    for name in _REACHES:
        was_width, width = (_WIDTHS.index(Reach(getattr(one, name))) for one in (before, wanted))
        if width > was_width:
            yield name


def _rises(before: int, wanted: int) -> bool:
    return before != _NO_LIMIT and (wanted == _NO_LIMIT or wanted > before)
