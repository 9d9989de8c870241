"""HTTP requests to the servers of tenants: out to the internet, and nowhere else.

Whatever is wrong is a value, and comes within the time that was given. Nothing of a request or an
answer is logged: they tell who calls whom.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from types import TracebackType
from typing import Final, Self

import structlog

from stasis_apps.decisions.web_addresses import Network
from stasis_apps.services.own_loop import OwnLoop
from stasis_apps.services.web_client import WebClient
from stasis_apps.services.web_questions import Answer, NoAnswer, Question

MOST_OF_A_TENANT: Final = 20
"""Requests of one tenant at a time; its further calls go on at once, as if the server were away."""

log = structlog.get_logger(__name__)


class WebRequests:
    """Asks the servers of all tenants, none of which can slow down anybody else.

    The network is another thread's, with a plain event loop: see `web_client` for why.
    """

    def __init__(self, opened: Iterable[Network] = ()) -> None:
        """Start nothing yet.

        Args:
            opened: Networks inside that may be asked.
        """
        self._client = WebClient(opened)
        self._under_way: Counter[int] = Counter()
        self._beside: OwnLoop | None = None

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Give up what is still asked."""
        beside, self._beside = self._beside, None
        if beside is not None:
            await beside.run(self._client.close())
            await beside.close()

    async def ask(self, question: Question) -> Answer | NoAnswer:
        """Ask, and say what came back or why nothing did."""
        if self._under_way[question.tenant_id] >= MOST_OF_A_TENANT:
            return NoAnswer(f"{MOST_OF_A_TENANT} other calls wait for an answer already")
        with self._counted(question.tenant_id):
            try:
                async with asyncio.timeout(question.timeout_s):
                    return await self._beside_the_calls().run(self._client.post(question))
            except TimeoutError:
                return NoAnswer(f"no answer within {question.timeout_s:g} s")
            except Exception as fault:  # noqa: BLE001 - a call goes on whatever a server has done to us
                log.error("http_request_failed", fault=type(fault).__name__)  # noqa: TRY400 - no more than that: a traceback would tell who calls whom
                return NoAnswer("it could not be asked")

    def _beside_the_calls(self) -> OwnLoop:
        self._beside = self._beside or OwnLoop("web")
        return self._beside

    @contextmanager
    def _counted(self, tenant_id: int) -> Iterator[None]:
        self._under_way[tenant_id] += 1
        try:
            yield
        finally:
            self._under_way[tenant_id] -= 1
            self._under_way += Counter()  # forget tenants with none
