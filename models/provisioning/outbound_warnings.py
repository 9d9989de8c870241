"""What is allowed in outbound rules and yet seldom meant; pure."""

from collections.abc import Iterator, Sequence
from enum import StrEnum
from typing import NamedTuple

from models.emergency_rules import numbers_for_help
from models.facts import OutboundRuleFacts, TenantRows
from models.foreign_numbers import becomes_one_of_home, numbers_abroad
from models.outbound_rules import DENY, ONLY, is_for_all_of
from models.provisioning.catalogue import ElementCatalogue, numbers_of


class Doubt(StrEnum):
    """What may be doubtful about a rule."""

    UNKNOWN_USER = "unknown_user"
    FOR_NOBODY = "for_nobody"
    NO_TRUNK = "no_trunk"
    NEVER_FIRES = "never_fires"
    CATCHES_HELP = "catches_help"
    TAKES_ABROAD_HOME = "takes_abroad_home"


class Doubtful(NamedTuple):
    """One thing that is doubtful about a rule: what, in which of its fields, and a sentence."""

    doubt: Doubt
    field: str
    sentence: str


def rule_warnings(rows: TenantRows, owner: str, catalogue: ElementCatalogue) -> Iterator[str]:
    """Say what is doubtful about one rule, or about the rules that name one trunk.

    Args:
        rows: The tenant as it is.
        owner: What it is about: ``rule any format``, ``trunk city``; about other things nothing is
            said.
        catalogue: Reads masks.
    """
    for rule in rows.outbound:
        if owner == f"rule {rule.name}":
            yield from (one.sentence for one in doubts_about(rule, rows, catalogue))
            yield from _hidden_by(rule, rows, catalogue)
        elif owner in {f"trunk {trunk}" for trunk in rule.trunks}:
            yield from (one.sentence for one in _trunk_doubts(rule, rows, catalogue))


def doubts_about(
    rule: OutboundRuleFacts, rows: TenantRows, catalogue: ElementCatalogue
) -> Iterator[Doubtful]:
    """Say all that is doubtful about one rule in the midst of the others."""
    yield from _user_doubts(rule, rows)
    yield from _trunk_doubts(rule, rows, catalogue)
    hiding = _hiding(rule, rows, catalogue)
    if hiding:
        yield Doubtful(Doubt.NEVER_FIRES, "mask", _never_fires(rule, hiding))
    yield from _help_doubts(rule, rows, catalogue)
    yield from _abroad_doubts(rule, rows, catalogue)


def _user_doubts(rule: OutboundRuleFacts, rows: TenantRows) -> Iterator[Doubtful]:
    there = numbers_of(rows)
    for user in rule.users:
        if user not in there:
            whom = f"{user}, and {rows.tenant.name} has nobody of that number"
            yield Doubtful(Doubt.UNKNOWN_USER, rule.mode, f"rule {rule.name} names {whom}")
    if _is_for_nobody(rule):
        why = "it is only for those who are named, and none is"
        yield Doubtful(Doubt.FOR_NOBODY, rule.mode, f"rule {rule.name} is for nobody: {why}")


def _trunk_doubts(
    rule: OutboundRuleFacts, rows: TenantRows, catalogue: ElementCatalogue
) -> Iterator[Doubtful]:
    if denies(rule, catalogue):
        return
    usable = [
        trunk.name
        for trunk in rows.trunks
        if trunk.is_enabled and (trunk.name in rule.trunks if rule.trunks else trunk.is_default)
    ]
    if not usable:
        sentence = f"rule {rule.name} has no trunk that is enabled: no call leaves by it"
        yield Doubtful(Doubt.NO_TRUNK, "trunks" if len(rule.trunks) > 1 else "trunk", sentence)


def denies(rule: OutboundRuleFacts, catalogue: ElementCatalogue) -> bool:
    """Whether a rule forbids the calls that it is for."""
    return rule.action == DENY or catalogue.is_ban(rule.output)


def _hidden_by(
    rule: OutboundRuleFacts, rows: TenantRows, catalogue: ElementCatalogue
) -> Iterator[str]:
    """Say which rules can never fire because of this one."""
    for later in rows.outbound:
        hiding = _hiding(later, rows, catalogue) if later.place > rule.place else ()
        if rule in hiding:
            yield _never_fires(later, hiding)


def _never_fires(rule: OutboundRuleFacts, hiding: Sequence[OutboundRuleFacts]) -> str:
    *others, last = (one.name for one in hiding)
    if not others:
        who = f"rule {last}, which stands before it, takes"
    else:
        who = f"rules {', '.join(others)} and {last}, which stand before it, take"
    return f"rule {rule.name} never fires: {who} every call that it is for"


def _hiding(
    rule: OutboundRuleFacts, rows: TenantRows, catalogue: ElementCatalogue
) -> Sequence[OutboundRuleFacts]:
    """The rules that leave nothing to this one; none where some call may be left."""
    if not rule.is_enabled or _is_for_nobody(rule):
        return ()
    before = [
        one
        for one in rows.outbound
        if one.place < rule.place
        and one.is_enabled
        and (not one.hours or one.hours == rule.hours)
        and is_for_all_of(one, rule)
    ]
    return catalogue.hiding(rule, before)


def _is_for_nobody(rule: OutboundRuleFacts) -> bool:
    return rule.mode == ONLY and not rule.users


def _help_doubts(
    rule: OutboundRuleFacts, rows: TenantRows, catalogue: ElementCatalogue
) -> Iterator[Doubtful]:
    help_at = numbers_for_help(rows)
    numbers = [number for number in help_at if catalogue.mask_fits(rule.mask, number)]
    if numbers:
        listed = ", ".join(numbers)
        sentence = f"emergency numbers ({listed}) pass by all rules, by rule {rule.name} too"
        yield Doubtful(Doubt.CATCHES_HELP, "mask", sentence)


def _abroad_doubts(
    rule: OutboundRuleFacts, rows: TenantRows, catalogue: ElementCatalogue
) -> Iterator[Doubtful]:
    """Say when somebody who dials a number abroad would reach a stranger at home."""
    if denies(rule, catalogue):
        return
    country = rows.tenant.country
    for dialled, means in numbers_abroad(country):
        sent = catalogue.sent_by_rule(rule.mask, rule.output, dialled)
        becomes = bool(sent) and becomes_one_of_home(sent, means, country)
        if becomes and not _is_taken_before(dialled, rule, rows, catalogue):
            sentence = (
                f"rule {rule.name} makes {sent} of {dialled}, a number of another country that "
                f"becomes one of {country}: let its mask not begin so (a national number behind "
                "its 0: 0({1|2|3|4|5|6|7|8|9}d+)), or put a rule for other countries before it"
            )
            yield Doubtful(Doubt.TAKES_ABROAD_HOME, "mask", sentence)
            return


def _is_taken_before(
    dialled: str, rule: OutboundRuleFacts, rows: TenantRows, catalogue: ElementCatalogue
) -> bool:
    """Whether a rule before this one always takes a number."""
    return any(
        one.place < rule.place
        and one.is_enabled
        and not one.hours
        and is_for_all_of(one, rule)
        and (
            catalogue.sent_by_rule(one.mask, one.output, dialled) != ""
            or (denies(one, catalogue) and catalogue.mask_fits(one.mask, dialled))
        )
        for one in rows.outbound
    )
