"""A user's personal rules as people give and read them; pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from stasis_apps.decisions.forwarding import When

Rule = Mapping[str, Any]  # JSON border: one rule as it stands in the settings

SITUATIONS: Final = tuple(situation.value for situation in When)

_WORDS: Final = {
    When.ALWAYS: "always",
    When.BUSY: "when busy",
    When.NO_ANSWER: "when nobody answers",
    When.UNREGISTERED: "when no phone is registered",
    When.DND: "when not to be disturbed",
}


def without_rules(rules: Sequence[Rule], when: str | None) -> list[Rule]:
    """Remove the rules for a situation, or all."""
    return [rule for rule in rules if when is not None and rule.get("when") != when]


def with_rule(rules: Sequence[Rule], new: Rule) -> list[Rule]:
    """Put a rule behind the others, or in the place of the one that it repeats."""
    same = {"when": new["when"], "to": new["to"]}
    places = [place for place, rule in enumerate(rules) if same.items() <= rule.items()]
    if not places:
        return [*rules, new]
    return [{**rule, **new} if place == places[0] else rule for place, rule in enumerate(rules)]


def rule_words(rule: Rule) -> str:
    """Write a rule for people: ``when nobody answers after 15 s: +79161112233``."""
    when = _WORDS[When(rule["when"])]
    after = f" after {rule['after_s']:g} s" if "after_s" in rule else ""
    ring = f", rings {rule['ring_s']:g} s" if "ring_s" in rule else ""
    confirm = "" if rule.get("confirm", True) else ", without a key to confirm"
    return f"{when}{after}: {rule['to']}{ring}{confirm}"
