"""The house: an exchange that runs, with its database."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from structlog.typing import EventDict

from tests.unit.stasis_apps.exchange.house import House, open_house


@pytest.fixture
async def house(database: str, tmp_path: Path, logged: list[EventDict]) -> AsyncIterator[House]:
    async with open_house(tmp_path, logged) as opened:
        yield opened
