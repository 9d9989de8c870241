"""Outbound rules that do something else than whoever wrote them may have meant."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

from models.facts import OutboundRuleFacts
from models.provisioning.outbound_warnings import Doubt, Doubtful, denies, doubts_about
from stasis_apps.lint.finding import Code, Finding
from stasis_apps.lint.view import View

RULE_NEVER_FIRES = Code(
    code="rule-never-fires",
    title="outbound rules that leave nothing to a rule behind them",
    why="The rule is never asked: bans do not hold, calls take another trunk or show another "
    "number.",
    mend="Move it before the rules that are named, or remove it.",
)
RULE_CATCHES_HELP = Code(
    code="rule-catches-help",
    title="bans and PINs whose masks fit emergency numbers",
    why="Help can be called all the same, past every rule; whoever wrote the ban may believe "
    "otherwise.",
    mend="Let the mask be for longer numbers alone: ddddddd+ for seven digits and more.",
)
RULE_FOR_NOBODY = Code(
    code="rule-for-nobody",
    title="outbound rules that are for nobody",
    why="The rule is never asked.",
    mend="Name somebody in only, or remove the rule.",
)
RULE_UNKNOWN_USER = Code(
    code="rule-unknown-user",
    title="outbound rules that name somebody who does not exist",
    why="The rule holds for others than it says; for everybody, where nobody it excepts exists.",
    mend="Name the one who was meant, or nobody.",
)
RULE_WITHOUT_TRUNK = Code(
    code="rule-without-trunk",
    title="outbound rules none of whose trunks is switched on",
    why="Whoever dials such a number hears that it cannot be called.",
    mend="Switch one of its trunks on, or name another.",
)
RULE_TAKES_ABROAD_HOME = Code(
    code="rule-takes-abroad-home",
    title="outbound rules that make a number at home of a number abroad",
    why="Whoever dials a number in another country reaches a stranger at home.",
    mend="Let the mask not begin so, or put a rule for other countries before it.",
)

_CODES: Final[Mapping[Doubt, Code]] = {
    Doubt.NEVER_FIRES: RULE_NEVER_FIRES,
    Doubt.CATCHES_HELP: RULE_CATCHES_HELP,
    Doubt.FOR_NOBODY: RULE_FOR_NOBODY,
    Doubt.UNKNOWN_USER: RULE_UNKNOWN_USER,
    Doubt.NO_TRUNK: RULE_WITHOUT_TRUNK,
    Doubt.TAKES_ABROAD_HOME: RULE_TAKES_ABROAD_HOME,
}


def findings(view: View) -> Iterator[Finding]:
    """Look at each rule that is switched on."""
    for rule in view.rows.outbound:
        if rule.is_enabled:
            for one in doubts_about(rule, view.rows, view.catalogue):
                if _matters(one, rule, view):
                    route = ("outbound", "rules", rule.name, one.field)
                    yield _CODES[one.doubt].at(route, one.sentence)


def _matters(doubtful: Doubtful, rule: OutboundRuleFacts, view: View) -> bool:
    """Whether a rule keeps people from calling, where it fits emergency numbers."""
    keeps_from_calling = denies(rule, view.catalogue) or rule.has_pin
    return doubtful.doubt is not Doubt.CATCHES_HELP or keeps_from_calling
