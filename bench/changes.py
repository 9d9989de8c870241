"""How soon a change is in every process's plans: from its end to the plan's being read.

Two processes follow the plans as the application does, a third changes a tenant; on SQLite and on
PostgreSQL; run by ``make bench``. Figures are what this machine gives while nothing else runs on
it.
"""

from __future__ import annotations

import argparse
import asyncio
import statistics
import sys
import tempfile
from collections.abc import Sequence
from contextlib import AsyncExitStack
from pathlib import Path

from models import provisioning
from models.database import migrate, open_database
from tests.support.database import running_postgres
from tests.support.plan_watchers import a_watcher, told_by

PROCESSES = 2
LIMIT_S = 30.0


def main() -> None:
    """Change a tenant again and again; print median and maximum in milliseconds."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--changes", type=int, default=50)
    changes = parser.parse_args().changes
    with tempfile.TemporaryDirectory(prefix="pbx-bench-") as folder:
        _say("SQLite", asyncio.run(_measure(f"sqlite://{Path(folder) / 'pbx.db'}", changes)))
        with running_postgres() as server:
            _say("PostgreSQL", asyncio.run(_measure(server.url(server.create()), changes)))


async def _measure(url: str, changes: int) -> list[float]:
    await migrate(url)
    took_s: list[float] = []
    async with open_database(url), AsyncExitStack() as stack:
        first = await provisioning.create_tenant(name="acme", domain="acme.test", country="DE")
        watchers = [await stack.enter_async_context(a_watcher(url)) for _ in range(PROCESSES)]
        for watcher in watchers:
            await told_by(watcher, first.revision, LIMIT_S)
        for change in range(changes):
            zone = "Europe/Moscow" if change % 2 else "Europe/Berlin"
            now = await provisioning.set_tenant(name="acme", timezone=zone)
            changed_s = asyncio.get_running_loop().time()
            read_s = await asyncio.gather(
                *(told_by(watcher, now.revision, LIMIT_S) for watcher in watchers)
            )
            took_s.extend(one - changed_s for one in read_s)
    return took_s


def _say(engine: str, seconds: Sequence[float]) -> None:
    in_ms = [second * 1000 for second in seconds]
    sys.stdout.write(
        f"{engine}: change made -> plan read by {PROCESSES} processes: "
        f"median {statistics.median(in_ms):.0f}, max {max(in_ms):.0f} ms ({len(in_ms)} readings)\n"
    )
    sys.stdout.flush()


if __name__ == "__main__":
    main()
