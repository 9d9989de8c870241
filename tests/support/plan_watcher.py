"""A process of its own that follows the plans, and says which revision of acme it has in use."""

import asyncio
import sys
from pathlib import Path

import structlog

from models.database import open_database
from stasis_apps.plan_store import PlanStore


async def watch(url: str) -> None:
    """Print each revision of acme as soon as calls would go by it."""
    async with open_database(url):
        store = PlanStore(Path())
        news = store.listen()
        watching = asyncio.create_task(store.watch())
        while not watching.done():
            await news.wait()
            news.clear()
            plan = store.plan_named("acme")
            print(plan.revision if plan else 0, flush=True)  # noqa: T201 - its parent reads it


if __name__ == "__main__":
    structlog.configure(logger_factory=structlog.PrintLoggerFactory(sys.stderr))
    asyncio.run(watch(sys.argv[1]))
