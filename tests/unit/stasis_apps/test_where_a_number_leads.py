"""Where a number leads that an outbound rule has changed: what limits are held against."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from models.facts import OutboundRuleFacts
from stasis_apps.decisions.outbound import Purpose
from stasis_apps.planning import build_plan
from stasis_apps.way_out import WayOut, Wish, find_way_out
from tests.support.builders import SOUND_FOLDER, a_trunk, tenant_rows

DIALLED_AT = datetime(2026, 11, 24, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("dialled", "country"), [("+4930123456", "DE"), ("4930123456", "RU"), ("+79161112233", "RU")]
)
def test_a_number_stays_abroad_when_a_rule_takes_its_plus_off(dialled: str, country: str) -> None:
    """Bare, the first one is a number at home: 8 493 012-34-56."""
    rule = OutboundRuleFacts(place=1, name="digits alone", mask="(+)")
    rows = replace(tenant_rows(trunks=[a_trunk(is_default=True)]), outbound=(rule,))
    plan = build_plan(rows, sound_folder=SOUND_FOLDER)

    found = find_way_out(
        plan, Wish(number=dialled, acting="100", purpose=Purpose.DIALLED, at=DIALLED_AT)
    )

    assert isinstance(found, WayOut)
    assert (found.choice.sends, found.destination.country) == (dialled.lstrip("+"), country)
