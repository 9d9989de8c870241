"""ScriptedWebhooks: the servers of a scripted call, which answer without any network."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass

from stasis_apps.decisions.webhook_reply import Commands, Unusable

SILENT = Unusable("no answer within 3 s")
"""What comes of servers about which the script says nothing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """One time a server was asked."""

    url: str
    form: Mapping[str, str]
    timeout_s: float


class ScriptedWebhooks:
    """Servers that follow a script; see `stasis_apps.call_webhooks.Webhooks`.

    Attributes:
        asked: Each time one was asked.
        reach: Called while the caller waits; the scripted call lets them hang up there.
    """

    def __init__(
        self, reply: Commands | Unusable = SILENT, *, targets: Collection[str] = ()
    ) -> None:
        """Say what is answered.

        Args:
            reply: Each time.
            targets: The numbers and aliases where a call can go on.
        """
        self._reply = reply
        self._targets = frozenset(targets)
        self.asked: list[Asked] = []
        self.reach: Callable[[], None] = lambda: None

    async def ask(
        self, url: str, *, form: Mapping[str, str], timeout_s: float
    ) -> Commands | Unusable:
        """Answer as the script says."""
        self.asked.append(Asked(url=url, form=form, timeout_s=timeout_s))
        self.reach()
        return self._reply

    def is_target(self, number: str) -> bool:
        """Whether the script has such a number."""
        return number in self._targets
