"""ScriptedCall: a caller who follows a script; for people who write elements.

No Asterisk, no clock, no network: what the caller presses and what the phones do is said in
advance, and afterwards the test reads what the caller has experienced::

    call = ScriptedCall(presses=["9", "1"])

    exit_taken = await greeting.run(call)

    assert exit_taken == "1"
    assert call.heard == ["welcome", "asterisk:pbx-invalid", "welcome"]
"""

from stasis_apps.testing.calls_out import CallsOut
from stasis_apps.testing.mailboxes import LeftInBox, ScriptedMailboxes, a_message
from stasis_apps.testing.script import (
    MOST_VERBS,
    Asking,
    HangsUpAt,
    PhoneScript,
    PickedUp,
    Rang,
    Verb,
    a_call_from_outside,
    a_call_of_alice,
)
from stasis_apps.testing.scripted_call import ScriptedCall
from stasis_apps.testing.webhooks import Asked, ScriptedWebhooks

__all__ = [
    "MOST_VERBS",
    "Asked",
    "Asking",
    "CallsOut",
    "HangsUpAt",
    "LeftInBox",
    "PhoneScript",
    "PickedUp",
    "Rang",
    "ScriptedCall",
    "ScriptedMailboxes",
    "ScriptedWebhooks",
    "Verb",
    "a_call_from_outside",
    "a_call_of_alice",
    "a_message",
]
