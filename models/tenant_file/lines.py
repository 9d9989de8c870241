"""Trunks, numbers and outbound rules: as facts, and as they stand in a document."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import fields, replace
from typing import Any, Final, cast

from models.facts import NumberFacts, OutboundRuleFacts, TrunkFacts
from models.numbering import normalised
from models.outbound_rules import EXCEPT, ONLY
from models.tenant_file.people import Entries, plain, said
from models.trunk_presets import OTHER, trunk_presets
from models.trunk_rules import TrunkSettings

REGISTERS: Final = {True: "outbound", False: "none"}
"""What ``register`` says, in the words of ``registration``."""

_NOT_WRITTEN_SO: Final = {
    "id",
    "name",
    "endpoint",
    "preset",
    "registration",
    "is_default",
    "is_enabled",
    "password_mark",
}
FIELDS_OF_TRUNKS: Final = tuple(
    one.name for one in fields(TrunkFacts) if one.name not in _NOT_WRITTEN_SO
)
"""Fields of trunks that a document calls as `TrunkFacts` does."""


def trunks_in_document(trunks: Iterable[TrunkFacts]) -> dict[str, Any]:
    """Trunks by name; what their preset gives is left out."""
    return {one.name: _trunk(one) for one in sorted(trunks, key=lambda trunk: trunk.name)}


def _trunk(facts: TrunkFacts) -> dict[str, Any]:
    preset = facts.preset if facts.preset in trunk_presets() else OTHER
    usual = _as_preset(facts.name, preset)
    words = {"outbound": {"register": True}}
    registration = words.get(facts.registration, {"registration": facts.registration})
    return {
        **said(preset=preset if preset != OTHER else None),
        **(registration if facts.registration != usual.registration else {}),
        **{
            field: plain(getattr(facts, field))
            for field in FIELDS_OF_TRUNKS
            if getattr(facts, field) != getattr(usual, field)
        },
        **({} if facts.is_enabled else {"enabled": False}),
    }


def _as_preset(name: str, preset: str) -> TrunkFacts:
    """A trunk of which nothing is said but its preset."""
    settings = trunk_presets().get(preset, trunk_presets()[OTHER]).settings
    return replace(TrunkFacts(id=0, name=name, endpoint="", preset=preset), **settings)


def trunks_of(
    entries: Entries, default: str, before: Mapping[str, TrunkFacts]
) -> tuple[TrunkFacts, ...]:
    """Trunks as a document has them, by name.

    Args:
        entries: What it says of them, in its order.
        default: The default trunk that it names elsewhere; empty when it names none there.
        before: The trunks as they are, by name: from them come rows, endpoints and passwords.
    """
    default = default or default_among(entries)
    trunks = [_trunk_of(name, entry, before.get(name)) for name, entry in entries.items()]
    marked = (replace(one, is_default=one.name == default) for one in trunks)
    return tuple(sorted(marked, key=lambda trunk: trunk.name))


def default_among(entries: Entries) -> str:
    """The trunk that calls itself the default, else the first; empty when there is none."""
    named = (name for name, entry in entries.items() if entry.get("default"))
    return next(named, next(iter(entries), ""))


def _trunk_of(name: str, entry: Mapping[str, Any], before: TrunkFacts | None) -> TrunkFacts:
    trunk = _as_preset(name, entry.get("preset", OTHER))
    given: dict[str, Any] = {
        field: tuple(entry[field]) if isinstance(entry[field], list) else entry[field]
        for field in FIELDS_OF_TRUNKS
        if field in entry
    }
    if "register" in entry:
        given["registration"] = REGISTERS[entry["register"]]
    if "registration" in entry:
        given["registration"] = entry["registration"]
    given["is_enabled"] = entry.get("enabled", True)
    trunk = replace(trunk, **cast("TrunkSettings", given))
    if before is None:
        return trunk
    return replace(
        trunk, id=before.id, endpoint=before.endpoint, password_mark=before.password_mark
    )


def numbers_in_document(numbers: Iterable[NumberFacts]) -> dict[str, Any]:
    """Outside numbers as they were given, each with its trunk and where it leads."""
    return {
        one.number: {"trunk": one.trunk, **said(to=one.target, label=one.label)}
        for one in sorted(numbers, key=lambda number: number.number)
    }


def numbers_of(entries: Entries, country: str) -> tuple[NumberFacts, ...]:
    """Outside numbers as a document has them, by their digits."""
    numbers = (
        NumberFacts(
            number=number,
            digits=normalised(number, country),
            trunk=entry.get("trunk", ""),
            target=entry.get("to", ""),
            label=entry.get("label", ""),
        )
        for number, entry in entries.items()
    )
    return tuple(sorted(numbers, key=lambda number: (number.digits, number.number)))


def outbound_in_document(
    trunks: Iterable[TrunkFacts], rules: Iterable[OutboundRuleFacts]
) -> dict[str, Any]:
    """The default trunk, and the rules in their order."""
    default = next((trunk.name for trunk in trunks if trunk.is_default), "")
    in_order = sorted(rules, key=lambda rule: rule.place)
    return said(default=default, rules=[_rule(one) for one in in_order])


def _rule(facts: OutboundRuleFacts) -> dict[str, Any]:
    usual = OutboundRuleFacts(place=facts.place, name=facts.name, mask=facts.mask)
    return {
        "name": facts.name,
        "mask": facts.mask,
        **({"output": facts.output} if facts.output != usual.output else {}),
        **said(action=facts.action if facts.action != usual.action else None),
        **_trunks_of_rule(facts.trunks),
        **_users_of_rule(facts),
        **said(
            hours=plain(facts.hours),
            caller_id=facts.caller_id,
            pin=facts.has_pin,
        ),
        **({} if facts.is_enabled else {"enabled": False}),
    }


def _trunks_of_rule(trunks: Sequence[str]) -> dict[str, Any]:
    return {"trunk": trunks[0]} if len(trunks) == 1 else said(trunks=list(trunks))


def _users_of_rule(facts: OutboundRuleFacts) -> dict[str, Any]:
    if facts.mode == ONLY:
        return {ONLY: list(facts.users)}
    return said(**{EXCEPT: list(facts.users)})


def rules_of(
    entries: Sequence[Mapping[str, Any]], pins: Mapping[str, str]
) -> tuple[OutboundRuleFacts, ...]:
    """Outbound rules as a document has them, in its order; ``pins`` are hashes by rule."""
    return tuple(
        _rule_of(place, entry, pins.get(entry.get("name", ""), ""))
        for place, entry in enumerate(entries, start=1)
    )


def _rule_of(place: int, entry: Mapping[str, Any], pin_hash: str) -> OutboundRuleFacts:
    usual = OutboundRuleFacts(place=place, name=entry.get("name", ""), mask=entry.get("mask", ""))
    trunks = [entry["trunk"]] if "trunk" in entry else entry.get("trunks", [])
    mode = ONLY if ONLY in entry else EXCEPT
    return replace(
        usual,
        output=entry.get("output", usual.output),
        action=entry.get("action", usual.action),
        trunks=tuple(trunks),
        mode=mode,
        users=tuple(entry.get(mode, ())),
        hours=entry.get("hours", {}),
        caller_id=entry.get("caller_id", ""),
        pin_hash=pin_hash,
        is_enabled=entry.get("enabled", True),
    )
