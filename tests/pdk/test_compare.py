"""``pdk diff``, and what the commands of kits print as JSON."""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from layoutgen.cli import main
from layoutgen.document import to_document, to_text
from layoutgen.pdk.chain import what_if_pdks
from layoutgen.pdk.compare import compare_kits, json_of
from layoutgen.pdk.load import load_pdk, shipped_pdks
from layoutgen.pdk.values import quantities
from layoutgen.solver.solve import solve
from layoutgen.spec import Spec
from tests.kits import kit
from tests.pdk.test_overlay import overlay


def run(capsys, *arguments):
    with pytest.raises(SystemExit) as caught:
        main([str(argument) for argument in arguments])
    printed = capsys.readouterr()
    return caught.value.code, printed.out, printed.err


@pytest.mark.parametrize("name", shipped_pdks())
def test_a_kit_is_the_same_as_itself_and_as_its_copies(name, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    run(capsys, "pdk", "copy", name, "mine")
    run(capsys, "pdk", "copy", name, "frozen", "--flat")
    for other in (name, "./mine", "./frozen"):
        code, out, _ = run(capsys, "pdk", "diff", name, other)
        assert (code, out.splitlines()[-1]) == (0, "the same process")


def test_what_was_changed_is_what_is_told(tmp_path, capsys):
    text = (
        'remove = ["stack.barrier"]\n[stack.cathode.thickness]\nvalue = 9\nkind = "measured"\nsource = "lot 17"\n'
    )
    text += (
        '[layers.NOTE]\nnumber = 90\npurpose = "mark"\nstage = "web"\ncolour = "#123456"\ndescription = "ours"\n'
    )
    text += '[[review]]\nid = "CAP-1"\nrationale = "our range"\n'
    path = overlay(tmp_path / "mine", text)
    code, out, _ = run(capsys, "pdk", "diff", "anodeless-ss", path, "--json")
    found = json.loads(out)
    assert (code, found["same"], found["second"]["name"]) == (1, False, "mine")
    told = {change["path"]: change for change in found["changes"]}
    assert told.keys() == {"stack.barrier", "stack.cathode.thickness", "layers.NOTE", "review.CAP-1.rationale"}
    assert (told["stack.barrier"]["state"], told["stack.barrier"]["after"]) == ("removed", None)
    assert (told["layers.NOTE"]["state"], told["layers.NOTE"]["after"]["number"]) == ("added", 90)
    thickness = told["stack.cathode.thickness"]
    assert (thickness["before"]["value"], thickness["after"]["value"]) == (10, 9)
    assert (thickness["before_file"], thickness["after_file"]) == ("process.toml", "pdk.toml")
    code, out, _ = run(capsys, "pdk", "diff", "anodeless-ss", path)
    assert code == 1
    assert "10 um (paper) -> 9 um (measured)  [pdk.toml]" in out
    assert "only in A: TiN diffusion barrier" in out
    assert out.splitlines()[-1] == "4 statements differ"


def test_a_difference_is_the_same_from_the_other_side():
    first, second = kit("anodeless-ss"), kit("lithium-mica")
    swapped = {"added": "removed", "removed": "added", "changed": "changed"}
    there = {(item.path, item.state, str(item.before)) for item in compare_kits(first, second).changes}
    back = {(item.path, swapped[item.state], str(item.after)) for item in compare_kits(second, first).changes}
    assert there == back


NUMBERS = [
    path for path, _ in quantities(kit("anodeless-ss").pdk) if path.startswith(("stack", "cell", "electrical"))
]


@settings(max_examples=30)
@given(st.sampled_from(NUMBERS))
def test_every_number_that_is_set_shows_and_nothing_else(path):
    value = dict(quantities(kit("anodeless-ss").pdk))[path].value
    changed = kit("anodeless-ss", ((path, f"{value * 0.999:.9g}"),))
    found = json_of(compare_kits(kit("anodeless-ss"), changed))
    assert [change["path"] for change in found["changes"]] == [path]
    assert found["changes"][0]["after"]["kind"] == "override"


def test_the_kit_inside_a_design_can_be_asked_too(tmp_path, capsys):
    file = tmp_path / "design.json"
    file.write_text(to_text(to_document(solve(Spec(capacity="5 mAh", footprint="6x6")))))
    code, out, _ = run(capsys, "pdk", "diff", tmp_path, "anodeless-ss")
    assert (code, out.splitlines()[-1]) == (0, "the same process")
    code, out, _ = run(capsys, "pdk", "diff", file, "lithium-alumina")
    assert (code, "stainless steel foil -> alumina plate" in out) == (1, True)
    code, out, _ = run(capsys, "pdk", "explain", file, "web.kerf", "--json")
    assert (code, json.loads(out)["file"]) == (0, "design.json")
    document = json.loads(file.read_text())
    document["pdk"]["content"]["web"]["kerf"]["value"] = -1
    file.write_text(json.dumps(document))
    code, _, err = run(capsys, "pdk", "diff", file, "anodeless-ss")
    assert (code, "design.json: web.kerf" in err or "pdk.content" in err) == (2, True)
    file.write_text('{"schema": "layoutgen.design/1"}')
    assert run(capsys, "pdk", "show", file)[0] == 2


def test_json_says_what_the_words_say(capsys):
    listed = json.loads(run(capsys, "pdk", "list", "--json")[1])["kits"]
    assert [item["pdk"] for item in listed] == [*shipped_pdks(), *what_if_pdks()]
    assert all(item["sha256"] == kit(item["pdk"]).sha256 for item in listed)
    assert listed[0]["extends"] == ["_base/end-terminal", "_base/technology"]
    checked = json.loads(run(capsys, "pdk", "check", "lithium-mica", "--json")[1])
    assert (checked["valid"], sum(checked["kinds"].values())) == (
        True,
        len(list(quantities(kit("lithium-mica").pdk))),
    )
    explained = json.loads(run(capsys, "pdk", "explain", "lithium-mica", "stack.cathode.thickness", "--json")[1])
    assert (explained["value"]["value"], explained["value"]["unit"], explained["file"]) == (8, "um", "process.toml")


def test_a_copy_says_what_it_wrote(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    written = json.loads(run(capsys, "pdk", "copy", "anodeless-ss", "x", "--json")[1])["written"]
    assert written == ["x/pdk.toml"]
    assert load_pdk("x").extends[0] == "anodeless-ss"
