"""An export is the same text on every database, though PostgreSQL keeps no order of names."""

from __future__ import annotations

from models.tenant_file.ordering import in_order
from models.tenant_file.writing import text_of
from tests.unit.models.office import Office
from tests.unit.models.tenant_desk import KINDS


async def test_hours_stand_in_the_same_order_on_every_database(office: Office) -> None:
    windows = [{"to": "18:00", "days": "mon-fri", "from": "09:00"}]
    await office.apply(
        {
            "tenant": "acme",
            "domain": "acme.test",
            "timezone": "UTC",
            "country": "RU",
            "extensions": {"100": {"name": "Alice"}},
            "elements": {"5300": {"match": "100", "windows": windows, "kind": "time_rule"}},
            "tests": [{"to": "5300", "name": "t", "from": "100", "expect": {"ends": "normal"}}],
            "lint": {"ignore": [{"reason": "is meant", "code": "empty-exit"}]},
        }
    )

    text = text_of(in_order(await office.exported(), KINDS))

    assert '[{days: mon-fri, from: "09:00", to: "18:00"}], match: "100"}' in text
    assert "tests: [{name: t, " in text
    assert "ignore: [{code: empty-exit, reason: is meant}]" in text
