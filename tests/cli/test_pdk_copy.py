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
def test_the_copy_is_a_short_kit_on_top_of_it_under_its_own_name(name, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    code, printed = run(capsys, "pdk", "copy", name, "my-fab")
    assert (code, printed.out) == (0, "my-fab/pdk.toml\n")
    copied, shipped = load_pdk(str(tmp_path / "my-fab")), load_pdk(name)
    own = {"name": "my-fab", "version": "0.1.0"}
    assert copied.content == shipped.content | own
    assert len((tmp_path / "my-fab" / "pdk.toml").read_text().splitlines()) < 15
    # a copy of the copy finds it by its path, from wherever it stands
    assert run(capsys, "pdk", "copy", "./my-fab", "lines/second")[0] == 0
    assert load_pdk(str(tmp_path / "lines" / "second")).content == shipped.content | own | {"name": "second"}


@pytest.mark.parametrize("name", shipped_pdks())
def test_the_flat_copy_is_the_whole_kit_and_follows_no_other(name, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    code, printed = run(capsys, "pdk", "copy", name, "frozen", "--flat")
    assert (code, "frozen/rules.toml" in printed.out) == (0, True)
    copied, shipped = load_pdk(str(tmp_path / "frozen")), load_pdk(name)
    assert copied.template == shipped.template
    assert (tmp_path / "frozen" / "device" / "template.toml").is_file()
    for structure, table in copied.pdk.structures.items():
        assert table.template == f"structures/{structure}"
    own = {"name", "template", "structures"}
    assert json.dumps({key: value for key, value in copied.content.items() if key not in own}) == json.dumps(
        {key: value for key, value in shipped.content.items() if key not in own}
    )
    assert not any("/" in file for file in copied.files.values())
    # nothing outside the folder is read: it holds where there is no shipped base
    monkeypatch.setattr("layoutgen.pdk.chain.shipped_bases", list)
    coupon = [("web.structures", "coupon")] if copied.pdk.structures else []
    assert load_pdk(str(tmp_path / "frozen"), coupon).structures.keys() == {path[1] for path in coupon}


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


def test_a_design_is_no_kit_to_copy(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "part").mkdir()
    (tmp_path / "part" / "design.json").write_text("{}")
    for named in ("part", "part/design.json"):
        code, printed = run(capsys, "pdk", "copy", named, "mine")
        assert (code, "is a design" in printed.err, (tmp_path / "mine").exists()) == (2, True, False)
