"""Calls as people imagine them on the command line: its options, and the scenario they make."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from functools import reduce
from typing import Any, Final, TypeVar

import click

from models.errors import Fault, InvalidSettings
from pbx_cli.moments import MomentOfTenant
from stasis_apps.call import WayIn
from stasis_apps.plan import NumberPlan
from stasis_apps.simulation import Doing, ImaginedReply, Scenario, ScenarioInvalid
from stasis_apps.simulation.doing_words import (
    NOBODY_ACTS,
    NOTHING_LOCKED,
    acts,
    doing_of,
    may_ask_for_pin,
)
from stasis_apps.simulation.reply_words import NO_REQUEST, asks_a_server, reply_of
from stasis_apps.simulation.simulated_call import TALKS_S

SIP: Final = "sip"
"""How people call the door of strangers."""

LONGEST_S: Final = 86_400.0

_WAYS_IN: Final = {"phone": WayIn.PHONE, "trunk": WayIn.TRUNK, SIP: WayIn.DIRECT_SIP}
_KEYS: Final = frozenset("0123456789*#")
_TALKS: Final = "talks="
_UNCONFIRMED: Final = "unconfirmed"

_OPTIONS: Final = {
    "at": "--at",
    "caller": "--from",
    "dialled": "--to",
    "way_in": "--how",
    "trunk": "--trunk",
    "doing": "--answers",
    "pins": "--pin",
    "replies": "--reply",
}
"""The option of each field of a scenario that can make no sense in a plan."""

_Command = TypeVar("_Command", bound=Callable[..., object])


class _Seconds(click.ParamType[float]):
    name = "seconds"

    def convert(
        self, value: object, param: click.Parameter | None, ctx: click.Context | None
    ) -> float:
        """Read ``5``, ``5s`` or ``0.5s``."""
        try:
            seconds = float(str(value).removesuffix("s"))
        except ValueError:
            self.fail(f"{value!r} is no number of seconds (5, 5s, 0.5s)", param, ctx)
        if not 0 <= seconds <= LONGEST_S:
            self.fail(f"{value!r} is not between 0 and {LONGEST_S:.0f} seconds", param, ctx)
        return seconds


class _Keys(click.ParamType[tuple[str, ...]]):
    name = "keys"

    def convert(
        self, value: object, param: click.Parameter | None, ctx: click.Context | None
    ) -> tuple[str, ...]:
        """Read ``1,2,,5``: what is pressed each time, nothing the third time."""
        if isinstance(value, tuple):
            return value  # the default
        keys = tuple(str(value).split(","))
        wrong = next((one for one in keys if not set(one) <= _KEYS), None)
        if wrong is not None:
            self.fail(f"{wrong!r} is no key (0-9, * and #; a comma between questions)", param, ctx)
        return keys


class _Does(click.ParamType[Doing]):
    name = "does"

    def convert(
        self, value: object, param: click.Parameter | None, ctx: click.Context | None
    ) -> Doing:
        """Read ``5s``, ``busy``, ``5s,talks=20s`` or ``5s,unconfirmed``."""
        if isinstance(value, Doing):
            return value  # the default
        text, *details = str(value).split(",")
        try:
            doing = doing_of(text)
        except ValueError as wrong:
            self.fail(f"{text!r} {wrong}", param, ctx)
        return reduce(lambda one, detail: self._with(one, detail, param, ctx), details, doing)

    def _with(
        self, doing: Doing, detail: str, param: click.Parameter | None, ctx: click.Context | None
    ) -> Doing:
        if detail == _UNCONFIRMED:
            return replace(doing, confirms=False)
        if not detail.startswith(_TALKS):
            self.fail(f"{detail!r} is neither talks=20s nor {_UNCONFIRMED}", param, ctx)
        talks_s = _Seconds().convert(detail.removeprefix(_TALKS), param, ctx)
        return replace(doing, talks_s=talks_s)


class _Named(click.ParamType[tuple[str, Any]]):
    """``NAME=VALUE``, whose value another type reads."""

    name = "named"

    def __init__(self, of: click.ParamType[Any], example: str) -> None:
        self._of = of
        self._example = example

    def convert(
        self, value: object, param: click.Parameter | None, ctx: click.Context | None
    ) -> tuple[str, Any]:
        """Read it; an equals sign may stand in the value."""
        name, equals, rest = str(value).partition("=")
        if not (name and equals and rest):
            self.fail(f"{value!r} is not written as {self._example}", param, ctx)
        return name, self._of.convert(rest, param, ctx)


_DOES: Final = _Does()

_ALL_OPTIONS: Final = (
    click.option(
        "--from",
        "caller",
        required=True,
        metavar="NUMBER",
        help="Who calls: an extension, a device, an outside number; '' for one who hides theirs.",
    ),
    click.option("--to", "dialled", required=True, metavar="NUMBER", help="What they dial."),
    click.option(
        "--at",
        type=MomentOfTenant(),
        help="When (2026-11-23T10:00), by the tenant's clock; now when not given.",
    ),
    click.option(
        "--how",
        "way_in",
        type=click.Choice([*_WAYS_IN]),
        help="By which door; told by --from and --to when not given.",
    ),
    click.option("--trunk", default="", metavar="NAME", help="By which trunk; else that of --to."),
    click.option(
        "--name", "caller_name", default="", metavar="TEXT", help="The caller's name, from outside."
    ),
    click.option(
        "--keys",
        type=_Keys(),
        default=(),
        help="What the caller presses each time they are asked: 1,2,,5 (nothing the third time).",
    ),
    click.option(
        "--answers",
        "doing",
        type=_Named(_DOES, "100=5s"),
        multiple=True,
        metavar="WHO=DOES",
        help="What an extension, device, outside number or trunk does: 100=5s (answers after so "
        f"long; the caller hangs up after a talk of {TALKS_S:.0f} s), "
        "100=busy, no_answer, declines, unregistered, unreachable; "
        "100=5s,talks=20s hangs up, 100=5s,unconfirmed does not press 1.",
    ),
    click.option(
        "--otherwise",
        type=_DOES,
        default=Doing(),
        show_default="no_answer",
        metavar="DOES",
        help="What all others do.",
    ),
    click.option(
        "--hangs-up-after", "hangs_up_after_s", type=_Seconds(), help="When the caller gives up."
    ),
    click.option(
        "--says",
        "says_s",
        type=_Seconds(),
        default=5.0,
        show_default="5s",
        help="How long the caller speaks to a mailbox.",
    ),
    click.option(
        "--pin",
        "pins",
        type=_Named(click.STRING, "5120=2580"),
        multiple=True,
        metavar="WHAT=PIN",
        help="A PIN that is right here: of a mailbox or switch by number, of a rule by name.",
    ),
    click.option(
        "--reply",
        "replies",
        type=_Named(click.STRING, '5500={"transfer": "101"}'),
        multiple=True,
        metavar="NUMBER=REPLY",
        help="What the server of an http_request answers: its words, a status (500), timeout or "
        "refused; said again for the second time it is asked.",
    ),
    click.option(
        "--last-dialled", default="", metavar="NUMBER", help="What their phone dialled before."
    ),
)


def scenario_options(command: _Command) -> _Command:
    """Give a command the options of an imagined call; `scenario_of_options` reads them."""
    for option in reversed(_ALL_OPTIONS):
        command = option(command)
    return command


def scenario_of_options(given: Mapping[str, Any]) -> Scenario:
    """The call that the options of `scenario_options` tell of; now, when none says when."""
    return Scenario(
        caller=given["caller"],
        dialled=given["dialled"],
        at=given["at"] or datetime.now(UTC),
        way_in=_WAYS_IN.get(given["way_in"] or ""),
        trunk=given["trunk"],
        caller_name=given["caller_name"],
        keys=given["keys"],
        doing=dict(given["doing"]),
        otherwise=given["otherwise"],
        hangs_up_after_s=given["hangs_up_after_s"],
        says_s=given["says_s"],
        last_dialled=given["last_dialled"],
        pins=dict(given["pins"]),
        replies=_each_time(given["replies"]),
    )


def _each_time(given: Iterable[tuple[str, str]]) -> dict[str, list[ImaginedReply]]:
    """What each server answers, one time after the other."""
    replies: dict[str, list[ImaginedReply]] = {}
    for number, text in given:
        replies.setdefault(number, []).append(reply_of(text))
    return replies


def check_names(plan: NumberPlan, scenario: Scenario) -> None:
    """Refuse to say what somebody does whom the tenant cannot ring; it is a slip of the pen.

    Raises:
        InvalidSettings: All such names, PINs for nothing, and replies where nobody is asked.
    """
    faults = [
        *_nobodies(plan, scenario.doing),
        *_pins_for_nothing(plan, scenario.pins),
        *_replies_of_nobody(plan, scenario.replies),
    ]
    if faults:
        raise InvalidSettings(faults)


def as_refusal(invalid: ScenarioInvalid) -> InvalidSettings:
    """A scenario that makes no sense, in the words of the command line."""
    option = _OPTIONS.get(invalid.field, invalid.field)
    return InvalidSettings([Fault(option, invalid.value, invalid.rule)])


def _nobodies(plan: NumberPlan, doing: Mapping[str, Doing]) -> Iterator[Fault]:
    for name in doing:
        if not acts(plan, name):
            yield Fault(_OPTIONS["doing"], name, NOBODY_ACTS)


def _pins_for_nothing(plan: NumberPlan, pins: Mapping[str, str]) -> Iterator[Fault]:
    for name in pins:
        if not may_ask_for_pin(plan, name):
            yield Fault(_OPTIONS["pins"], name, NOTHING_LOCKED)


def _replies_of_nobody(plan: NumberPlan, replies: Iterable[str]) -> Iterator[Fault]:
    for number in replies:
        if not asks_a_server(plan, number):
            yield Fault(_OPTIONS["replies"], number, NO_REQUEST)
