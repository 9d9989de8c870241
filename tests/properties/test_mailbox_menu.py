"""The owner's menu: every message can be reached, nothing is lost by accident, nobody is stuck."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from stasis_apps.decisions.mailbox_menu import MOST_LOST, Act, Key, Reading, after_key

COUNTS = st.integers(0, 20)
KEYS = st.sampled_from(["", *"0123456789*#"])
VISITS = st.lists(KEYS, max_size=60)


def walk(count: int, keys: list[str]) -> tuple[Reading, list[tuple[Act, int]]]:
    """Press keys while there is a message; what was done to which message."""
    reading, done = Reading(count=count), list[tuple[Act, int]]()
    for key in keys:
        if not reading.is_at_a_message:
            break
        at = reading.at
        act, reading = after_key(reading, key)
        done.append((act, at))
    return reading, done


@given(COUNTS)
def test_every_message_is_reached_by_going_on(count: int) -> None:
    reached, reading = [], Reading(count=count)
    while reading.is_at_a_message:
        reached.append(reading.at)
        _, reading = after_key(reading, Key.NEXT)

    assert reached == list(range(count))


@given(COUNTS, VISITS)
def test_nothing_is_deleted_without_the_key_for_it(count: int, keys: list[str]) -> None:
    _, done = walk(count, keys)

    deleted = [at for act, at in done if act is Act.DELETE]
    pressed = [at for (_, at), key in zip(done, keys, strict=False) if key == Key.DELETE]
    assert deleted == pressed


@given(COUNTS, VISITS)
def test_no_message_is_heard_after_it_was_deleted(count: int, keys: list[str]) -> None:
    reading, done = walk(count, keys)

    deleted = [at for act, at in done if act is Act.DELETE]
    assert len(deleted) == len(set(deleted))
    assert set(deleted) == reading.deleted
    assert not (reading.is_at_a_message and reading.at in reading.deleted)


@given(COUNTS, VISITS)
def test_the_owner_is_always_at_a_message_or_let_go(count: int, keys: list[str]) -> None:
    reading, _ = walk(count, keys)

    assert 0 <= reading.at <= count
    assert reading.lost <= MOST_LOST


@given(st.integers(1, 20), VISITS, st.sampled_from(["", *"0138*"]))
def test_who_only_errs_is_let_go(count: int, keys: list[str], wrong: str) -> None:
    reading, _ = walk(count, keys)
    for _ in range(MOST_LOST):
        if reading.is_at_a_message:
            _, reading = after_key(reading, wrong)

    assert not reading.is_at_a_message


@given(st.integers(1, 20), st.lists(st.sampled_from([Key.NEXT, Key.SAVE, Key.DELETE]), min_size=20))
def test_going_on_ends(count: int, keys: list[str]) -> None:
    reading, done = walk(count, keys)

    assert not reading.is_at_a_message
    assert len(done) == count
