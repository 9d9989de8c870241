"""Mailboxes and switches that shut their owners out, messages that nobody hears."""

from __future__ import annotations

from collections.abc import Iterator

from stasis_apps.elements.mailbox import Mailbox
from stasis_apps.elements.set_switch import SetSwitch
from stasis_apps.elements.voicemail import Voicemail
from stasis_apps.lint.finding import Code, Finding
from stasis_apps.lint.view import View

MAILBOX_WITHOUT_PIN = Code(
    code="mailbox-without-pin",
    title="mailboxes that callers from outside are led to and that have no PIN",
    why="Without a PIN a mailbox opens at its owner's phones alone: who calls from outside is "
    "refused.",
    mend="Set one (pin), or say pin: true where there is one already.",
)
SWITCH_WITHOUT_PIN = Code(
    code="switch-without-pin",
    title="switches that callers from outside are led to and that have no PIN",
    why="Callers from outside are refused while no PIN is set.",
    mend="Set one (pin), or say pin: true where there is one already.",
)
MESSAGES_UNHEARD = Code(
    code="messages-unheard",
    title="voicemail without mail, lamp or a mailbox element that opens it",
    why="Callers leave messages, and nobody is told of them or can listen by phone.",
    mend="Give it emails or lamps, or make a mailbox element.",
)


def findings(view: View) -> Iterator[Finding]:
    """Look at everything that needs a PIN or an owner."""
    for number, planned in view.plan.elements.items():
        match planned.element:
            case Mailbox(box=box):
                if number in view.open_to_outsiders and not _opens(box, view):
                    sentence = f"{number} opens {box or 'mailboxes'} from outside, without a PIN"
                    yield MAILBOX_WITHOUT_PIN.at(view.place(number), sentence)
            case SetSwitch():
                if number in view.open_to_outsiders and number not in view.plan.pins:
                    sentence = f"{number} throws a switch from outside, without a PIN"
                    yield SWITCH_WITHOUT_PIN.at(view.place(number), sentence)
            case Voicemail(emails=emails, lamps=lamps):
                if not (emails or lamps or _is_opened(number, view)):
                    sentence = f"{number} takes messages that nobody is told of"
                    yield MESSAGES_UNHEARD.at(view.place(number), sentence)
            case _:
                pass


def _opens(box: str, view: View) -> bool:
    """Whether there is a PIN for the mailbox; for any, where callers enter which one."""
    return box in view.plan.pins if box else bool(view.plan.pins & view.plan.mailboxes.keys())


def _is_opened(number: str, view: View) -> bool:
    """Whether somebody can listen to a mailbox by phone."""
    elements = (planned.element for planned in view.plan.elements.values())
    return any(isinstance(one, Mailbox) and one.box in ("", number) for one in elements)
