"""What the keys pressed in a greeting mean, and when no further key can help."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

END_OF_ENTRY = "#"
"""The key that says "that was all", unless it is an option itself."""


class Problem(StrEnum):
    """Why an attempt led nowhere; also the exit that is taken after the last attempt."""

    NO_INPUT = "no_input"
    INVALID = "invalid"


@dataclass(frozen=True, slots=True)
class Choose:
    """The caller named this option."""

    option: str


@dataclass(frozen=True, slots=True)
class AskAgain:
    """The attempt failed and there is another one."""

    problem: Problem


@dataclass(frozen=True, slots=True)
class GiveUp:
    """That was the last attempt of its kind."""

    problem: Problem


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempts:
    """How often this caller has been silent and how often they pressed wrong keys, apart."""

    silent: int = 0
    invalid: int = 0

    def after(self, problem: Problem) -> Attempts:
        """The counts with one more problem."""
        if problem is Problem.NO_INPUT:
            return Attempts(silent=self.silent + 1, invalid=self.invalid)
        return Attempts(silent=self.silent, invalid=self.invalid + 1)


@dataclass(frozen=True, slots=True, kw_only=True)
class MenuRules:
    """The options of one greeting and its patience.

    Attributes:
        options: Every key sequence that means something, directly dialled numbers included.
        max_no_input: Silent attempts (1 or more) after which the caller leaves by ``no_input``.
        max_invalid: Wrong attempts (1 or more) after which the caller leaves by ``invalid``.
    """

    options: frozenset[str]
    max_no_input: int
    max_invalid: int

    def wants_more(self, pressed: str) -> bool:
        """Whether waiting for another key can still change the outcome.

        Before the first key this is true; afterwards only while some longer option begins with
        what was pressed. So a unique option acts at once, and so does a wrong key.
        """
        return any(
            len(option) > len(pressed) and option.startswith(pressed) for option in self.options
        )

    def decide(self, pressed: str, so_far: Attempts) -> Choose | AskAgain | GiveUp:
        """Say what the attempt means, given the attempts before it."""
        option = self._option_of(pressed)
        if option is not None:
            return Choose(option)
        problem = Problem.INVALID if pressed else Problem.NO_INPUT
        counts = so_far.after(problem)
        limit_reached = counts.silent >= self.max_no_input or counts.invalid >= self.max_invalid
        return GiveUp(problem) if limit_reached else AskAgain(problem)

    def _option_of(self, pressed: str) -> str | None:
        if pressed in self.options:
            return pressed
        without_end = pressed.removesuffix(END_OF_ENTRY)
        return without_end if without_end in self.options else None


def may_dial(number: str, *, allow: tuple[str, ...], deny: tuple[str, ...]) -> bool:
    """Whether a caller in a greeting may dial this extension directly.

    A pattern is a number, or the beginning of numbers followed by ``+`` ("any count of digits",
    as in the mask language). An empty allow list allows every extension; a denied one is denied.
    """
    allowed = not allow or any(_fits(number, pattern) for pattern in allow)
    return allowed and not any(_fits(number, pattern) for pattern in deny)


def _fits(number: str, pattern: str) -> bool:
    if pattern.endswith("+"):
        return number.startswith(pattern[:-1])
    return number == pattern
