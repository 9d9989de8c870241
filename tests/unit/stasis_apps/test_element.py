"""How settings of an element are checked, and what is said of them."""

from __future__ import annotations

import pytest

from stasis_apps.call import SoundName
from stasis_apps.element import Catalogue, known_elements
from stasis_apps.elements.greeting import Greeting

MENU = {"sound": "welcome", "keys": {"1": "100", "2": ""}, "no_input": "5200"}


def said_of(kind: str, settings: dict[str, object]) -> list[str]:
    return [str(fault) for fault in known_elements()[kind].faults(settings)]


def test_all_that_is_wrong_is_said_at_once_with_its_path() -> None:
    said = said_of(
        "greeting",
        {"keys": {"1": "abc", "x": "100"}, "first_digit_s": 0, "max_invalid": 99, "colour": "red"},
    )

    assert [each.partition(" ")[0] for each in said] == sorted(
        each.partition(" ")[0] for each in said
    )
    text = "\n".join(said)
    for expected in (
        "keys.1 'abc': must be an internal number",
        "first_digit_s 0: must be at least 0.5",
        "max_invalid 99: must be at most 10",
        "colour 'red': is no setting of this kind",
        "sound: is required",
    ):
        assert expected in text
    assert "'x'" in text


def test_a_wrong_type_is_named_with_what_the_setting_means() -> None:
    (said,) = said_of("play", {"sound": 5})

    assert said == "sound 5: must be of type string (The prompt to play)"


@pytest.mark.parametrize(
    ("kind", "settings", "rule"),
    [
        ("voicemail", {"attach": "ogg"}, "attach 'ogg': must be one of wav, mp3, link, none"),
        ("group", {"members": []}, "members []: must not be empty"),
        ("set_name", {"name": "x" * 200}, "…: must have 70 characters at most"),
    ],
)
def test_a_rule_is_told_in_words_and_the_value_once(
    kind: str, settings: dict[str, object], rule: str
) -> None:
    (said,) = [one for one in said_of(kind, settings) if "is required" not in one]

    assert rule in said
    assert said.count("x" * 30) <= 2


@pytest.mark.parametrize(
    "target", ["", "100", "4999", "5000", "999999", "+79161234567", "84951234567"]
)
def test_a_target_is_an_internal_or_outside_number_or_empty(target: str) -> None:
    assert said_of("play", {"sound": "welcome", "next": target}) == []


@pytest.mark.parametrize("target", ["1", "99", "0100", "+7916", "+7916123x567", "1" * 16, "5000\n"])
def test_a_target_that_is_no_number_is_refused(target: str) -> None:
    assert said_of("play", {"sound": "welcome", "next": target})


def test_provisioning_learns_where_an_element_leads_and_what_it_plays() -> None:
    catalogue = Catalogue()

    assert catalogue.targets("greeting", MENU) == {"keys.1": "100", "no_input": "5200"}
    assert catalogue.sounds("greeting", MENU) == {"sound": "welcome"}
    assert catalogue.faults("greeting", MENU) == []


def test_users_are_not_created_by_kind() -> None:
    assert "user" not in Catalogue().kinds()
    assert {"greeting", "play", "hang_up"} <= set(Catalogue().kinds())


def test_an_element_cannot_be_changed_through_its_settings() -> None:
    settings = {"sound": "welcome", "keys": {"1": "100"}, "direct_dial_allow": ["1+"]}

    greeting = known_elements()["greeting"].build(settings)

    assert isinstance(greeting, Greeting)
    assert greeting.direct_dial_allow == ("1+",)
    with pytest.raises(TypeError):
        greeting.keys["2"] = "5000"  # type: ignore[index] # that is the point


def test_a_kind_is_summed_up_by_the_first_line_of_its_docstring() -> None:
    assert known_elements()["play"].summary == "Answer, play a prompt to its end, and go on."


def test_prompts_that_are_not_set_are_not_asked_for() -> None:
    greeting = known_elements()["greeting"]

    assert greeting.sounds({"sound": "welcome", "repeat_sound": ""}) == {
        "sound": SoundName("welcome")
    }


def test_provisioning_learns_which_mailbox_is_opened_and_whose_lamps_are_lit() -> None:
    catalogue = Catalogue()

    assert catalogue.mailboxes("mailbox", {"box": "5120", "done": "100"}) == {"box": "5120"}
    assert catalogue.mailboxes("mailbox", {"box": ""}) == {}
    assert catalogue.users("voicemail", {"lamps": ["100", "101"], "saved": "102"}) == {
        "lamps.0": "100",
        "lamps.1": "101",
    }


@pytest.mark.parametrize(
    ("kind", "settings", "path", "rule"),
    [
        ("mailbox", {"box": "07"}, "box", "must be the number of a voicemail element or of a user"),
        ("mailbox", {"box": "5120\n"}, "box", "must be the number of a voicemail element"),
        ("voicemail", {"lamps": ["100", ""]}, "lamps.1", "must be the number of a user"),
        ("voicemail", {"lamps": ["5120"]}, "lamps.0", "must be the number of a user"),
    ],
)
def test_what_is_no_mailbox_and_no_user_by_its_shape_is_refused(
    kind: str, settings: dict[str, object], path: str, rule: str
) -> None:
    (fault,) = Catalogue().faults(kind, settings)

    assert fault.path == path
    assert fault.rule.startswith(rule)
