"""The ear of these tests: every sound is recognised, and none is taken for another."""

import numpy as np
import pytest

from tests.support import sound

ALL = (*sound.PERSONAL, *sound.PROMPTS, *sound.TONES)


@pytest.mark.parametrize("played", ALL, ids=lambda one: one.name)
def test_a_sound_is_recognised_and_taken_for_no_other(played: sound.Sound) -> None:
    samples = sound.samples_of(played, 1.0)

    heard = {other.name: sound.seconds_heard(samples, other) for other in ALL}

    assert heard.pop(played.name) == pytest.approx(1.0)
    assert set(heard.values()) == {0.0}


@pytest.mark.parametrize("played", ALL, ids=lambda one: one.name)
def test_a_sound_is_recognised_through_noise_and_when_it_is_faint(played: sound.Sound) -> None:
    noise = np.random.default_rng(1).normal(0, 100, sound.SAMPLE_RATE_HZ)
    samples = sound.samples_of(played, 1.0, level=0.05) + noise.astype(np.int16)

    assert sound.seconds_heard(samples, played) > 0.9


def test_silence_and_noise_are_no_sound() -> None:
    noise = np.random.default_rng(2).normal(0, 3000, sound.SAMPLE_RATE_HZ).astype(np.int16)
    silence = np.zeros(sound.SAMPLE_RATE_HZ, np.int16)

    assert sound.sounds_in(noise) == []
    assert sound.sounds_in(silence) == []
