"""How a call ended: who ended it, the reason in one word, the comment an administrator reads.

Not here: how a single leg fared on the way (see hangup_cause).
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class EndedBy(StrEnum):
    """Whose doing the end of a call was."""

    CALLER = "caller"
    CALLEE = "callee"
    PLAN = "plan"
    CARRIER = "carrier"
    PLATFORM = "platform"
    UNKNOWN = "unknown"


class Reason(StrEnum):
    """Why a call ended; the word stands in call records and never changes its meaning."""

    NORMAL = "normal"
    CANCELLED = "cancelled"
    BUSY = "busy"
    NO_ANSWER = "no_answer"
    DECLINED = "declined"
    UNREGISTERED = "unregistered"
    UNREACHABLE = "unreachable"
    NO_ROUTE = "no_route"
    NO_SUCH_NUMBER = "no_such_number"
    LOOP = "loop"
    ALL_BUSY = "all_busy"
    NONE_REACHABLE = "none_reachable"
    CARRIER_FAILED = "carrier_failed"
    NO_TRUNK = "no_trunk"
    NO_CHANNEL = "no_channel"
    INVALID_NUMBER = "invalid_number"
    FORBIDDEN = "forbidden"
    DESTINATION_CLOSED = "destination_closed"
    FORWARDING_CLOSED = "forwarding_closed"
    NIGHT_CLOSED = "night_closed"
    TOO_MANY_OUTSIDE = "too_many_outside"
    TOO_FAST = "too_fast"
    MINUTES_USED_UP = "minutes_used_up"
    WRONG_PIN = "wrong_pin"
    MESSAGE_LEFT = "message_left"
    NO_MESSAGE = "no_message"
    MAILBOX_FULL = "mailbox_full"
    TOO_MANY_CALLS = "too_many_calls"
    TOO_LONG = "too_long"
    REFUSED = "refused"
    BLOCKED = "blocked"
    HUNG_UP_BY_PLAN = "hung_up_by_plan"
    FAILED = "failed"
    LOST = "lost"
    RELEASED = "released"


@dataclass(frozen=True, slots=True, kw_only=True)
class CallEnd:
    """The end of one call. Every ended call has exactly one.

    Attributes:
        by: Whose doing it was.
        reason: Why, in one word.
        cause: The Q.850 cause that the caller's phone is told when we are the ones who hang up.
        was_seen: Whether we were there; Asterisk may have noted more about an end that nobody saw.
    """

    by: EndedBy
    reason: Reason
    cause: int
    was_seen: bool = True

    def comment(self, language: str) -> str:
        """The sentence for call records, in ``en`` or ``ru``; other languages read English."""
        in_english, in_russian = _COMMENTS[self.reason]
        return in_russian if language == "ru" else in_english


def ended_by_caller(*, was_answered: bool) -> CallEnd:
    """The caller put the receiver down, before or after somebody had answered."""
    reason = Reason.NORMAL if was_answered else Reason.CANCELLED
    return CallEnd(by=EndedBy.CALLER, reason=reason, cause=NORMAL_CLEARING)


def ended_by_callee(*, was_seen: bool = True) -> CallEnd:
    """The person who was talked to put the receiver down."""
    cause = NORMAL_CLEARING
    return CallEnd(by=EndedBy.CALLEE, reason=Reason.NORMAL, cause=cause, was_seen=was_seen)


def ended_by_plan(reason: Reason) -> CallEnd:
    """The plan, or something that happened while it ran, ends the call for this reason."""
    was_seen = reason is not Reason.LOST
    return CallEnd(by=_BLAME[reason], reason=reason, cause=_CAUSES[reason], was_seen=was_seen)


def ending_of_exit(exit_taken: str) -> CallEnd:
    """What becomes of a call that leaves an element by an exit where nothing is set.

    A callee's own answer (busy, no answer, declined, unregistered) is passed on to the caller as
    such, a fault is called a fault, and a caller who was at a mailbox has had their chance to
    speak; anything else is a missing piece of the plan: "no route set" (requirement A7.4).
    """
    try:
        reason = _EXITS_THAT_END.get(exit_taken) or Reason(exit_taken)
    except ValueError:
        reason = Reason.NO_ROUTE
    return ended_by_plan(reason if reason in _SPEAK_FOR_THEMSELVES else Reason.NO_ROUTE)


NORMAL_CLEARING = 16
"""Q.850 cause 16: an ordinary end."""

_SPEAK_FOR_THEMSELVES = frozenset(
    {
        Reason.BUSY,
        Reason.NO_ANSWER,
        Reason.DECLINED,
        Reason.UNREGISTERED,
        Reason.UNREACHABLE,
        Reason.ALL_BUSY,
        Reason.NONE_REACHABLE,
        Reason.CARRIER_FAILED,
        Reason.NO_TRUNK,
        Reason.NO_CHANNEL,
        Reason.INVALID_NUMBER,
        Reason.NO_SUCH_NUMBER,
        Reason.FORBIDDEN,
        Reason.BLOCKED,
        Reason.DESTINATION_CLOSED,
        Reason.FORWARDING_CLOSED,
        Reason.NIGHT_CLOSED,
        Reason.TOO_MANY_OUTSIDE,
        Reason.TOO_FAST,
        Reason.MINUTES_USED_UP,
        Reason.WRONG_PIN,
        Reason.MESSAGE_LEFT,
        Reason.NO_MESSAGE,
        Reason.MAILBOX_FULL,
        Reason.REFUSED,
        Reason.HUNG_UP_BY_PLAN,
        Reason.FAILED,
    }
)

_EXITS_THAT_END = {
    "saved": Reason.MESSAGE_LEFT,
    "too_short": Reason.NO_MESSAGE,
    "full": Reason.MAILBOX_FULL,
    "done": Reason.HUNG_UP_BY_PLAN,
}
"""Exits of callers who got what they came for, or heard why not; call records have other words."""

_BLAME: dict[Reason, EndedBy] = {
    Reason.NORMAL: EndedBy.CALLEE,
    Reason.CANCELLED: EndedBy.CALLER,
    Reason.BUSY: EndedBy.CALLEE,
    Reason.NO_ANSWER: EndedBy.CALLEE,
    Reason.DECLINED: EndedBy.CALLEE,
    Reason.UNREGISTERED: EndedBy.CALLEE,
    Reason.UNREACHABLE: EndedBy.CALLEE,
    Reason.NO_ROUTE: EndedBy.PLAN,
    Reason.NO_SUCH_NUMBER: EndedBy.PLAN,
    Reason.LOOP: EndedBy.PLAN,
    Reason.ALL_BUSY: EndedBy.CALLEE,
    Reason.NONE_REACHABLE: EndedBy.CALLEE,
    Reason.CARRIER_FAILED: EndedBy.CARRIER,
    Reason.NO_TRUNK: EndedBy.PLAN,
    Reason.NO_CHANNEL: EndedBy.PLAN,
    Reason.INVALID_NUMBER: EndedBy.PLAN,
    Reason.FORBIDDEN: EndedBy.PLAN,
    Reason.DESTINATION_CLOSED: EndedBy.PLAN,
    Reason.FORWARDING_CLOSED: EndedBy.PLAN,
    Reason.NIGHT_CLOSED: EndedBy.PLAN,
    Reason.TOO_MANY_OUTSIDE: EndedBy.PLAN,
    Reason.TOO_FAST: EndedBy.PLAN,
    Reason.MINUTES_USED_UP: EndedBy.PLAN,
    Reason.WRONG_PIN: EndedBy.PLAN,
    Reason.MESSAGE_LEFT: EndedBy.PLAN,
    Reason.NO_MESSAGE: EndedBy.PLAN,
    Reason.MAILBOX_FULL: EndedBy.PLAN,
    Reason.TOO_MANY_CALLS: EndedBy.PLATFORM,
    Reason.TOO_LONG: EndedBy.PLATFORM,
    Reason.REFUSED: EndedBy.PLAN,
    Reason.BLOCKED: EndedBy.PLAN,
    Reason.HUNG_UP_BY_PLAN: EndedBy.PLAN,
    Reason.FAILED: EndedBy.PLATFORM,
    Reason.LOST: EndedBy.UNKNOWN,
    Reason.RELEASED: EndedBy.PLATFORM,
}

# Q.850 causes; Asterisk turns them into SIP answers (chan_pjsip): 1 and 3 -> 404, 17 -> 486,
# 19 and 20 -> 480, 21 -> 403, 25 -> 483, 28 -> 484, 34 and 42 -> 503, 38 -> 500.
_CAUSES: dict[Reason, int] = {
    Reason.NORMAL: NORMAL_CLEARING,
    Reason.CANCELLED: NORMAL_CLEARING,
    Reason.BUSY: 17,
    Reason.NO_ANSWER: 19,
    Reason.DECLINED: 21,
    Reason.UNREGISTERED: 20,
    Reason.UNREACHABLE: 34,
    Reason.NO_ROUTE: 3,
    Reason.NO_SUCH_NUMBER: 1,
    Reason.LOOP: 25,
    Reason.ALL_BUSY: 17,
    Reason.NONE_REACHABLE: 20,
    Reason.CARRIER_FAILED: 34,
    Reason.NO_TRUNK: 3,
    Reason.NO_CHANNEL: 34,
    Reason.INVALID_NUMBER: 28,
    Reason.FORBIDDEN: 21,
    Reason.DESTINATION_CLOSED: 21,
    Reason.FORWARDING_CLOSED: 21,
    Reason.NIGHT_CLOSED: 21,
    Reason.TOO_MANY_OUTSIDE: 42,
    Reason.TOO_FAST: 42,
    Reason.MINUTES_USED_UP: 21,
    Reason.WRONG_PIN: 21,
    Reason.MESSAGE_LEFT: NORMAL_CLEARING,
    Reason.NO_MESSAGE: NORMAL_CLEARING,
    Reason.MAILBOX_FULL: NORMAL_CLEARING,
    Reason.TOO_MANY_CALLS: 42,
    Reason.TOO_LONG: NORMAL_CLEARING,
    Reason.REFUSED: 21,
    Reason.BLOCKED: 21,
    Reason.HUNG_UP_BY_PLAN: NORMAL_CLEARING,
    Reason.FAILED: 38,
    Reason.LOST: NORMAL_CLEARING,
    Reason.RELEASED: NORMAL_CLEARING,
}

_COMMENTS: dict[Reason, tuple[str, str]] = {
    Reason.NORMAL: ("ended normally", "Завершён штатно"),
    Reason.CANCELLED: ("the caller hung up first", "Звонящий положил трубку"),
    Reason.BUSY: ("subscriber busy", "Абонент занят"),
    Reason.NO_ANSWER: ("no answer", "Абонент не отвечает"),
    Reason.DECLINED: ("call rejected", "Вызов отклонён"),
    Reason.UNREGISTERED: ("phone not registered", "Телефон не зарегистрирован"),
    Reason.UNREACHABLE: ("phone cannot be reached", "Телефон недоступен"),
    Reason.NO_ROUTE: ("no route set", "Нет заданного маршрута"),
    Reason.NO_SUCH_NUMBER: ("no such number", "Номер не существует"),
    Reason.LOOP: ("loop", "Вызов ходит по кругу"),
    Reason.ALL_BUSY: ("all are busy", "Все заняты"),
    Reason.NONE_REACHABLE: ("nobody can be reached", "Никто не доступен"),
    Reason.CARRIER_FAILED: ("the carrier did not take the call", "Оператор не принял вызов"),
    Reason.NO_TRUNK: ("no trunk to outside numbers", "Нет внешней линии"),
    Reason.NO_CHANNEL: ("no free channel", "Нет свободного канала"),
    Reason.INVALID_NUMBER: ("bad number", "Неверный номер"),
    Reason.FORBIDDEN: ("outgoing forbidden", "Исходящие вызовы запрещены"),
    Reason.DESTINATION_CLOSED: ("this direction is closed", "Направление закрыто"),
    Reason.FORWARDING_CLOSED: (
        "forwarding to this number is closed",
        "Переадресация на этот номер закрыта",
    ),
    Reason.NIGHT_CLOSED: ("calls out are closed at night", "Ночью исходящие вызовы закрыты"),
    Reason.TOO_MANY_OUTSIDE: (
        "too many calls out at once",
        "Слишком много исходящих вызовов сразу",
    ),
    Reason.TOO_FAST: ("too many calls out in a second", "Слишком частые исходящие вызовы"),
    Reason.MINUTES_USED_UP: ("today's minutes are used up", "Минуты на сегодня исчерпаны"),
    Reason.WRONG_PIN: ("wrong PIN", "Неверный PIN-код"),
    Reason.MESSAGE_LEFT: ("a message was left", "Оставлено сообщение"),
    Reason.NO_MESSAGE: ("no message was left", "Сообщение не оставлено"),
    Reason.MAILBOX_FULL: ("the mailbox is full", "Ящик голосовой почты переполнен"),
    Reason.TOO_MANY_CALLS: ("too many calls at once", "Слишком много вызовов"),
    Reason.TOO_LONG: ("longer than a call may be", "Превышена длительность вызова"),
    Reason.REFUSED: ("not allowed", "Не разрешено"),
    Reason.BLOCKED: ("the account is blocked", "Аккаунт заблокирован"),
    Reason.HUNG_UP_BY_PLAN: ("hung up by the plan", "Завершён по схеме"),
    Reason.FAILED: ("a fault of the exchange", "Сбой АТС"),
    Reason.LOST: ("ended while the exchange was away", "Завершён во время перерыва в работе АТС"),
    Reason.RELEASED: ("released after a restart", "Освобождён после перезапуска"),
}
