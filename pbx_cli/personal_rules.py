"""A user's personal rules as people give and read them; pure."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, Final

from models.errors import Fault
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


_PLACE: Final = re.compile(r"rules\.(?P<place>[0-9]+)(?:\.(?P<field>[a-z_]+))?")


def with_places_in_words(faults: Sequence[Fault]) -> list[Fault]:
    """Let faults count rules as they are shown to people: ``rules.0.to`` is in rule 1."""
    return [replace(fault, sentence=_PLACE.sub(_in_words, str(fault), count=1)) for fault in faults]


def _in_words(found: re.Match[str]) -> str:
    rule = f"rule {int(found['place']) + 1}"
    return f"{rule}, {found['field']}" if found["field"] else rule


def without_rules(rules: Sequence[Rule], when: str | None) -> list[Rule]:
    """Remove the rules for a situation, or all."""
    return [rule for rule in rules if when is not None and rule.get("when") != when]


def replaced_rule(rules: Sequence[Rule], new: Rule) -> int | None:
    """The number, from 1, of the rule that a new one takes the place of."""
    same = {"when": new["when"], "to": new["to"]}
    places = [place for place, rule in enumerate(rules, start=1) if same.items() <= rule.items()]
    return places[0] if places else None


def with_rule(rules: Sequence[Rule], new: Rule) -> list[Rule]:
    """Put a rule behind the others, or in the place of the one that it repeats."""
    same = replaced_rule(rules, new)
    if same is None:
        return [*rules, new]
    return [{**rule, **new} if place == same else rule for place, rule in enumerate(rules, start=1)]


def rule_words(rule: Rule) -> str:
    """Write a rule for people: ``when nobody answers after 15 s: +79161112233``."""
    when = _WORDS[When(rule["when"])]
    after = f" after {rule['after_s']:g} s" if "after_s" in rule else ""
    ring = f", rings {rule['ring_s']:g} s" if "ring_s" in rule else ""
    confirm = "" if rule.get("confirm", True) else ", without a key to confirm"
    return f"{when}{after}: {rule['to']}{ring}{confirm}"
