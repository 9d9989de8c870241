"""What is said in advance about a simulated call, and what is known of it afterwards."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from models.call_log import JournalLine
from stasis_apps.call import HowCame, WayIn
from stasis_apps.decisions.ending import CallEnd
from stasis_apps.services.web_questions import Answer, NoAnswer


class ScenarioInvalid(ValueError):
    """The scenario makes no sense in this plan: a device that is not there, a trunk without name.

    Attributes:
        field: Which of its fields.
        value: What stands there.
        rule: Why that cannot be.
    """

    def __init__(self, field: str, value: object, rule: str) -> None:
        super().__init__(f"{field} {value!r}: {rule}")
        self.field, self.value, self.rule = field, value, rule


class Became(StrEnum):
    """What people do when their phones ring, or why these do not ring."""

    ANSWERS = "answers"
    NO_ANSWER = "no_answer"
    BUSY = "busy"
    DECLINES = "declines"
    UNREGISTERED = "unregistered"
    UNREACHABLE = "unreachable"


@dataclass(frozen=True, slots=True, kw_only=True)
class Doing:
    """What one who is rung does.

    Attributes:
        became: Whether they pick up, and what happens otherwise.
        after_s: They pick up, or decline, after ringing for so long.
        talks_s: They hang up after talking for so long; None when the caller does.
        confirms: Whether they press the key that takes the call, where one is asked for.
    """

    became: Became = Became.NO_ANSWER
    after_s: float = 3.0
    talks_s: float | None = None
    confirms: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class ImaginedReply:
    """What a server answers.

    Attributes:
        answer: The answer, or why there is none.
        after_s: How long it takes; beyond the time it is given there, it counts as silent.
    """

    answer: Answer | NoAnswer
    after_s: float = 0.2


@dataclass(frozen=True, slots=True, kw_only=True)
class Scenario:
    """A call as it is imagined.

    Attributes:
        caller: An extension, the name of a device, or an outside number; empty for one who hides
            theirs.
        dialled: What they dial.
        at: The moment; one without a zone is told by the tenant's clock.
        way_in: By which door; None when the others tell: whoever is said to come by a trunk, or has
            no internal number and no device of the tenant, comes through a trunk.
        trunk: By which trunk; empty for that of the dialled number.
        caller_name: What an outside caller's phone says about them; phones of the tenant show what
            the plan says.
        keys: What they press each time they are asked, "" for nothing; one who is asked more often
            stays silent. Keys that are not used count the next time.
        doing: What each extension, device, outside number or trunk does; a device goes before its
            extension, a trunk before the numbers that are dialled through it, and outside numbers
            may be written in any way.
        otherwise: What all others do.
        hangs_up_after_s: The caller gives up after so long; None for never.
        says_s: How long they speak to each mailbox.
        last_dialled: What their phone dialled before, for redial.
        pins: The PINs of mailboxes and outbound rules as the caller believes them; a PIN that is
            typed by ``keys`` counts as right when it is here.
        replies: What the server of each HTTP request answers, by the number of the element: each
            time it is asked, and from then on the last. Of others it is taken that they are silent.
    """

    caller: str
    dialled: str
    at: datetime
    way_in: WayIn | None = None
    trunk: str = ""
    caller_name: str = ""
    keys: Sequence[str] = ()
    doing: Mapping[str, Doing] = field(default_factory=dict)
    otherwise: Doing = field(default_factory=Doing)
    hangs_up_after_s: float | None = None
    says_s: float = 5.0
    last_dialled: str = ""
    pins: Mapping[str, str] = field(default_factory=dict)
    replies: Mapping[str, Sequence[ImaginedReply]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Hop:
    """One element on the way of a call.

    Attributes:
        number: Where.
        kind: What stands there.
        how: How the call came.
        after_s: When it came there, counted from the beginning of the call.
        lasted_s: How long it stayed.
        way_out: The exit it left by; empty when it ended there, or when the caller or a rule named
            the next number.
        target: Where it went on; empty when nothing is set or it ended there.
        reasons: Why, in the journal's words.
    """

    number: str
    kind: str
    how: HowCame = HowCame.DIRECT
    after_s: float = 0.0
    lasted_s: float = 0.0
    way_out: str = ""
    target: str = ""
    reasons: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class SimulatedEnd:
    """What became of a simulated call.

    Attributes:
        scenario: The call as it was imagined.
        revision: Of the plan it ran on.
        path: Element by element.
        end: Who ended it, and why.
        lasted_s: From the first moment to the last.
        answered_by: The number of the person it was connected with; empty for nobody.
        heard: What the caller heard, prompts by name and ``ringback``, in order.
        rang: Who was rung, in order, each once.
        phones: The same by the names of their phones; an outside number is its own.
        voicemail: The mailbox in which a message was left, or empty.
        sent_outside: The number that was sent to a trunk last, and that trunk; empty for none.
        journal: Step by step, as a live call's would stand in the database.
        doubts: What the plan does not know, and the call was led as if there were nothing.
        unsaid: The HTTP requests of which nobody has said what their servers answer.
    """

    scenario: Scenario
    revision: int
    path: tuple[Hop, ...]
    end: CallEnd
    lasted_s: float
    answered_by: str = ""
    heard: tuple[str, ...] = ()
    rang: tuple[str, ...] = ()
    phones: tuple[str, ...] = ()
    voicemail: str = ""
    sent_outside: tuple[str, str] = ("", "")
    journal: tuple[JournalLine, ...] = ()
    doubts: tuple[str, ...] = ()
    unsaid: tuple[str, ...] = ()
