"""What a node draws once and keeps: its name, its passwords, the address of its AMI."""

import shutil
import socket
from dataclasses import replace
from pathlib import Path

import pytest

from asterisk_conf import (
    UnusableSetting,
    ami_password,
    ari_password,
    write,
)
from asterisk_conf.ami import Address
from asterisk_conf.render import (
    NODE_NAME,
    ami_address,
    draw_free_ami_address,
    node_name,
)
from tests.unit.asterisk_conf.nodes import node


def test_two_nodes_on_one_machine_do_not_share_the_door_for_lamps(tmp_path: Path) -> None:
    one, other = node(home=tmp_path / "one"), node(home=tmp_path / "other")

    assert ami_address(one) == ami_address(one)
    assert ami_address(one) != ami_address(other)
    assert ami_password(one) != ami_password(other)
    assert ami_address(one).host.startswith("127.")


def test_an_address_that_somebody_else_has_taken_meanwhile_is_drawn_anew(tmp_path: Path) -> None:
    settings = node(home=tmp_path)
    first = ami_address(settings)
    with socket.socket() as taken:
        taken.bind((first.host, first.port))
        taken.listen()

        draw_free_ami_address(settings)
        write(settings)

    assert ami_address(settings) != first
    assert f"port = {ami_address(settings).port}\n" in (settings.etc / "manager.conf").read_text()


def test_the_password_for_ari_stays_the_same_over_restarts(tmp_path: Path) -> None:
    settings = node(home=tmp_path)
    first = ari_password(settings)

    write(settings)

    assert ari_password(settings) == first
    assert len(first) >= 32
    assert f"password = {first}\n" in (settings.etc / "ari.conf").read_text()


def test_two_homes_have_two_passwords_and_two_names(tmp_path: Path) -> None:
    one, other = node(home=tmp_path / "one"), node(home=tmp_path / "other")

    assert ari_password(one) != ari_password(other)
    assert node_name(one) != node_name(other)
    assert one.entity_id("pbx-0a1b2c") != other.entity_id("pbx-0a1b2c")


def test_calls_keep_the_name_of_their_node_over_restarts(tmp_path: Path) -> None:
    settings = node(home=tmp_path)
    first = node_name(settings)

    write(settings)

    assert node_name(settings) == first
    assert f"systemname = {first}\n" in settings.main_file.read_text()


def test_two_machines_whose_homes_have_equal_paths_name_their_calls_differently(
    tmp_path: Path,
) -> None:
    here = node(home=tmp_path)
    name_here = node_name(here)
    shutil.rmtree(here.folder)  # the other machine has a home of that path, and nothing in it

    assert node_name(node(home=tmp_path)) != name_here


def test_a_node_whose_name_and_passwords_a_power_cut_has_emptied_makes_others(
    tmp_path: Path,
) -> None:
    settings = node(home=tmp_path)
    write(settings)
    for emptied in settings.folder.glob("*.secret"):
        emptied.write_text("")
    settings.node_name_file.write_text("")

    write(settings)

    assert NODE_NAME.fullmatch(node_name(settings))
    assert len(ari_password(settings)) >= 32
    assert len(ami_password(settings)) >= 32


def test_what_a_node_keeps_for_good_is_on_the_disk_before_it_is_used(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings, on_disk = node(home=tmp_path), set[Path]()

    def note(handle: int) -> None:
        on_disk.add(Path(f"/proc/self/fd/{handle}").readlink())

    monkeypatch.setattr("os.fsync", note)

    ari_password(settings)
    node_name(settings)

    assert on_disk == {settings.ari_secret_file, settings.node_name_file, settings.folder}


@pytest.mark.parametrize("text", ["\n", "a~b", "two\nlines"])
def test_a_name_that_would_spoil_the_ids_of_calls_is_refused(tmp_path: Path, text: str) -> None:
    settings = node(home=tmp_path)
    settings.folder.mkdir()
    settings.node_name_file.write_text(text)

    with pytest.raises(UnusableSetting, match=r"node\.name must hold"):
        write(settings)


def test_the_address_of_an_asterisk_that_runs_stays_when_its_files_are_written_again(
    tmp_path: Path,
) -> None:
    settings = node(home=tmp_path)
    first = ami_address(settings)
    with socket.socket() as running:
        running.bind((first.host, first.port))
        running.listen()

        write(settings)

    assert ami_address(settings) == first


def test_an_address_for_ami_that_was_set_is_taken_as_it_is(tmp_path: Path) -> None:
    settings = replace(node(home=tmp_path), ami_bind=Address("192.0.2.9", 5038))

    draw_free_ami_address(settings)
    write(settings)

    manager = (settings.etc / "manager.conf").read_text()
    assert "bindaddr = 192.0.2.9\nport = 5038\n" in manager
    assert not settings.ami_address_file.exists()
