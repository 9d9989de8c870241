"""Outbound rules as people give and read them; pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from models.errors import Fault
from models.facts import OutboundRuleFacts
from models.outbound_rules import DENY, ONLY
from pbx_cli.output import document_of
from stasis_apps.decisions.masks import is_ban

Hours = Mapping[str, Any]  # JSON border: hours as they stand in the database

_HOURS: Final = re.compile(r"(?P<days>\S.*?)\s+(?P<start>[0-9:]+)\s*-\s*(?P<end>[0-9:]+)", re.ASCII)
_USERS_END: Final = ";"


def read_users(listed: str) -> tuple[str, ...]:
    """Read numbers that are parted by ``;``; one that is named twice counts once."""
    users = (user.strip() for user in listed.split(_USERS_END))
    return tuple(dict.fromkeys(user for user in users if user))


def read_hours(
    before: Hours, windows: Sequence[str], timezone: str | None
) -> tuple[Mapping[str, object] | None, list[Fault]]:
    """Make the hours of a rule from what was given about them.

    Args:
        before: The hours there are.
        windows: ``mon-fri 09:00-18:00`` each; none to keep those that are there.
        timezone: Whose clock counts; an empty text for the tenant's, None to keep what is there.

    Returns:
        All of the hours, or None when nothing was said about them; and what is wrong: a text that
        is not written as hours are, or a zone without hours.
    """
    if not windows and timezone is None:
        return None, []
    hours = dict(before)
    faults: list[Fault] = []
    if windows:
        hours["windows"], faults = _windows(windows)
    if timezone is not None:
        hours["timezone"] = timezone
    if timezone and not (windows or hours.get("windows")):
        rule = "says whose clock hours go by, and the rule has no hours: give --hours"
        faults.append(Fault("timezone", timezone, rule))
    return {name: value for name, value in hours.items() if value}, faults


def _windows(texts: Sequence[str]) -> tuple[list[dict[str, str]], list[Fault]]:
    found = [(text, _HOURS.fullmatch(text.strip())) for text in texts]
    rule = 'is written days, a space, from-to: "mon-fri 09:00-18:00"'
    return [
        {"days": window["days"], "from": window["start"], "to": window["end"]}
        for _text, window in found
        if window is not None
    ], [Fault("hours", text, rule) for text, window in found if window is None]


def rule_document(rule: OutboundRuleFacts) -> dict[str, object]:
    """Turn a rule into what is printed: whether it has a PIN, and nothing of the PIN itself."""
    document = document_of(rule, has_pin=rule.has_pin)
    del document["pin_hash"]
    return document


def for_people(rule: OutboundRuleFacts) -> dict[str, object]:
    """The same in the words of people."""
    is_denied = rule.action == DENY or is_ban(rule.output)
    return rule_document(rule) | {
        "sends": "forbidden" if is_denied else rule.output,
        "trunks": "-" if is_denied else list(rule.trunks) or "the default trunk",
        "for": _for_whom(rule),
        "hours": hours_words(rule.hours),
        "notes": _notes(rule),
    }


def hours_words(hours: Hours) -> str:
    """Write hours for people: ``mon-fri 09:00-18:00 (Europe/Moscow)``."""
    if not hours:
        return "always"
    windows = ", ".join(f"{one['days']} {one['from']}-{one['to']}" for one in hours["windows"])
    zone = f" ({hours['timezone']})" if hours.get("timezone") else ""
    return f"{windows}{zone}"


def _notes(rule: OutboundRuleFacts) -> list[str]:
    """What else counts in a list: whether callers give a PIN first, and whether it is used."""
    notes = {"asks a PIN": rule.has_pin, "disabled": not rule.is_enabled}
    return [note for note, holds in notes.items() if holds]


def _for_whom(rule: OutboundRuleFacts) -> str:
    users = _listed(rule.users)
    if rule.mode == ONLY:
        return f"only {users}" if users else "nobody"
    return f"all but {users}" if users else "all"


def _listed(users: Iterable[str]) -> str:
    return ", ".join(users)
