"""Nobody finds the PIN of an outbound rule by trying."""

from __future__ import annotations

from itertools import count

from stasis_apps.services.pin_guesses import (
    GUESSES,
    LOCKED_FOR_S,
    WRONG_OF_ALL,
    Guess,
    PinGuesses,
    Verdict,
)


def guess(device: str = "100", *, rule: str = "mobiles", tenant_id: int = 1) -> Guess:
    return Guess(tenant_id=tenant_id, device=device, rule=rule)


def tries(guesses: PinGuesses, times: int, one: Guess, *, at_s: float = 0.0) -> list[bool]:
    """Somebody enters a wrong PIN so many times; whether each was looked at."""
    return [guesses.wrong(one, now_s=at_s) is not Verdict.LOCKED for _ in range(times)]


def test_a_phone_that_has_guessed_too_often_is_not_listened_to() -> None:
    guesses = PinGuesses()

    assert tries(guesses, GUESSES + 2, guess()) == [True] * GUESSES + [False, False]
    assert guesses.right(guess(), now_s=0.0) is Verdict.LOCKED


def test_that_a_lock_begins_is_told_once() -> None:
    guesses = PinGuesses()
    said = [guesses.wrong(guess(), now_s=0.0) for _ in range(GUESSES + 2)]

    assert said.count(Verdict.LOCK_BEGINS) == 1
    assert said[GUESSES - 1] is Verdict.LOCK_BEGINS


def test_it_is_listened_to_again_after_a_while_without_guesses() -> None:
    guesses = PinGuesses()
    tries(guesses, GUESSES, guess())

    assert tries(guesses, 1, guess(), at_s=LOCKED_FOR_S - 1) == [False]
    assert tries(guesses, 1, guess(), at_s=LOCKED_FOR_S + 1) == [False]
    assert tries(guesses, 1, guess(), at_s=2 * LOCKED_FOR_S + 1) == [True]


def test_whoever_knows_the_pin_may_mistype_it_again() -> None:
    guesses = PinGuesses()
    for _ in range(3):
        assert all(tries(guesses, GUESSES - 1, guess()))
        assert guesses.right(guess(), now_s=0.0) is Verdict.RIGHT


def test_who_knows_the_pin_of_one_rule_gets_no_more_guesses_at_another() -> None:
    guesses = PinGuesses()
    tries(guesses, GUESSES - 1, guess(rule="premium"))
    guesses.right(guess(rule="mobiles"), now_s=0.0)
    tries(guesses, 1, guess(rule="premium"))

    assert guesses.right(guess(rule="premium"), now_s=0.0) is Verdict.LOCKED
    assert guesses.right(guess(rule="mobiles"), now_s=0.0) is Verdict.RIGHT


def test_the_guesses_of_one_phone_are_not_those_of_another() -> None:
    guesses = PinGuesses()
    tries(guesses, GUESSES, guess())

    assert guesses.right(guess("101"), now_s=0.0) is Verdict.RIGHT
    assert guesses.right(guess(tenant_id=2), now_s=0.0) is Verdict.RIGHT


def test_many_phones_together_get_no_more_guesses_than_they_all_may() -> None:
    guesses = PinGuesses()
    phones = (str(number) for number in count(100))
    said = [guesses.wrong(guess(next(phones)), now_s=0.0) for _ in range(WRONG_OF_ALL)]

    assert said.count(Verdict.RULE_LOCK_BEGINS) == 1
    assert said[-1] is Verdict.RULE_LOCK_BEGINS
    assert guesses.right(guess("boss"), now_s=1.0) is Verdict.LOCKED
    assert guesses.right(guess("boss", rule="premium"), now_s=1.0) is Verdict.RIGHT
    assert guesses.right(guess("boss", tenant_id=2), now_s=1.0) is Verdict.RIGHT
    assert guesses.right(guess("boss"), now_s=LOCKED_FOR_S + 1) is Verdict.RIGHT


def test_a_phone_that_is_right_does_not_give_the_others_more_guesses() -> None:
    guesses = PinGuesses()
    for number in range(WRONG_OF_ALL):
        guesses.right(guess("boss"), now_s=0.0)
        guesses.wrong(guess(str(number)), now_s=0.0)

    assert guesses.right(guess("boss"), now_s=0.0) is Verdict.LOCKED


def test_wrong_pins_of_a_long_time_lock_nobody_out() -> None:
    guesses = PinGuesses()
    for number in range(2 * WRONG_OF_ALL):
        guesses.wrong(guess(str(number)), now_s=number * LOCKED_FOR_S / (WRONG_OF_ALL - 2))

    assert guesses.right(guess(), now_s=2 * LOCKED_FOR_S) is Verdict.RIGHT
