"""What people write into outbound rules - masks, outputs - and what is wrong with it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Final

from models.errors import Fault
from models.facts import OutboundRuleFacts
from stasis_apps.decisions.mask_cover import Taker, leaves_nothing
from stasis_apps.decisions.masks import (
    AnyDigits,
    Captured,
    Mask,
    MaskFault,
    OneOf,
    Part,
    Symbol,
    compile_mask,
    rewrite,
)
from stasis_apps.decisions.outbound import Action

LONGEST_OUTPUT: Final = 64
"""Characters."""

_NOTHING: Final = ("", "+")
"""Outputs that send nothing."""

_OUTPUT: Final = re.compile(r"\+?[0-9$]*", re.ASCII)


def language_faults(rule: OutboundRuleFacts) -> Iterator[Fault]:
    """Say what is wrong with the mask of a rule, and with its output beside that mask."""
    try:
        mask = compile_mask(rule.mask)
    except MaskFault as fault:
        yield Fault("mask", rule.mask, str(fault))
        mask = None
    broken = _broken_rule(rule.output)
    if broken:
        yield Fault("output", rule.output, broken)
    elif mask is not None and rule.action == Action.SEND:
        yield from _empty_faults(rule, mask)


def mask_fits(text: str, number: str) -> bool:
    """Whether a mask is for this number; a text that is no mask is for none."""
    try:
        return compile_mask(text).matches(number)
    except MaskFault:
        return False


def sent_by_rule(text: str, output: str, number: str) -> str:
    """What a mask and an output make of a number; empty where the mask is not for it."""
    try:
        captured = compile_mask(text).match(number)
    except MaskFault:
        return ""
    return "" if captured is None else rewrite(output, captured) or ""


def hiding(
    rule: OutboundRuleFacts, before: Sequence[OutboundRuleFacts]
) -> Sequence[OutboundRuleFacts]:
    """The rules that take every number which a rule behind them is for; none if one is left.

    One of them if it does so alone, else all that it takes.
    """
    own = _taker(rule)
    takers = {place: taker for place, one in enumerate(before) if (taker := _taker(one))}
    if own is None or not leaves_nothing(list(takers.values()), own):
        return ()
    alone = (place for place, taker in takers.items() if leaves_nothing([taker], own))
    one = next(alone, None)
    if one is not None:
        return (before[one],)
    for place in list(takers):
        others = [taker for other, taker in takers.items() if other != place]
        if leaves_nothing(others, own):
            del takers[place]
    return tuple(before[place] for place in takers)


def _taker(rule: OutboundRuleFacts) -> Taker | None:
    """What a rule takes by its mask; None for one that cannot be run."""
    if rule.action == Action.SEND and rule.output in _NOTHING:
        return None
    sends_what_it_captured = rule.action == Action.SEND and "$" in rule.output
    try:
        return Taker(compile_mask(rule.mask), needs_capture=sends_what_it_captured)
    except MaskFault:
        return None


def _broken_rule(output: str) -> str:
    """The rule that an output breaks by itself, empty when there is none."""
    if len(output) > LONGEST_OUTPUT:
        return f"has at most {LONGEST_OUTPUT} characters"
    if not _OUTPUT.fullmatch(output):
        return "consists of digits, $ for what the mask has in ( ), and perhaps a plus in front"
    return ""


def _empty_faults(rule: OutboundRuleFacts, mask: Mask) -> Iterator[Fault]:
    """Refuse what could never send anything."""
    if rule.output in _NOTHING:
        what = "nothing would be sent; to forbid calls, let the action be deny"
        yield Fault("output", rule.output, what)
    elif "$" in rule.output and not _captures(mask.parts):
        what = "$ stands for what the mask has in ( )"
        whole = "" if "(" in rule.mask else f"; ({rule.mask}) would send the number as dialled"
        told = f"{what}, and in {rule.mask} that is nothing: nothing would be sent{whole}"
        yield Fault("output", rule.output, told)


def _captures(parts: Sequence[Part]) -> bool:
    """Whether anything can stand in the brackets of a mask."""
    return any(_captures_in(part) for part in parts)


def _captures_in(part: Part) -> bool:
    match part:
        case Captured(inside):
            return _reads(inside)
        case OneOf(values):
            return any(_captures(value) for value in values)
        case _:
            return False


def _reads(parts: Sequence[Part]) -> bool:
    """Whether these can fit anything but the empty text."""
    return any(_reads_one(part) for part in parts)


def _reads_one(part: Part) -> bool:
    match part:
        case Symbol() | AnyDigits():
            return True
        case Captured(inside):
            return _reads(inside)
        case OneOf(values):
            return any(_reads(value) for value in values)
