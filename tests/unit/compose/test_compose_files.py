"""What stands in compose/ agrees with what operators read."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
COMPOSE = ROOT / "compose"
FOR_OPERATORS = ("compose.yaml", "compose.lan.yaml", "compose.tls.yaml")


def read(*names: str) -> str:
    return "\n".join((ROOT / name).read_text() for name in names)


@pytest.mark.parametrize("file", FOR_OPERATORS)
def test_whatever_a_site_may_set_is_written_down(file: str) -> None:
    asked = set(re.findall(r"\$\{(PBX_\w+)", read(f"compose/{file}")))
    told = set(re.findall(r"PBX_\w+", read("compose/.env.example")))

    assert asked
    assert not asked - told


def test_nothing_in_the_example_is_without_effect() -> None:
    offered = set(re.findall(r"^#?(PBX_\w+)=", read("compose/.env.example"), re.MULTILINE))
    taken = set(re.findall(r"\$\{(PBX_\w+)", read(*(f"compose/{one}" for one in FOR_OPERATORS))))

    assert offered
    assert not offered - taken


@pytest.mark.parametrize("file", ["compose.yaml", "compose.tls.yaml"])
def test_containers_are_given_settings_that_exist(file: str) -> None:
    given = set(re.findall(r"^\s+(PBX_\w+): ", read(f"compose/{file}"), re.MULTILINE))
    documented = set(re.findall(r"`(PBX_\w+)`", read("docs/operations.md")))

    assert given
    assert not given - documented
