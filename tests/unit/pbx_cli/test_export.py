"""`pbx export` and `pbx schema`: a tenant as its file, and what editors are told about it."""

from __future__ import annotations

import hashlib
import json
import shutil
from pathlib import Path

import pytest
import yaml
from jsonschema import Draft202012Validator

from models.sound_export import wav_of
from tests.unit.pbx_cli.conftest import environment_of
from tests.unit.pbx_cli.shell import Shell


@pytest.fixture
def office(acme: Shell, tmp_path: Path) -> Shell:
    """A tenant with something that is sealed, something hashed and something that is heard."""
    of_acme = ("--tenant", "acme")
    upload = tmp_path / "upload.wav"
    upload.write_bytes(wav_of(b"\x00\x10" * 16_000))
    acme.done("sound", "create", "welcome", str(upload), *of_acme)
    acme.done("trunk", "create", "moscow", *of_acme, "--host", "sip.carrier.test",
              "--username", "acme", "--password-stdin", typed="Carrier-Pass-1\n")  # fmt: skip
    acme.done("number", "create", "+74951234567", *of_acme, "--trunk", "moscow", "--to", "100")
    acme.done("rule", "create", "all", *of_acme, "--mask", "(+)")
    acme.done("element", "create", "greeting", "5000", *of_acme,
              "--set", "sound=welcome", "--set", "keys.1=100")  # fmt: skip
    acme.done("alias", "create", "info", *of_acme, "--to", "5000")
    return acme


def another_exchange(shell: Shell, migrated_sqlite: Path, tmp_path: Path) -> Shell:
    home = tmp_path / "elsewhere"
    home.mkdir(mode=0o700)
    shutil.copy(migrated_sqlite, home / "pbx.sqlite3")
    return Shell(home, environment_of(home))


def test_a_tenant_is_written_for_people(office: Shell) -> None:
    text = office("export", "acme").out

    assert '  "100": {name: Alice}\n' in text
    assert '  info: "5000"\n' in text
    assert "Carrier-Pass-1" not in text
    assert max(map(len, text.splitlines())) <= 100
    assert yaml.safe_load(text)["elements"]["5000"]["keys"] == {"1": "100"}


def test_as_json_it_is_the_same(office: Shell) -> None:
    document = office.done("export", "acme")
    written = yaml.safe_load(office("export", "acme").out)
    assert {**written, "sounds": document["sounds"]} == document


def test_an_export_applied_changes_nothing(office: Shell, tmp_path: Path) -> None:
    file = tmp_path / "acme.yaml"
    office.done("export", "acme", "-o", str(file))
    before = office.everything()

    applied = office("apply", str(file))

    assert applied.code == 0, applied.err
    assert office.everything() == before


def test_an_export_without_its_sounds_can_be_applied_where_they_are(
    office: Shell, tmp_path: Path
) -> None:
    file = tmp_path / "alone" / "acme.yaml"
    file.parent.mkdir()
    file.write_text(office("export", "acme").out)
    before = office.everything()

    applied = office("apply", str(file))

    assert applied.code == 0, applied.err
    assert office.everything() == before


def test_a_tenant_moves_to_another_exchange_with_its_sounds(
    office: Shell, migrated_sqlite: Path, tmp_path: Path
) -> None:
    file = tmp_path / "moving" / "acme.yaml"
    told = office.done("export", "acme", "-o", str(file))
    assert told["sounds"] == ["welcome"]
    elsewhere = another_exchange(office, migrated_sqlite, tmp_path)
    text = file.read_text().replace("username: acme", "username: acme, password: Carrier-Pass-1")
    file.write_text(text)

    applied = elsewhere("apply", str(file))

    assert applied.code == 0, applied.err
    assert elsewhere.done("export", "acme") == office.done("export", "acme")


def test_the_sound_beside_an_export_is_the_best_that_is_stored(
    office: Shell, tmp_path: Path
) -> None:
    file = tmp_path / "out" / "acme.yaml"
    office.done("export", "acme", "-o", str(file))

    sound = (file.parent / "sounds" / "welcome.wav").read_bytes()
    entry = yaml.safe_load(file.read_text())["sounds"]["welcome"]
    stored = office.home / "sounds" / "acme" / "welcome.sln16"
    assert sound == wav_of(stored.read_bytes())
    assert entry["exported"] == hashlib.sha256(sound).hexdigest()
    assert entry["sha256"] == office.done("export", "acme")["sounds"]["welcome"]


