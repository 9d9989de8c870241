"""What the people of a scenario do when their phones ring, as steps of telephones in memory."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from ari_client.testing import (
    Busy,
    Declines,
    NeverAnswers,
    Phone,
    Step,
    StepKind,
    Unreachable,
    Unregistered,
)
from stasis_apps.decisions.numbers import normalise
from stasis_apps.plan import PlannedDevice
from stasis_apps.simulation.scenario import Became, Doing, Scenario

REFUSED_AT_ONCE_S: Final = 0.1
"""How long the refusal of a busy phone is on its way."""


@dataclass(frozen=True, slots=True)
class PicksUp:
    """Rings at once and is answered; how long they talk is counted from when they are heard."""

    after_s: float
    is_registered: bool = True

    def steps(self) -> Sequence[Step]:
        """Ring, then answer."""
        return (Step(0.0, StepKind.RING), Step(self.after_s, StepKind.ANSWER))


class People:
    """Who does what, by the scenario."""

    def __init__(self, scenario: Scenario, country: str) -> None:
        self._scenario = scenario
        self._country = country
        self._outside = {
            written: doing
            for name, doing in scenario.doing.items()
            for written in (normalise(name, country), name)
        }

    def at_phone(self, device: PlannedDevice) -> Doing:
        """What the person at this phone does: what is said of the phone, or of its extension."""
        doing, otherwise = self._scenario.doing, self._scenario.otherwise
        return doing.get(device.name) or doing.get(device.extension) or otherwise

    def outside(self, *numbers: str, trunk: str) -> Doing:
        """What becomes of a call to somebody outside.

        Args:
            numbers: Theirs; any of them may be meant, however it is written.
            trunk: By which the call leaves; what is said of it holds for all its calls.
        """
        if trunk in self._scenario.doing:
            return self._scenario.doing[trunk]
        written = [*numbers, *(normalise(number, self._country) for number in numbers)]
        found = (self._outside.get(one) for one in written)
        return next((one for one in found if one is not None), self._scenario.otherwise)


def phone_of(doing: Doing) -> Phone:
    """A telephone that does as the person is said to do."""
    match doing.became:
        case Became.ANSWERS:
            return PicksUp(doing.after_s)
        case Became.NO_ANSWER:
            return NeverAnswers()
        case Became.BUSY:
            return Busy(after_s=REFUSED_AT_ONCE_S)
        case Became.DECLINES:
            return Declines(after_s=doing.after_s)
        case Became.UNREGISTERED:
            return Unregistered()
        case Became.UNREACHABLE:
            return Unreachable()
