"""The servers of a simulated call: they answer as the scenario says, or are really asked."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from time import monotonic
from typing import Final

from stasis_apps.decisions.web_addresses import Network
from stasis_apps.services.web_questions import Answer, NoAnswer, Question
from stasis_apps.services.web_requests import WebRequests
from stasis_apps.simulation.scenario import ImaginedReply

NOTHING_SAID: Final = NoAnswer("nobody has said what the server answers")


@dataclass(slots=True)
class ImaginedServers:
    """Servers that answer as was said.

    Attributes:
        replies: What is answered at each element, each time; from then on the last.
        opened: Networks inside that may be asked; None when nobody is really asked.
        unsaid: The elements whose servers have nothing to say.
    """

    replies: Mapping[str, Sequence[ImaginedReply]]
    opened: Sequence[Network] | None = None
    unsaid: list[str] = field(default_factory=list)
    _asked: Counter[str] = field(default_factory=Counter)

    async def ask(self, question: Question) -> Answer | NoAnswer:
        """Answer after as long as it takes there."""
        said = self.replies.get(question.element)
        if said:
            turn = min(self._asked[question.element], len(said) - 1)
            self._asked[question.element] += 1
            return await _in_time(said[turn], question)
        if self.opened is not None:
            return await _in_time(_really_asked(question, self.opened), question)
        if question.element not in self.unsaid:
            self.unsaid.append(question.element)
        return NOTHING_SAID


async def _in_time(reply: ImaginedReply, question: Question) -> Answer | NoAnswer:
    is_late = reply.after_s > question.timeout_s
    await asyncio.sleep(min(reply.after_s, question.timeout_s))
    return NoAnswer(f"no answer within {question.timeout_s:g} s") if is_late else reply.answer


def _really_asked(question: Question, opened: Sequence[Network]) -> ImaginedReply:
    """Ask outside of the call's own loop, whose clock jumps and waits for no network."""
    began_s = monotonic()
    with ThreadPoolExecutor(max_workers=1) as thread:
        answer = thread.submit(asyncio.run, _ask(question, opened)).result()
    took_s = min(monotonic() - began_s, question.timeout_s)
    return ImaginedReply(answer=answer, after_s=took_s)


async def _ask(question: Question, opened: Sequence[Network]) -> Answer | NoAnswer:
    async with WebRequests(opened) as servers:
        return await servers.ask(question)
