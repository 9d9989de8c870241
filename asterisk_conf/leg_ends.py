"""The numbers with which the dialplan ends a leg to an outside number, and why.

A hang-up cause is all that an application is told of a Local channel's end. It is the Q.850 cause
of the leg, or that with three more digits behind it: the SIP status that the carrier gave (17486),
or one of ours from 900 up, when the leg was not even dialled. No status is that high.
"""

from collections.abc import Mapping
from typing import Final

REFUSALS: Final[Mapping[str, int]] = {
    "forbidden": 21901,
    "destination_closed": 21902,
    "too_many_outside": 42903,
    "no_channel": 34904,
    "forwarding_closed": 21905,
    "night_closed": 21906,
    "minutes_used_up": 21907,
    "too_fast": 42908,
    "blocked": 21909,
}
"""Why the dialplan did not dial, by the word that stands for it in call records."""

HIGHEST_CAUSE: Final = 127
"""Of Q.850."""

STATUSES: Final = 1000
"""What the cause was multiplied by, to make room for the status behind it."""
