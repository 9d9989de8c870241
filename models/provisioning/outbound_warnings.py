"""What is allowed in outbound rules and yet seldom meant; pure."""

from collections.abc import Iterator

from models.emergency_rules import numbers_for_help
from models.facts import OutboundRuleFacts, TenantRows
from models.foreign_numbers import becomes_one_of_home, numbers_abroad
from models.outbound_rules import DENY, ONLY, is_for_all_of
from models.provisioning.catalogue import ElementCatalogue, numbers_of


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
            yield from _user_warnings(rule, rows)
            yield from _trunk_warnings(rule, rows, catalogue)
            yield from _shadow_warnings(rule, rows, catalogue)
            yield from _emergency_warnings(rule, rows, catalogue)
            yield from _abroad_warnings(rule, rows, catalogue)
        elif owner in {f"trunk {trunk}" for trunk in rule.trunks}:
            yield from _trunk_warnings(rule, rows, catalogue)


def _user_warnings(rule: OutboundRuleFacts, rows: TenantRows) -> Iterator[str]:
    there = numbers_of(rows)
    for user in rule.users:
        if user not in there:
            yield f"rule {rule.name} names {user}, and {rows.tenant.name} has nobody of that number"
    if _is_for_nobody(rule):
        yield f"rule {rule.name} is for nobody: it is only for those who are named, and none is"


def _trunk_warnings(
    rule: OutboundRuleFacts, rows: TenantRows, catalogue: ElementCatalogue
) -> Iterator[str]:
    if _denies(rule, catalogue):
        return
    usable = [
        trunk.name
        for trunk in rows.trunks
        if trunk.is_enabled and (trunk.name in rule.trunks if rule.trunks else trunk.is_default)
    ]
    if not usable:
        yield f"rule {rule.name} has no trunk that is enabled: no call leaves by it"


def _denies(rule: OutboundRuleFacts, catalogue: ElementCatalogue) -> bool:
    return rule.action == DENY or catalogue.is_ban(rule.output)


def _shadow_warnings(
    rule: OutboundRuleFacts, rows: TenantRows, catalogue: ElementCatalogue
) -> Iterator[str]:
    """Say which rules can never fire, for this one, or because of it."""
    before_it = [one for one in rows.outbound if one.place < rule.place]
    behind_it = [one for one in rows.outbound if one.place > rule.place]
    hiding = [one for one in before_it if _hides(one, rule, catalogue)]
    if hiding:
        yield _never_fires(rule, hiding[0])
    for hidden in (one for one in behind_it if _hides(rule, one, catalogue)):
        yield _never_fires(hidden, rule)


def _never_fires(rule: OutboundRuleFacts, before: OutboundRuleFacts) -> str:
    return (
        f"rule {rule.name} never fires: rule {before.name}, which stands before it, "
        "takes every call that it is for"
    )


def _hides(
    earlier: OutboundRuleFacts, later: OutboundRuleFacts, catalogue: ElementCatalogue
) -> bool:
    """Whether a rule plainly leaves nothing to another behind it; the simple cases alone."""
    if not earlier.is_enabled or earlier.hours or not later.is_enabled or _is_for_nobody(later):
        return False
    fits_all = catalogue.mask_fits_all(earlier.mask)
    if not fits_all and earlier.mask != later.mask:
        return False
    may_send_nothing = earlier.action != DENY and "$" in earlier.output and not fits_all
    if may_send_nothing and (later.action == DENY or "$" not in later.output):
        return False
    return is_for_all_of(earlier, later)


def _is_for_nobody(rule: OutboundRuleFacts) -> bool:
    return rule.mode == ONLY and not rule.users


def _emergency_warnings(
    rule: OutboundRuleFacts, rows: TenantRows, catalogue: ElementCatalogue
) -> Iterator[str]:
    help_at = numbers_for_help(rows)
    numbers = [number for number in help_at if catalogue.mask_fits(rule.mask, number)]
    if numbers:
        listed = ", ".join(numbers)
        yield f"emergency numbers ({listed}) pass by all rules, by rule {rule.name} too"


def _abroad_warnings(
    rule: OutboundRuleFacts, rows: TenantRows, catalogue: ElementCatalogue
) -> Iterator[str]:
    """Say when somebody who dials a number abroad would reach a stranger at home."""
    if _denies(rule, catalogue):
        return
    country = rows.tenant.country
    for dialled, means in numbers_abroad(country):
        sent = catalogue.sent_by_rule(rule.mask, rule.output, dialled)
        becomes = bool(sent) and becomes_one_of_home(sent, means, country)
        if becomes and not _is_taken_before(dialled, rule, rows, catalogue):
            yield (
                f"rule {rule.name} makes {sent} of {dialled}, a number of another country that "
                f"becomes one of {country}: let its mask not begin so (a national number behind "
                "its 0: 0({1|2|3|4|5|6|7|8|9}d+)), or put a rule for other countries before it"
            )
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
            or (_denies(one, catalogue) and catalogue.mask_fits(one.mask, dialled))
        )
        for one in rows.outbound
    )
