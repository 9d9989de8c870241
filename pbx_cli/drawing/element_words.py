"""What a picture tells of an element besides its kind: its prompt, its hours, how it rings."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

from models.facts import ElementFacts
from stasis_apps.decisions.web_addresses import server_of
from stasis_apps.element import Settings

_MOST_WINDOWS: Final = 2


def words_of(row: ElementFacts) -> tuple[str, ...]:
    """A line or two about an element; none for a kind that speaks for itself."""
    tell = _WORDS.get(row.kind)
    return tuple(line for line in tell(row.settings) if line) if tell else ()


def _greeting(settings: Settings) -> tuple[str, ...]:
    allowed = ", ".join(settings.get("direct_dial_allow", ())) or "all"
    direct = f"direct dial: {allowed}" if settings.get("direct_dial") else ""
    return str(settings.get("sound", "")), direct


def _group(settings: Settings) -> tuple[str, ...]:
    rings = f"rings {settings.get('strategy', 'all')}, {settings.get('ring_s', 30):g} s"
    prefix = settings.get("prefix", "")
    return rings, f"shown as {prefix}..." if prefix else ""


def _time_rule(settings: Settings) -> tuple[str, ...]:
    windows = settings.get("windows", ())
    told = [
        f"{one.get('days')} {one.get('from')}-{one.get('to')}" for one in windows[:_MOST_WINDOWS]
    ]
    more = len(windows) - len(told)
    holidays = settings.get("holidays", "")
    return *told, f"and {more} more" if more else "", f"holidays: {holidays}" if holidays else ""


def _number_rule(settings: Settings) -> tuple[str, ...]:
    named = [*settings.get("masks", ()), *settings.get("numbers", ())]
    return (", ".join(named[:3]) + ("..." if len(named) > 3 else ""),)


def _voicemail(settings: Settings) -> tuple[str, ...]:
    return (", ".join(settings.get("emails", ())),)


def _set_switch(settings: Settings) -> tuple[str, ...]:
    minutes = settings.get("for_minutes", 0)
    return (f"{settings.get('position', 'toggle')}{f' for {minutes} min' if minutes else ''}",)


def _http_request(settings: Settings) -> tuple[str, ...]:
    """The server's name alone, for what follows it may be a secret; its ways cannot be drawn."""
    return server_of(str(settings.get("url", ""))), "leads where it says"


def _setting(name: str, usual: str = "") -> Callable[[Settings], tuple[str, ...]]:
    return lambda settings: (str(settings.get(name, usual)),)


_WORDS: Final[Mapping[str, Callable[[Settings], tuple[str, ...]]]] = {
    "greeting": _greeting,
    "group": _group,
    "hang_up": _setting("cause", "normal"),
    "http_request": _http_request,
    "number_rule": _number_rule,
    "play": _setting("sound"),
    "prefix": _setting("text"),
    "set_name": _setting("name"),
    "set_switch": _set_switch,
    "switch": _setting("position", "open"),
    "time_rule": _time_rule,
    "voicemail": _voicemail,
}
