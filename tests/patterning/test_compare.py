"""Flows side by side: figures by hand, every difference with its reason and the statements that make it."""

import ast
import json
import re

import pytest
from click.testing import CliRunner

from layoutgen import Spec
from layoutgen.cli import cli
from layoutgen.errors import DoesNotFit, PdkError, SpecError
from layoutgen.patterning.answer import compare_json, compare_text
from layoutgen.patterning.compare import compare_flows, figures_of, same_cell_mm2
from layoutgen.pdk.load import check_pdk
from tests.kits import as_shipped

FLOWS = ("anodeless-ss", "one-step")


@pytest.fixture(scope="module")
def found():
    return compare_flows(Spec(capacity="20 mAh", footprint="8x10"), FLOWS)


@pytest.fixture(scope="module")
def answer(found):
    return json.loads(json.dumps(compare_json(found)))


def test_figures_by_hand(found):
    today, one = found.flows
    assert [flow.solution.device.layers for flow in found.flows] == [50, 49]
    assert [len(flow.web_passes) for flow in found.flows] == [4, 3]
    assert [flow.chain_um for flow in found.flows] == [30, 20]
    assert [[item.um for item in flow.borders] for flow in (today, one)] == [[300, 125, 125, 125], [100] * 4]
    first, other = same_cell_mm2(found.flows)
    assert first == pytest.approx(9.315 * 7.65, rel=1e-9)
    assert other == pytest.approx(9.54 * 7.70, rel=1e-9)
    assert (other / first - 1) * 100 == pytest.approx(3.08, abs=0.005)


def test_what_is_lost_is_what_the_borders_take(found):
    """Independent: the cell less what its four borders leave."""
    for flow in found.flows:
        left, right, low, high = (item.um / 1000 for item in flow.borders)
        device = flow.solution.device
        active = (device.cell_length_um / 1000 - left - right) * (device.cell_width_um / 1000 - low - high)
        assert flow.lost_mm2 == pytest.approx(flow.cell_mm2 - active, rel=1e-9)


def test_every_difference_is_traced(found, answer):
    """Each figure in which the flows differ is listed, with a reason of each flow and statements that do differ."""
    ours, theirs = (figures_of(flow) for flow in found.flows)
    listed = {item["figure"]: item for item in answer["differences"]}
    assert set(listed) == {name for name in ours if ours[name] != theirs[name]}
    differing = {item["path"] for item in answer["changes"][0]["statements"]}
    for name, item in listed.items():
        assert len(item["because"]) == 2
        assert all(item["because"]), name
        assert item["statements"], name
        assert set(item["statements"]) <= differing, name


def test_no_statement_that_differs_is_left_out(answer):
    """Texts aside, and what the picture of a cell shows beside its borders: the film that leaves the + end bare."""
    told = {path for item in answer["differences"] for path in item["statements"]}
    beside = ("title", "disclaimer", "unproven", "layers.", "structures.", "device.bare_strip", "template")
    silent = {item["path"] for item in answer["changes"][0]["statements"]} - told
    assert [path for path in silent if not path.startswith(beside)] == []


@pytest.mark.parametrize("figure", ["layers", "package height", "rated capacity"])
def test_reasons_are_sums_that_come_out(figure, answer):
    """The arithmetic in the reason of a flow gives the value of the flow."""
    item = next(entry for entry in answer["differences"] if entry["figure"] == figure)
    for value, why in zip(item["values"], item["because"], strict=True):
        numbers = [float(text) for text in re.findall(r"(?<![\w.])\d+(?:\.\d+)?(?![\w.])", why.replace("mm2", ""))]
        if figure == "package height":
            layers, pitch, rest = numbers[:3]
            assert (layers * pitch + rest) / 1000 == pytest.approx(value, abs=0.001)
        else:
            layers, area, charge = numbers[:3]
            assert layers * area * charge == pytest.approx(20, abs=0.05)
            assert value in (layers, pytest.approx(layers * area * charge, rel=1e-3))


def test_rules_and_masks_that_change(answer):
    changes = answer["changes"][0]
    assert changes["masks"] == {
        "only_first": ["ABLATE_STACK"],
        "only_other": [],
        "changed": ["ABLATE_ANODE", "CUT"],
    }
    assert {"ENC001", "WID002", "SPC003"} <= set(changes["rules"]["only_first"])
    assert changes["rules"]["only_other"] == ["ISO001", "ISO002", "ISO003", "ISO004", "ISO005"]


def test_the_text_says_it(found):
    text = compare_text(found)
    for words in (
        "active area in the first's cell, %           +0.00         +3.08",
        "+ end: 300 um = contact_land 200 + pull_back 100",
        "! unproven: cathode and electrolyte that end at the cut",
        "mask ABLATE_STACK only in anodeless-ss",
        "rule ISO001 only in one-step: Anode collector inside the cut, at least 45 um",
    ):
        assert words in text


