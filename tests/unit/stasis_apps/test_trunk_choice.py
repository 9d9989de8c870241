"""Which trunk an outside number leaves by."""

from __future__ import annotations

import pytest

from models.facts import TrunkFacts
from stasis_apps.decisions.trunk_choice import choose_trunk
from tests.support.builders import a_trunk

MOSCOW = a_trunk(name="moscow", is_default=False, forward_via_same=True)
KEEPS_NOTHING = a_trunk(name="moscow", is_default=False, forward_via_same=False)
DEFAULT = a_trunk(name="city", is_default=True)
OFF = a_trunk(name="moscow", is_default=False, forward_via_same=True, is_enabled=False)
DEFAULT_OFF = a_trunk(name="city", is_default=True, is_enabled=False)


@pytest.mark.parametrize(
    ("trunks", "came_by", "chosen"),
    [
        ((MOSCOW, DEFAULT), "moscow", "moscow"),
        ((KEEPS_NOTHING, DEFAULT), "moscow", "city"),
        ((MOSCOW, DEFAULT), "", "city"),
        ((OFF, DEFAULT), "moscow", "city"),
        ((MOSCOW, DEFAULT_OFF), "", None),
        ((MOSCOW,), "", None),
        ((), "moscow", None),
    ],
)
def test_a_forward_leaves_by_the_trunk_it_came_in_on_or_by_the_default_one(
    trunks: tuple[TrunkFacts, ...], came_by: str, chosen: str | None
) -> None:
    trunk = choose_trunk(trunks, came_by=came_by)

    assert (trunk.name if trunk else None) == chosen
