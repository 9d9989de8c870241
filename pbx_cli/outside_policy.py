"""How far a tenant may call, as options that an operator gives and as words that they read."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final, TypedDict, TypeVar

import click

from models.facts import TenantFacts
from models.outside_policy import EVERYWHERE, NumberClass, PolicyChanges, Reach

_Command = TypeVar("_Command", bound=Callable[..., object])

_REACH: Final = ", ".join(Reach)
_CLASSES: Final = ", ".join(NumberClass)


class PolicyFields(TypedDict):
    """What the options of `policy_options` give: fields of the policy, and which lists to empty."""

    max_calls: int | None
    max_calls_per_device: int | None
    calls_per_second: int | None
    minutes_per_day: int | None
    countries: tuple[str, ...]
    no_open_countries: bool
    classes: tuple[str, ...]
    no_open_classes: bool
    night_hours: str | None
    night_reach: str | None
    forward_reach: str | None
    forwards_by_rules: bool | None
    alert_emails: tuple[str, ...]
    no_alert_emails: bool


_OPTIONS: Final = (
    click.option(
        "--max-outside-calls", "max_calls", type=int, help="Calls out at once; 0 for no limit."
    ),
    click.option(
        "--max-outside-calls-per-device",
        "max_calls_per_device",
        type=int,
        help="The same for each phone; 0 for no limit.",
    ),
    click.option(
        "--outside-calls-per-second",
        "calls_per_second",
        type=int,
        help="Calls out that begin in one second; 0 for no limit.",
    ),
    click.option(
        "--outside-minutes-per-day",
        "minutes_per_day",
        type=int,
        help="Minutes of talking outside on one day, all calls together; 0 for no limit.",
    ),
    click.option(
        "--open-country",
        "countries",
        multiple=True,
        help=f"Which countries may be called besides the own (US); '{EVERYWHERE}' is all. Repeat.",
    ),
    click.option("--no-open-countries", is_flag=True, help="Close all countries but the own."),
    click.option(
        "--open-class",
        "classes",
        multiple=True,
        help=f"Which costly numbers may be called: {_CLASSES}. Repeat.",
    ),
    click.option("--no-open-classes", is_flag=True, help="Close all costly numbers."),
    click.option(
        "--night",
        "night_hours",
        help="From when to when it is night (22:00-07:00); an empty text for no night.",
    ),
    click.option("--night-reach", help=f"How far calls may go at night: {_REACH}."),
    click.option(
        "--forward-reach", help=f"How far calls may go that are forwarded outside: {_REACH}."
    ),
    click.option(
        "--forwards-by-rules/--no-forwards-by-rules",
        default=None,
        help="Whether forwarded calls leave by the outbound rules, or by the default trunk.",
    ),
    click.option(
        "--alert-email",
        "alert_emails",
        multiple=True,
        help="Who is told of limits that are reached, and of calls for help. Repeat.",
    ),
    click.option("--no-alert-emails", is_flag=True, help="Tell nobody by mail."),
)

_SINGLE: Final = (
    "max_calls",
    "max_calls_per_device",
    "calls_per_second",
    "minutes_per_day",
    "night_hours",
    "night_reach",
    "forward_reach",
    "forwards_by_rules",
)
"""Fields that are None when they were not given."""

_LISTS: Final = {
    "countries": ("no_open_countries", "--open-country"),
    "classes": ("no_open_classes", "--open-class"),
    "alert_emails": ("no_alert_emails", "--alert-email"),
}
"""Fields that name all from now on, to what empties them, and their option."""

_HOW_FAR: Final = {
    Reach.ALL: "wherever calls may go by day",
    Reach.HOME: "within the country",
    Reach.NONE: "nowhere",
}


def policy_options(command: _Command) -> _Command:
    """Let a command be told how far a tenant may call."""
    for option in reversed(_OPTIONS):
        command = option(command)
    return command


def policy_changes(given: PolicyFields) -> PolicyChanges:
    """What of the policy shall change, by what was given.

    Raises:
        click.UsageError: Something is to be named and to be nothing at once.
    """
    chosen: Any = given
    changes: Any = {field: chosen[field] for field in _SINGLE if chosen[field] is not None}
    for field, (none, option) in _LISTS.items():
        if chosen[field] and chosen[none]:
            raise click.UsageError(f"give {option} or --{none.replace('_', '-')}, not both")
        if chosen[field] or chosen[none]:
            changes[field] = chosen[field]
    named_as_the_policy_does: PolicyChanges = changes
    return named_as_the_policy_does


def policy_in_words(tenant: TenantFacts) -> dict[str, str]:
    """How far a tenant may call, a line for each thing that can be set."""
    policy = tenant.outside
    return {
        "calls_out_at_once": _limit(policy.max_calls),
        "of_one_phone": _limit(policy.max_calls_per_device),
        "calls_out_in_a_second": _limit(policy.calls_per_second),
        "minutes_out_a_day": _limit(policy.minutes_per_day),
        "open_countries": _countries(tenant),
        "open_classes": _classes(tenant),
        "night": _night(tenant),
        "forwarding_outside": _HOW_FAR.get(Reach(policy.forward_reach), ""),
        "forwarded_calls_leave_by": (
            "the outbound rules" if policy.forwards_by_rules else "the default trunk"
        ),
        "told_of_limits": ", ".join(policy.alert_emails) or "nobody; name somebody: --alert-email",
    }


def _limit(amount: int) -> str:
    return f"at most {amount}" if amount else "no limit"


def _countries(tenant: TenantFacts) -> str:
    home = f"{tenant.country} (its own)"
    if tenant.state == "trial":
        return f"{home}; no other while it is on trial"
    if EVERYWHERE in tenant.outside.countries:
        return "all"
    return ", ".join([home, *(one for one in tenant.outside.countries if one != tenant.country)])


def _classes(tenant: TenantFacts) -> str:
    if tenant.state == "trial":
        return "none while it is on trial"
    return ", ".join(tenant.outside.classes) or "none"


def _night(tenant: TenantFacts) -> str:
    policy = tenant.outside
    if not policy.night_hours:
        return "none"
    return f"{policy.night_hours}: calls out go {_HOW_FAR[Reach(policy.night_reach)]}"
