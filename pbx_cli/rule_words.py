"""Outbound rules as people give and read them; pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from models.errors import Fault, InvalidSettings, refuse_if_any
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
) -> Mapping[str, object] | None:
    """Make the hours of a rule from what was given about them.

    Args:
        before: The hours there are.
        windows: ``mon-fri 09:00-18:00`` each; none to keep those that are there.
        timezone: Whose clock counts; an empty text for the tenant's, None to keep what is there.

    Returns:
        All of the hours, or None when nothing was said about them.

    Raises:
        InvalidSettings: A text is not written as hours are, or a zone has no hours.
    """
    if not windows and timezone is None:
        return None
    hours = dict(before)
    if windows:
        hours["windows"] = _windows(windows)
    if timezone is not None:
        hours["timezone"] = timezone
    if timezone and not hours.get("windows"):
        rule = "says whose clock hours go by, and the rule has no hours: give --hours"
        raise InvalidSettings([Fault("timezone", timezone, rule)])
    return {name: value for name, value in hours.items() if value}


def _windows(texts: Sequence[str]) -> list[dict[str, str]]:
    found = [(text, _HOURS.fullmatch(text.strip())) for text in texts]
    rule = 'is written days, a space, from-to: "mon-fri 09:00-18:00"'
    refuse_if_any([Fault("hours", text, rule) for text, window in found if window is None])
    return [
        {"days": window["days"], "from": window["start"], "to": window["end"]}
        for _text, window in found
        if window is not None
    ]


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
    }


def hours_words(hours: Hours) -> str:
    """Write hours for people: ``mon-fri 09:00-18:00 (Europe/Moscow)``."""
    if not hours:
        return "always"
    windows = ", ".join(f"{one['days']} {one['from']}-{one['to']}" for one in hours["windows"])
    zone = f" ({hours['timezone']})" if hours.get("timezone") else ""
    return f"{windows}{zone}"


def _for_whom(rule: OutboundRuleFacts) -> str:
    users = _listed(rule.users)
    if rule.mode == ONLY:
        return f"only {users}" if users else "nobody"
    return f"all but {users}" if users else "all"


def _listed(users: Iterable[str]) -> str:
    return ", ".join(users)
