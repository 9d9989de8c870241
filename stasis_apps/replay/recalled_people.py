"""What became of everybody who was rung, read from the steps of a call."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Final

from models.call_log import JournalLine
from stasis_apps.decisions.hangup_cause import LegOutcome
from stasis_apps.journal import What
from stasis_apps.simulation import Became, Doing

_ASKED_TO_CONFIRM: Final = "asked to press 1"
_BUSY: Final = re.compile("([0-9]+) is (?:busy|passed over: on a call|not rung: busy)")

_OUTCOMES: Final = frozenset(outcome.value for outcome in LegOutcome)

_BECAME: Final[Mapping[str, Became]] = {
    LegOutcome.BUSY: Became.BUSY,
    LegOutcome.NO_ANSWER: Became.NO_ANSWER,
    LegOutcome.DECLINED: Became.DECLINES,
    LegOutcome.UNREGISTERED: Became.UNREGISTERED,
}
"""What people do by what became of their phones; of a carrier's fault, nobody is to blame."""


class _Ringing:
    """Follows the phones of one call."""

    def __init__(self) -> None:
        self.doings: dict[str, Doing] = {}
        self._rang_at: dict[str, datetime] = {}
        self._asked_at: dict[str, datetime] = {}

    def follow(self, line: JournalLine) -> None:
        """See what happened to a phone."""
        name = str(line.facts.get("device", "")).partition("@")[0]
        match line.what:
            case What.RANG:
                self._rang_at[name] = line.at
            case What.ANSWERED:
                self._answered(name, str(line.facts.get("by", "")), line.at)
            case What.LEG_ENDED:
                self._ended(name, line)
            case What.NOTED if line.reason == _ASKED_TO_CONFIRM:
                self._asked_at[name] = line.at
            case What.NOTED if found := _BUSY.fullmatch(line.reason):
                self.doings.setdefault(found[1], Doing(became=Became.BUSY))

    def _answered(self, name: str, by: str, at: datetime) -> None:
        after_s = self._rang_s(name, self._asked_at.get(name, at))
        self.doings[name] = Doing(became=Became.ANSWERS, after_s=after_s)
        self.doings.setdefault(by, self.doings[name])

    def _ended(self, name: str, line: JournalLine) -> None:
        if name in self._asked_at:
            after_s = self._rang_s(name, self._asked_at[name])
            self.doings[name] = Doing(became=Became.ANSWERS, after_s=after_s, confirms=False)
        elif line.reason in _OUTCOMES:
            became = _BECAME.get(line.reason, Became.UNREACHABLE)
            self.doings[name] = Doing(became=became, after_s=self._rang_s(name, line.at))
        else:  # somebody else took the call, or the caller gave up, before they did anything
            self.doings.setdefault(name, Doing(became=Became.NO_ANSWER))

    def _rang_s(self, name: str, at: datetime) -> float:
        return (at - self._rang_at.get(name, at)).total_seconds()


def doings_in(journal: Iterable[JournalLine]) -> dict[str, Doing]:
    """What everybody did who was rung, by the names of phones, outside numbers and extensions.

    Who was rung more than once did in the end what they did at last.
    """
    ringing = _Ringing()
    for line in journal:
        ringing.follow(line)
    return ringing.doings
