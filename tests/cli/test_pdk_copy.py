"""A kit copied out is a kit of one's own at once."""

import json

import pytest

from layoutgen.cli import main
from layoutgen.pdk.load import load_pdk, shipped_pdks
from tests.kits import kit


def run(capsys, *arguments):
    with pytest.raises(SystemExit) as caught:
        main([str(argument) for argument in arguments])
    return caught.value.code, capsys.readouterr()


@pytest.mark.parametrize("name", shipped_pdks())
def test_the_copy_is_the_same_kit_under_its_own_name(name, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    code, printed = run(capsys, "pdk", "copy", name, "my-fab")
    assert code == 0
    assert "my-fab/pdk.toml" in printed.out
    copied, shipped = load_pdk(str(tmp_path / "my-fab")), load_pdk(name)
    assert copied.pdk.model_copy(update={"name": name, "template": shipped.pdk.template}) == shipped.pdk
    assert copied.pdk.name == "my-fab"
    assert copied.template == shipped.template
    assert (tmp_path / "my-fab" / "device" / "template.toml").is_file()


def test_what_exists_is_not_touched_and_a_bad_name_is_refused(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "there").mkdir()
    code, printed = run(capsys, "pdk", "copy", "anodeless-ss", "there")
    assert (code, "exists already" in printed.err) == (2, True)
    assert list((tmp_path / "there").iterdir()) == []
    code, printed = run(capsys, "pdk", "copy", "anodeless-ss", "My_Fab")
    assert (code, "lower case letters" in printed.err) == (2, True)
    assert not (tmp_path / "My_Fab").exists()
    code, printed = run(capsys, "pdk", "copy", "anodles-ss", "new")
    assert (code, "did you mean" in printed.err) == (2, True)


def test_version_names_every_kit_with_the_hash_of_its_content(capsys):
    code, printed = run(capsys, "version", "--json")
    assert code == 0
    listed = json.loads(printed.out)["pdk"]
    assert listed == {
        name: {"version": kit(name).pdk.version, "sha256": kit(name).sha256} for name in shipped_pdks()
    }
    words = run(capsys, "version")[1].out
    assert all(f"{name} " in words for name in listed)
