"""Asking a tenant's server about a live call: see `stasis_apps.call_webhooks.Webhooks`."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import NoReturn, Protocol

from stasis_apps.call import CallEnded, Target
from stasis_apps.call_webhooks import LEFT_FIRST
from stasis_apps.decisions.web_addresses import server_of
from stasis_apps.decisions.webhook_reply import Commands, Unusable, read_reply
from stasis_apps.journal import What
from stasis_apps.live_call.line import Line
from stasis_apps.live_call.ringback import Ringback
from stasis_apps.plan import NumberPlan
from stasis_apps.services.web_questions import Answer, NoAnswer, Question


class Servers(Protocol):
    """Carries questions to the servers of tenants."""

    async def ask(self, question: Question) -> Answer | NoAnswer:
        """Ask, and say what came back within the time of the question."""


class LiveWebhooks:
    """Asks for the caller of one call, at one element."""

    def __init__(
        self, line: Line, ringback: Ringback, plan: NumberPlan, servers: Servers, element: str
    ) -> None:
        self._line = line
        self._ringback = ringback
        self._plan = plan
        self._servers = servers
        self._element = element

    async def ask(
        self, url: str, *, form: Mapping[str, str], timeout_s: float
    ) -> Commands | Unusable:
        """Ask while the caller hears ringback, and write down what came of it."""
        await self._ringback.start()
        question = Question(
            tenant_id=self._plan.tenant.id,
            element=self._element,
            url=url,
            form=form,
            timeout_s=timeout_s,
        )
        clock = asyncio.get_running_loop().time
        asked_s = clock()
        try:
            answer = await self._while_they_wait(question)
        except CallEnded:
            took_s = round(clock() - asked_s, 3)
            self._write_down(url, NoAnswer(LEFT_FIRST), Unusable(LEFT_FIRST), took_s=took_s)
            raise
        reply = _read(answer)
        self._write_down(url, answer, reply, took_s=round(clock() - asked_s, 3))
        return reply

    def is_target(self, number: str) -> bool:
        """Whether there is such a number or alias, or it is an outside one."""
        return self._plan.at(Target(number)) is not None

    async def _while_they_wait(self, question: Question) -> Answer | NoAnswer:
        """A caller who hangs up is noticed at once, and the server's answer is nobody's then."""
        asking = asyncio.create_task(self._servers.ask(question))
        listening = asyncio.create_task(self._until_they_leave())
        both = (asking, listening)
        try:
            await asyncio.wait(both, return_when=asyncio.FIRST_COMPLETED)
            return await (listening if listening.done() else asking)
        finally:
            for task in both:
                task.cancel()
            await asyncio.wait(both)

    async def _until_they_leave(self) -> NoReturn:
        while True:
            await self._line.next_event(until=None)

    def _write_down(
        self, url: str, answer: Answer | NoAnswer, reply: Commands | Unusable, *, took_s: float
    ) -> None:
        """Only the server's name: what follows it in the URL may be a secret."""
        facts: dict[str, str | int | float] = {"server": server_of(url), "took_s": took_s}
        if isinstance(answer, Answer):
            facts["status"] = answer.status
        if isinstance(reply, Unusable):
            self._line.journal.write(What.REQUESTED, reason=reply.why, **facts)  # type: ignore[arg-type] # no fact is called reason or way_out
            return
        said = {"set_name": reply.set_name, "transfer": reply.transfer}
        facts |= {name: value for name, value in said.items() if value}
        self._line.journal.write(What.REQUESTED, **facts)  # type: ignore[arg-type] # as above


def _read(answer: Answer | NoAnswer) -> Commands | Unusable:
    match answer:
        case Answer(status=status, content_type=content_type, body=body):
            return read_reply(status, content_type, body)
        case NoAnswer(why):
            return Unusable(why)
