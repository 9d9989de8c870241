"""What an outbound rule may be like: what is wrong with one as it shall be; pure.

Not here: the mask language, which belongs to whoever reads masks (`ElementCatalogue.rule_faults`).
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Final, TypedDict

from models import rules
from models.errors import Fault
from models.facts import OutboundRuleFacts

SEND: Final = "send"
DENY: Final = "deny"
ACTIONS: Final = (SEND, DENY)
EXCEPT: Final = "except"
ONLY: Final = "only"
MODES: Final = (EXCEPT, ONLY)

_LONGEST_USER: Final = 15


class RuleSettings(TypedDict, total=False):
    """What may be said of a rule besides its name, place and PIN; see `OutboundRuleFacts`."""

    mask: str
    output: str
    action: str
    trunks: tuple[str, ...]
    mode: str
    users: tuple[str, ...]
    hours: Mapping[str, object]
    caller_id: str
    is_enabled: bool


def rule_faults(rule: OutboundRuleFacts, trunks: Collection[str]) -> list[Fault]:
    """Say all that is wrong with a rule, apart from its mask, output, hours and caller id.

    Args:
        rule: As it shall be.
        trunks: The names of the tenant's trunks.
    """
    return [
        *rules.display_name_faults(rule.name),
        *_one_of("action", rule.action, ACTIONS),
        *_trunk_faults(rule.trunks, trunks),
        *_one_of("mode", rule.mode, MODES),
        *_user_faults(rule.users),
    ]


def place_faults(place: int, last: int) -> list[Fault]:
    """Refuse places that are none, in a list that ends at ``last``."""
    return [] if 1 <= place <= last else [Fault("place", place, f"from 1 to {last}")]


def is_for_all_of(earlier: OutboundRuleFacts, later: OutboundRuleFacts) -> bool:
    """Whether a rule is for everybody whom another one is for."""
    mine, theirs = set(earlier.users), set(later.users)
    match earlier.mode, later.mode:
        case "except", "except":
            return mine <= theirs
        case "except", _:
            return not mine & theirs
        case _, "only":
            return theirs <= mine
        case _:
            return False


def _trunk_faults(named: Sequence[str], there: Collection[str]) -> Iterable[Fault]:
    for place, name in enumerate(named):
        if name not in there:
            known = f"there are {', '.join(sorted(there))}" if there else "the tenant has none yet"
            yield Fault("trunks", name, f"there is no such trunk ({known})")
        elif name in named[:place]:
            yield Fault("trunks", name, "is named twice")


def _user_faults(users: Sequence[str]) -> Iterable[Fault]:
    for place, user in enumerate(users):
        if not (user.isascii() and user.isdigit() and len(user) <= _LONGEST_USER):
            rule = "is no number of a user; name each by its digits (102;103), ranges are not known"
            yield Fault("users", user, rule)
        elif user in users[:place]:
            yield Fault("users", user, "is named twice")


def _one_of(path: str, value: str, allowed: tuple[str, ...]) -> list[Fault]:
    return [] if value in allowed else [Fault(path, value, f"one of {', '.join(allowed)}")]
