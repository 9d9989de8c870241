"""Number rules whose masks, numbers and prefixes leave nothing to those behind them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from stasis_apps.decisions.mask_cover import Taker, leaves_nothing
from stasis_apps.decisions.masks import AnyDigits, Mask, Symbol, compile_mask
from stasis_apps.elements.number_rule import NumberRule
from stasis_apps.lint.finding import Code, Finding
from stasis_apps.lint.view import View

CALLERS_TAKEN_BEFORE = Code(
    code="callers-taken-before",
    title="masks, numbers and prefixes of a number rule that what stands before them takes",
    why="These callers go where the earlier one leads, and never here.",
    mend="Put the narrower one first, or remove it.",
)
CALLERS_LISTED_TWICE = Code(
    code="callers-listed-twice",
    title="masks and numbers of a number rule for callers who are led the same way without them",
    why="They change nothing; one of them is often mistyped.",
    mend="Remove it, or correct the one that was meant otherwise.",
)


@dataclass(frozen=True, slots=True)
class _Asked:
    """A mask, number or prefix: where it stands, how it reads, which exit it leads to, and where.

    They are held against a caller's number in their order; the first that fits decides.
    """

    path: tuple[str | int, ...]
    text: str
    taker: Taker
    exit: str
    target: str


def findings(view: View) -> Iterator[Finding]:
    """Look at each number rule."""
    for number, planned in view.plan.elements.items():
        if isinstance(planned.element, NumberRule):
            yield from _needless(number, list(_asked(planned.element)), view)


def _needless(number: str, asked: Sequence[_Asked], view: View) -> Iterator[Finding]:
    """Say which of them can never decide, and which could be left out all the same."""
    masks = [(place, one) for place, one in enumerate(asked) if not one.taker.is_exact]
    seen: set[tuple[str, str]] = set()
    for place, one in enumerate(asked):
        route = (*view.place(number), *one.path)
        taking = _taking(one, [other for other in asked[:place] if _decides_before(other, one)])
        texts = ", ".join(other.text for other in taking)
        wider = _wider(place, one, masks)
        if any(other.target != one.target for other in taking):
            sentence = f"{number}: {one.text} never decides: {texts}, asked before, takes them all"
            yield CALLERS_TAKEN_BEFORE.at(route, sentence)
        elif taking:
            why = f"{texts}, asked before, fits all of it and leads to the same"
            yield CALLERS_LISTED_TWICE.at(route, f"{number}: {one.text} is never needed: {why}")
        elif (one.exit, one.text) in seen:
            sentence = f"{number}: {one.text} is never needed: it stands there before"
            yield CALLERS_LISTED_TWICE.at(route, sentence)
        elif wider is not None:
            sentence = f"{number}: {one.text} is never needed: {wider.text} fits all of it"
            yield CALLERS_LISTED_TWICE.at(route, sentence)
        seen.add((one.exit, one.text))


def _taking(one: _Asked, before: Sequence[_Asked]) -> Sequence[_Asked]:
    """Which of those before leave nothing to this one: one alone, or all of them together."""
    if not before or not leaves_nothing([other.taker for other in before], one.taker):
        return ()
    alone = [other for other in before if leaves_nothing([other.taker], one.taker)]
    return alone[:1] or before


def _wider(place: int, one: _Asked, masks: Sequence[tuple[int, _Asked]]) -> _Asked | None:
    """A mask of the same list that fits all this one fits; of two alike, the first is needed."""
    for at, other in masks:
        is_another = other.exit == one.exit and at != place
        if is_another and leaves_nothing([other.taker], one.taker):
            is_alike = not one.taker.is_exact and leaves_nothing([one.taker], other.taker)
            if at < place or not is_alike:
                return other
    return None


def _decides_before(other: _Asked, one: _Asked) -> bool:
    """Whether the first that fits goes by their order; of prefixes, the longest that fits."""
    return other.exit != one.exit and other.path[0] != "prefixes"


def _asked(rule: NumberRule) -> Iterator[_Asked]:
    yield from _listed((), rule.masks, rule.numbers, ("match", rule.match))
    for place, line in enumerate(rule.lines):
        leads = (f"line_{place + 1}", line["target"])
        masks, numbers = line.get("masks", ()), line.get("numbers", ())
        yield from _listed(("lines", place), masks, numbers, leads)
    for prefix, target in rule.prefixes.items():
        mask = Mask((*_spelt(prefix), AnyDigits()))
        yield _Asked(("prefixes", prefix), prefix, Taker(mask, is_exact=True), prefix, target)


def _listed(
    path: tuple[str | int, ...],
    masks: Sequence[str],
    numbers: Sequence[str],
    leads: tuple[str, str],
) -> Iterator[_Asked]:
    for place, text in enumerate(masks):
        yield _Asked((*path, "masks", place), text, Taker(compile_mask(text)), *leads)
    for place, text in enumerate(numbers):
        taker = Taker(Mask(_spelt(text)), is_exact=True)
        yield _Asked((*path, "numbers", place), text, taker, *leads)


def _spelt(number: str) -> tuple[Symbol, ...]:
    """A number as the mask that fits it alone."""
    return tuple(Symbol("p" if letter == "+" else letter) for letter in number)
