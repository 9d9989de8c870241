"""Which trunk an outside number leaves by while no outbound rules say otherwise; pure."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Protocol, TypeVar


class TrunkOption(Protocol):
    """What the choice needs to know of a trunk."""

    @property
    def name(self) -> str:
        """The tenant's word for it."""

    @property
    def is_enabled(self) -> bool:
        """Whether it may be used at all."""

    @property
    def is_default(self) -> bool:
        """Whether numbers leave by it that no other trunk claims."""

    @property
    def forward_via_same(self) -> bool:
        """Whether calls that came in on it go out through it again (requirement A6.2)."""


T = TypeVar("T", bound=TrunkOption)


def choose_trunk(trunks: Iterable[T], *, came_by: str) -> T | None:
    """The trunk that an outside number is dialled through, or None when there is none.

    A call that came in on a trunk which keeps its forwards leaves by that trunk; any other one by
    the tenant's default trunk. A trunk that is switched off is none.

    Args:
        trunks: All trunks of the tenant.
        came_by: The name of the trunk the call came in on; empty for a call from a phone.
    """
    usable = [trunk for trunk in trunks if trunk.is_enabled]
    same = (trunk for trunk in usable if trunk.name == came_by and trunk.forward_via_same)
    default = (trunk for trunk in usable if trunk.is_default)
    return next(same, None) or next(default, None)
