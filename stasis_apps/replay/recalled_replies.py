"""What the servers answered that a call came by, read from its steps."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from math import inf

from models.call_log import JournalLine
from stasis_apps.call_webhooks import LEFT_FIRST
from stasis_apps.decisions.webhook_reply import COMMANDS
from stasis_apps.journal import What
from stasis_apps.services.web_questions import Answer, NoAnswer
from stasis_apps.simulation import ImaginedReply


def replies_in(journal: Iterable[JournalLine]) -> Mapping[str, Sequence[ImaginedReply]]:
    """What came back at each element, each time."""
    replies: defaultdict[str, list[ImaginedReply]] = defaultdict(list)
    for line in journal:
        if line.what == What.REQUESTED:
            replies[line.element or ""].append(_reply(line))
    return dict(replies)


def _reply(line: JournalLine) -> ImaginedReply:
    """The same commands as were read then; of an answer that was none, why."""
    took_s = line.facts.get("took_s")
    after_s = float(took_s) if isinstance(took_s, int | float) else 0.0
    if line.reason == LEFT_FIRST:
        return ImaginedReply(answer=NoAnswer(line.reason), after_s=inf)  # nobody knows how long
    if line.reason:
        return ImaginedReply(answer=NoAnswer(line.reason), after_s=after_s)
    said = {name: str(line.facts[name]) for name in COMMANDS if name in line.facts}
    return ImaginedReply(answer=Answer(status=200, body=json.dumps(said).encode()), after_s=after_s)