def test_a_sound_whose_audio_is_gone_is_told(office: Shell, tmp_path: Path) -> None:
    (office.home / "sounds" / "acme" / "welcome.sln16").unlink()

    ran = office("export", "acme", "-o", str(tmp_path / "acme.yaml"))

    assert ran.code == 0
    assert "the audio of welcome is missing" in ran.err


def test_a_file_that_is_there_is_replaced_after_a_yes_only(office: Shell, tmp_path: Path) -> None:
    file = tmp_path / "acme.yaml"
    file.write_text("mine")

    assert office("export", "acme", "-o", str(file)).code == 2
    assert file.read_text() == "mine"
    assert office("export", "acme", "-o", str(file), "--yes").code == 0
    assert file.read_text().startswith("tenant: acme\n")


def test_editors_are_sent_to_the_schema_that_lies_beside(office: Shell, tmp_path: Path) -> None:
    (tmp_path / "tenant-file.schema.json").write_text(office("schema").out)
    file = tmp_path / "acme.yaml"
    office.done("export", "acme", "-o", str(file))

    first = file.read_text().splitlines()[0]
    assert first == "# yaml-language-server: $schema=tenant-file.schema.json"
    assert office("apply", str(file)).code == 0


def test_a_place_that_cannot_be_written_is_told(office: Shell, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")

    ran = office("export", "acme", "-o", str(tmp_path / "file" / "acme.yaml"), "--json")

    assert ran.code == 5
    assert "cannot be written" in ran.err


def test_nobody_can_export_a_tenant_that_is_not_there(shell: Shell) -> None:
    assert shell("export", "acme").code == 3


def test_the_schema_describes_every_property(shell: Shell) -> None:
    schema = shell("schema").json

    Draft202012Validator.check_schema(schema)
    assert schema["required"] == ["tenant", "domain", "country"]
    assert all("description" in one for one in _properties(schema["properties"]))


def _properties(properties: dict[str, dict[str, object]]) -> list[dict[str, object]]:
    """Every property of the file itself, at every depth; settings of elements are references."""
    found = []
    for one in properties.values():
        found += [one] if "$ref" not in one else []
        inside = one.get("properties")
        if isinstance(inside, dict):
            found += _properties(inside)
    return found


@pytest.mark.parametrize(
    ("element", "is_right"),
    [
        ({"kind": "greeting", "sound": "welcome", "keys": {"1": "100"}}, True),
        ({"kind": "greeting", "keys": {"1": "100"}}, False),
        ({"kind": "greeting", "sound": "welcome", "members": ["100"]}, False),
        ({"kind": "teapot"}, False),
        ({"kind": "group", "members": ["100"], "strategy": "alll"}, False),
    ],
)
def test_an_editor_tells_wrong_elements_from_right_ones(
    shell: Shell, element: dict[str, object], is_right: bool
) -> None:
    editor = Draft202012Validator(json.loads(shell("schema").out))
    tenant = {"tenant": "acme", "domain": "acme.test", "country": "RU"}

    assert editor.is_valid({**tenant, "elements": {"5000": element}}) is is_right


def test_the_example_of_the_guide_can_be_applied(shell: Shell, tmp_path: Path) -> None:
    guide = (Path(__file__).parents[3] / "docs" / "tenant-file.md").read_text()
    example = guide.split("## An example")[1].split("```yaml\n")[1].split("```")[0]
    file = tmp_path / "globex.yaml"
    file.write_text(example)

    checked = shell("check", str(file))
    applied = shell("apply", str(file), "--test")

    assert checked.code == 0, checked.err
    assert applied.code == 0, applied.err
    assert shell("apply", str(file)).code == 0
    written = shell.done("export", "globex")
    assert written["elements"]["5000"]["keys"] == {"1": "100", "2": "5100"}
