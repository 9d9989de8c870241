"""The code by which a phone dials again what it dialled last; nothing one could set up."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime

from stasis_apps.call import FAILED, NOWHERE, Call, Exit, GoTo, Target
from stasis_apps.decisions.ending import Reason


@dataclass(frozen=True, slots=True, kw_only=True)
class Redial:
    """Go where this phone went last: to a number of ours, for help, outside.

    A number that was hidden is hidden again, and a PIN is asked for again. A code is never dialled
    again, nor what another phone dialled, be it of the same person.

    Attributes:
        may_call: Whether what was dialled may be dialled again at a moment; None for all of it.
    """

    may_call: Callable[[str, datetime], bool] | None = None

    def exits(self) -> Mapping[Exit, Target]:
        """The call goes where it went last, or ends here."""
        return {FAILED: NOWHERE}

    async def run(self, call: Call) -> Exit | GoTo:
        """Find out what was dialled last."""
        number = await call.last_dialled()
        if not number:
            call.note("this phone has dialled nothing before")
            await call.hang_up(Reason.NO_SUCH_NUMBER)
        if self.may_call is not None and not self.may_call(number, call.now()):
            call.note("the account is blocked, and this calls no help")
            await call.hang_up(Reason.BLOCKED)
        return GoTo(Target(number), reason="dialled again")
