"""Outbound rules: which one a dialled number is for, and what it makes of the number; pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from stasis_apps.decisions.masks import Mask, is_ban, rewrite
from stasis_apps.decisions.schedule import MATCH, Schedule


class Purpose(StrEnum):
    """Why an outside number is dialled."""

    DIALLED = "dialled"
    """Somebody dialled it on a phone of the tenant."""

    MEMBER = "member"
    """It is a member of a group, which acts."""

    FORWARDED = "forwarded"
    """A user's rules lead there; the user acts, whoever calls."""

    LED = "led"
    """An exit or a number leads there; the element acts, if there is one."""


class Mode(StrEnum):
    """Whom a rule is for."""

    EXCEPT = "except"
    ONLY = "only"


class Action(StrEnum):
    """What a rule does with a number that it is for."""

    SEND = "send"
    DENY = "deny"


@dataclass(frozen=True, slots=True, kw_only=True)
class OutboundRule:
    """One rule; see `models.facts.OutboundRuleFacts` for what each field means."""

    name: str
    mask: Mask
    output: str = "$"
    action: Action = Action.SEND
    trunks: tuple[str, ...] = ()
    mode: Mode = Mode.EXCEPT
    users: frozenset[str] = frozenset()
    hours: Schedule | None = None
    caller_id: str = ""
    pin_hash: str = field(default="", repr=False)

    def is_for(self, acting: str) -> bool:
        """Whether it is for calls that are made for this user or element; empty for nobody."""
        return (acting in self.users) is (self.mode is Mode.ONLY)

    def sends(self, captured: str | None) -> str | None:
        """The number for the carrier; None when there would be none (a plus alone is none)."""
        number = None if captured is None else rewrite(self.output, captured)
        return None if number == "+" else number

    @property
    def denies(self) -> bool:
        """Whether it forbids the calls that it is for."""
        return self.action is Action.DENY or is_ban(self.output)

    @property
    def whom(self) -> str:
        """Whom it is for, in words."""
        users = ", ".join(sorted(self.users))
        if self.mode is Mode.ONLY:
            return f"for {users} only" if users else "for nobody"
        return f"for all but {users}" if users else "for all"


@dataclass(frozen=True, slots=True)
class Passed:
    """A rule that was looked at and is not for this call, and why, in words."""

    rule: str
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """What the rules say.

    Attributes:
        rule: The rule that fired; None when none did.
        sends: The number for the carrier; the dialled one when no rule fired; empty when the call
            is denied or the number is none.
        is_denied: Whether the rule forbids the call.
        is_bad_number: Whether a rule would have fired but for its output being empty (F2), and none
            after it fired.
        passed: The rules before it, in order.
    """

    rule: OutboundRule | None
    sends: str
    is_denied: bool = False
    is_bad_number: bool = False
    passed: tuple[Passed, ...] = ()


def choose_rule(
    rules: Sequence[OutboundRule], dialled: str, *, acting: str, at: datetime
) -> Choice:
    """Read the rules from the first to the one that is for this call.

    Args:
        rules: In their order.
        dialled: As it was dialled, digits with or without a plus.
        acting: The extension or element for whom it is dialled; empty for nobody, for whom only
            rules of the mode ``except`` are.
        at: The moment, in the tenant's time zone.
    """
    passed: list[Passed] = []
    is_bad_number = False
    for rule in rules:
        captured = rule.mask.match(dialled) if rule.is_for(acting) else None
        why_not = _why_not(rule, captured, acting=acting, at=at)
        sends = rule.sends(captured)
        if not why_not and rule.denies:
            return Choice(rule=rule, sends="", is_denied=True, passed=tuple(passed))
        if not why_not and sends is not None:
            return Choice(rule=rule, sends=sends, passed=tuple(passed))
        is_bad_number = is_bad_number or not why_not
        passed.append(Passed(rule.name, why_not or f"its output {rule.output} would be empty"))
    sends = "" if is_bad_number else dialled
    return Choice(rule=None, sends=sends, is_bad_number=is_bad_number, passed=tuple(passed))


def _why_not(rule: OutboundRule, captured: str | None, *, acting: str, at: datetime) -> str:
    """Why a rule is not for this call, or the empty text."""
    if not rule.is_for(acting):
        return f"it is {rule.whom}" + (f", not for {acting}" if acting else "")
    if captured is None:
        return "its mask does not fit"
    if rule.hours is None:
        return ""
    verdict = rule.hours.at(at)
    if verdict.exit == MATCH:
        return ""
    return f"it does not hold now ({verdict.name})" if verdict.name else "it does not hold now"