def test_a_kit_that_states_no_flow_is_compared_without_one(tmp_path):
    (tmp_path / "old").mkdir()
    (tmp_path / "old" / "pdk.toml").write_text('extends = "anodeless-ss"\nname = "old"\nremove = ["flow"]\n')
    found = compare_flows(Spec(capacity="1 mAh", footprint="8x10"), ["anodeless-ss", str(tmp_path / "old")])
    assert "the kit does not say how it is patterned" in compare_text(found)
    assert {item.figure for item in found.differences} == {
        "overlay of the web's passes in all", "isolation", "contact of +", "risks",
    }  # fmt: skip


def test_wrong_input_is_named():
    asked = Spec(capacity="20 mAh", footprint="8x10")
    with pytest.raises(SpecError, match="1 flow given"):
        compare_flows(asked, FLOWS[:1])
    with pytest.raises(SpecError, match="stands there twice"):
        compare_flows(asked, (FLOWS[0], FLOWS[0]))
    with pytest.raises(PdkError, match="there is no process design kit 'onestep'"):
        compare_flows(asked, (FLOWS[0], "onestep"))
    with pytest.raises(DoesNotFit, match="one-step: 90 mAh") as refused:
        compare_flows(Spec(capacity="90 mAh", footprint="8x10"), FLOWS[::-1])
    assert refused.value.nearest.capacity_mah < 90


def test_a_flow_of_masks_that_are_not_there_is_refused():
    base = as_shipped("anodeless-ss")
    content = json.loads(json.dumps(base.content))
    content["flow"]["passes"]["ABLATE_ALL"] = content["flow"]["passes"].pop("CUT") | {
        "overlay": "laser.none",
        "depth": "package.lid_botom",
        "films": ["SUBSTRAT"],
    }
    with pytest.raises(PdkError) as refused:
        check_pdk(content, base.files, template=base.template, structures=base.structures)
    text = str(refused.value)
    assert "there is no mask 'ABLATE_ALL'" in text
    assert "there is no value 'laser.none'" in text
    assert "flow.passes.ABLATE_ALL.depth: there is no value 'package.lid_botom'" in text
    assert "mask CUT has no pass in the flow" in text
    assert "there is no layer 'SUBSTRAT' of the web" in text
    assert "'SUBSTRATE'?" in text


def test_the_command_writes_text_json_and_a_picture(tmp_path):
    out = tmp_path / "flows"
    arguments = ["--flow", FLOWS[0], "--flow", FLOWS[1], "--mah", "0.5", "--footprint", "4x5", "-q"]
    result = CliRunner().invoke(cli, ["compare", *arguments, "--json", "--out", str(out)])
    assert result.exit_code == 0, result.output
    assert json.loads((out / "compare.json").read_text()) == json.loads(result.stdout)
    svg = (out / "compare.svg").read_text()
    assert svg.count("+ end") == svg.count("- end") == 2
    assert "unproven" in svg
    manifest = json.loads((out / "MANIFEST.json").read_text())
    assert manifest["kind"] == "compare"
    assert sorted(item["path"] for item in manifest["files"]) == ["compare.json", "compare.svg", "compare.txt"]
    small = ["--height", "0.2", *arguments[:4], "--mah", "20", "--footprint", "8x10", "--json", "-q"]
    refused = CliRunner().invoke(cli, ["compare", *small])
    assert json.loads(refused.stdout)["limits"]["nearest"]["height_mm"] > 1
    refused = CliRunner().invoke(cli, ["compare", *arguments, "--pdk", "one-step"], standalone_mode=False)
    assert "--pdk" in str(refused.exception)


def test_a_border_that_is_no_sum_is_stated_without_terms(tmp_path):
    (tmp_path / "odd").mkdir()
    (tmp_path / "odd" / "template.toml").write_text(
        'extends = "one-step"\nname = "odd"\n[[elements]]\nlayer = "ANODE_CC"\n'
        'x = ["CATHODE.x0 + pull_back * pull_back / 100", "CATHODE.x1 - pull_back"]\n'
    )
    (tmp_path / "pdk.toml").write_text('extends = "one-step"\nname = "odd"\ntemplate = "odd"\n')
    found = compare_flows(Spec(capacity="1 mAh", footprint="8x10"), ["one-step", str(tmp_path)])
    first, second, *_ = found.flows[1].borders
    assert (first.text, second.text) == ("100 um", "100 um = pull_back 100")


def test_borders_name_parameters_of_the_template(found):
    for flow in found.flows:
        stated = flow.solution.template.template.parameters
        for term in (term for border in flow.borders for term in border.terms):
            assert stated[term.name] == term.stated
            assert ast.parse(term.stated, mode="eval")
            assert "assumed" in term.kinds or "published" in term.kinds
