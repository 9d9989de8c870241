"""Nobody finds the PIN of an outbound rule by trying."""

from __future__ import annotations

from stasis_apps.services.pin_guesses import GUESSES, LOCKED_FOR_S, PinGuesses


def guess(guesses: PinGuesses, times: int, *, device: str = "100", at_s: float = 0.0) -> list[bool]:
    return [guesses.may_guess(1, device, now_s=at_s) for _ in range(times)]


def test_a_phone_that_has_guessed_too_often_is_not_listened_to() -> None:
    guesses = PinGuesses()

    assert guess(guesses, GUESSES + 2) == [True] * GUESSES + [False, False]


def test_it_is_listened_to_again_after_a_while_without_guesses() -> None:
    guesses = PinGuesses()
    guess(guesses, GUESSES + 1)

    assert guess(guesses, 1, at_s=LOCKED_FOR_S - 1) == [False]
    assert guess(guesses, 1, at_s=LOCKED_FOR_S + 1) == [False]
    assert guess(guesses, 1, at_s=2 * LOCKED_FOR_S + 1) == [True]


def test_whoever_knows_the_pin_may_mistype_it_again() -> None:
    guesses = PinGuesses()
    for _ in range(3):
        assert all(guess(guesses, GUESSES))
        guesses.was_right(1, "100")


def test_the_guesses_of_one_phone_are_not_those_of_another() -> None:
    guesses = PinGuesses()
    guess(guesses, GUESSES + 1)

    assert guess(guesses, 1, device="101") == [True]
    assert guesses.may_guess(2, "100", now_s=0.0)
