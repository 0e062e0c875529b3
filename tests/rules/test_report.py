"""The report of a check: places, figures, waivers, rules that were not run; the commands; the pages."""

import datetime as dt
import json
from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner

from layoutgen.cli import cli
from layoutgen.errors import LayoutgenError, PdkError, RuleError, WaiverError
from layoutgen.export.gds import gds_bytes
from layoutgen.flow import package_files
from layoutgen.outputs import layout_of
from layoutgen.pdk.load import check_pdk, load_pdk, shipped_pdks
from layoutgen.rules.engine import MOST_FINDINGS, check_rules_on, check_solution, require_clean
from layoutgen.rules.pages import doc_pages
from layoutgen.rules.waivers import Waiver, apply_waivers, read_waivers
from layoutgen.solver.solve import solve
from layoutgen.spec import build_spec
from tests.rules.mutants.changes import drawn, wider
from tests.rules.webs import SMALL_WEB, added, context, edited, on_device, rect, square, web

DAY = dt.date(2026, 6, 1)


@pytest.fixture(scope="module")
def solution():
    return solve(build_spec({"capacity": 2, "footprint": (8.0, 10.0), "set": dict(SMALL_WEB)}, {}))


@pytest.fixture(scope="module")
def folder(solution, tmp_path_factory):
    from layoutgen.files.folder import write_package

    target = tmp_path_factory.mktemp("out") / "design"
    write_package(target, package_files(solution))
    return target


def short_tab():
    """A web whose tab does not cover its window by one step, in y."""
    region = drawn(web())["FILM_OPEN"]
    x0, y0, _, y1 = (round(value) for value in region.bounds)
    return on_device(web(), {"TAB": rect(x0 - 50_000, y0 - 34_999, 600_000, y1 - y0 + 85_000)})


def run(*arguments):
    return CliRunner().invoke(cli, [str(item) for item in arguments])


def test_a_finding_says_rule_place_and_figures():
    report = check_rules_on(context(web(), short_tab()))
    (finding,) = [item for item in report.findings if item.rule == "ENC004"]
    _, y0, _, y1 = finding.box_um
    window = drawn(web())["FILM_OPEN"].bounds
    assert (finding.measured, finding.required) == (34.999, 35.0)
    assert finding.cell == "STACK"
    assert finding.layers == ("FILM_OPEN", "TAB")
    assert y1 == window[1] / 1000
    assert y1 - y0 == pytest.approx(34.999)
    assert "measured 34.999 um, required at least 35 um" in finding.line()
    assert report.failed >= 1
    assert not report.clean


def test_counts_add_up_and_match_the_document(solution):
    from layoutgen.document import to_document

    report = check_solution(solution, layout_of(solution))
    content = report.to_json()
    assert content["run"] + content["not_run"] + content["not_applicable"] == len(solution.loaded.pdk.rules)
    assert content["run"] == content["passed"] + content["failed"] + content["warned"] + content["waived"]
    assert content["failed"] == content["not_run"] == 0
    assert to_document(solution, content)["rules"]["passed"] == content["passed"]
    json.dumps(content, allow_nan=False)


def test_a_rule_without_its_layers_is_not_run_and_fails():
    def without(cell):
        return replace(cell, polygons=tuple(p for p in cell.polygons if p.layer != "FILM_OPEN"))

    report = check_rules_on(context(web(), edited(web().layout, "STACK", without)))
    (state,) = [item for item in report.states if item.rule == "ENC003"]
    assert (state.state, state.reason) == ("not run", "FILM_OPEN has no shape")
    assert not report.clean
    with pytest.raises(RuleError, match="ENC003 was not run"):
        require_clean(report)


def test_no_cell_on_the_web_leaves_the_web_rules_not_run():
    def without(cell):
        return replace(cell, placements=tuple(p for p in cell.placements if p.cell != "CELL"))

    layout = web().layout
    for name in ("FIELD_1", "FIELD_2"):
        layout = edited(layout, name, without)
    layout = replace(layout, cells=tuple(cell for cell in layout.cells if cell.name != "CELL"))
    report = check_rules_on(context(web(), layout))
    states = {item.rule: item.state for item in report.states}
    assert states["SPC001"] == states["ALN004"] == states["ENC001"] == "not run"


def test_many_findings_are_cut_and_still_fail():
    spots = [square(300_000 + 100_000 * (n % 5), 100_000 + 100_000 * (n // 5), 19_000) for n in range(60)]
    report = check_rules_on(context(web(), added(web().layout, "REPEAT", "STREET", *spots)))
    assert sum(item.rule == "WID006" for item in report.findings) == MOST_FINDINGS
    assert {item.rule: item.state for item in report.states}["WID006"] == "failed"


def test_a_warning_does_not_refuse_a_design():
    spots = [rect(300_000, 300_000, 100_000, 100_000), rect(300_000, 410_000, 100_000, 100_000)]
    layout = web().layout
    for layer in ("CUT", "STREET", "ABLATE_STACK"):
        layout = added(layout, "REPEAT", layer, *spots)
    report = check_rules_on(context(web(), layout))
    assert {item.rule for item in report.findings if item.severity == "warning"} == {"SPC002"}
    assert report.warned == 1


def waiver(**changes):
    values = {"rule": "ENC004", "reason": "agreed with the shop", "who": "A. Person", "until": "2026-12-31"}
    return Waiver.model_validate(values | changes)


def test_waivers_cover_place_and_time():
    raw = check_rules_on(context(web(), short_tab())).findings
    (finding,) = [item for item in raw if item.rule == "ENC004"]
    x0, y0, x1, y1 = finding.box_um

    def waived(item, today=DAY):
        marked, stale = apply_waivers([finding], [item], today)
        return bool(marked[0].waived_by), stale

    assert waived(waiver()) == (True, ())
    assert waived(waiver(place_um=[x0, y0, x1, y1])) == (True, ())
    assert waived(waiver(until="2026-06-01")) == (True, ())
    for item, why in (
        (waiver(place_um=[x0, y0 + 1, x1, y1]), "matches nothing: 1 finding of the rule in another place"),
        (waiver(rule="ENC003"), "matches nothing: the rule has no finding"),
        (waiver(cell="CELL"), "matches nothing"),
        (waiver(until="2026-05-31"), "ended on 2026-05-31"),
    ):
        covered, (said,) = waived(item)
        assert not covered
        assert why in said
    _, (said,) = apply_waivers([finding], [waiver(), waiver(who="B. Person")], DAY)
    assert "waiver 2 of ENC004" in said
    assert "covers only what waiver 1 covers" in said


def test_waived_rules_are_counted_and_pass():
    broken = context(web(), short_tab())
    failing = {item.rule for item in check_rules_on(broken).findings}
    report = check_rules_on(broken, [waiver(rule=rule) for rule in sorted(failing)], DAY)
    assert report.count("waived") == len(failing)
    assert report.failed == 0
    assert all(item.waived_by == "agreed with the shop (A. Person, until 2026-12-31)" for item in report.findings)
    require_clean(report)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("waivers = 3", "is not a list"),
        ("[[waivers]]\nrule = 'ENC004'", "'reason' is missing"),
        ("[[waivers]]\nrule = 'ENC099'\nreason = 'because'\nwho = 'me'\nuntil = 2026-01-01", "did you mean"),
        ("[[waivers]]\nrule = 'ENC004'\nreason = 'because'\nwho = 'me'\nuntil = 'soon'", "is not a day"),
        (
            "[[waivers]]\nrulle = 'ENC004'\nreason = 'because'\nwho = 'me'\nuntil = 2026-01-01",
            "did you mean 'rule'",
        ),
        ("[[waivers", "is not TOML"),
    ],
)
def test_wrong_waiver_files_say_what_is_wrong(text, said, tmp_path):
    path = tmp_path / "waivers.toml"
    path.write_text(text)
    with pytest.raises(WaiverError, match=said):
        read_waivers(path, sorted(web().pdk.rules))


def test_check_command(folder, tmp_path):
    done = run("check", folder)
    assert done.exit_code == 0, done.output
    assert "0 failed" in done.output
    assert json.loads(run("check", folder, "--json").output)["failed"] == 0
    gds = next(folder.glob("masks/*.gds"))
    assert run("check", folder, "--gds", gds).exit_code == 0
    assert run("check", folder, "--gds", gds.with_suffix(".oas")).exit_code == 0


def test_check_command_finds_what_was_changed_in_a_file(folder, solution, tmp_path):
    layout = wider(layout_of(solution), "STACK", "TAB", (0, 0, -1, 0))
    edited_file = tmp_path / "edited.gds"
    edited_file.write_bytes(gds_bytes(layout, solution.loaded.pdk))
    done = run("check", folder, "--gds", edited_file)
    assert done.exit_code == 1
    assert "CON002 error: TAB does not reach the - terminal; STACK at" in done.output
    waivers = tmp_path / "waivers.toml"
    rules = {line.split()[0] for line in done.output.splitlines() if " error: " in line}
    text = "[[waivers]]\nrule = '{}'\nreason = 'a test'\nwho = 'me'\nuntil = 2026-12-31\n"
    waivers.write_text("".join(text.format(rule) for rule in sorted({*rules, "ENC001"})))
    arguments = ("check", folder, "--gds", edited_file, "--waivers", waivers)
    waived = run(*arguments, "--date", "2026-07-01")
    # what is accepted as a rule is still another file
    assert waived.exit_code == 1
    assert "0 failed" in waived.output
    assert "identity: NOT the same" in waived.output
    assert f"{len(rules)} waived" in waived.output
    assert "stale: waiver" in waived.output
    assert "ENC001 (a test; me) matches nothing" in waived.output
    assert run(*arguments, "--date", "2027-01-01").exit_code == 1
    for wrong in (arguments, (*arguments, "--date", "tomorrow")):
        assert isinstance(run(*wrong).exception, WaiverError)


@pytest.mark.parametrize("content", [b"", b"not a layout", b"\x00\x06\x00\x02\x00\x07", b"%SEMI-OASIS\r\n"])
def test_a_file_that_is_no_layout(content, folder, tmp_path):
    path = tmp_path / "file.gds"
    path.write_bytes(content)
    error = run("check", folder, "--gds", path).exception
    assert isinstance(error, LayoutgenError)
    assert error.exit_code == 2


def test_nothing_is_written_where_a_rule_is_broken(tmp_path):
    target = tmp_path / "design"
    settings = [
        item for path, value in (*SMALL_WEB, ("device.overhang", "29 um")) for item in ("--set", f"{path}={value}")
    ]
    done = run("design", "--mah", 2, "--footprint", "8x10", "--out", target, *settings)
    assert isinstance(done.exception, RuleError)
    assert done.exception.exit_code == 1
    assert "EXT001" in str(done.exception)
    assert "measured 29 um, required at least 30 um" in str(done.exception)
    assert not target.exists()


@pytest.mark.parametrize("name", shipped_pdks())
def test_every_pdk_has_valid_rules_of_every_family(name):
    rules = load_pdk(name).pdk.rules
    families = {rule.family for rule in rules.values()}
    assert families == {
        "width", "space", "enclosure", "overlap", "extension", "area", "exact alignment", "forbidden overlap",
        "density", "grid", "connectivity", "stack", "web", "package", "bending",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"limit": "laser.overlai + 3"}, "rules.toml: rules.ENC001.limit: there is no value 'laser.overlai'"),
        ({"of": "CATHOD"}, "rules.ENC001.of: there is no layer 'CATHOD'"),
        ({"of": "CATHODE *"}, "is not a layer expression"),
        ({"check": "enclosed"}, "is not allowed"),
        ({"limitt": "3"}, "did you mean 'limit'"),
        ({"against": ""}, "needs 'against'"),
        ({"limit": "1 / 0"}, "divides by zero"),
        ({"limit": "__import__('os')"}, "is not an expression"),
    ],
)
def test_wrong_rules_do_not_load(change, said):
    loaded = load_pdk()
    content = json.loads(json.dumps(loaded.content))
    content["rules"]["ENC001"] |= change
    with pytest.raises(PdkError) as caught:
        check_pdk(content, {"rules": "rules.toml"})
    assert said.removeprefix("rules.toml: ") in str(caught.value)


def test_a_rule_on_masks_names_masks():
    """What it would not look at must not pass as looked at."""
    loaded = load_pdk()
    content = json.loads(json.dumps(loaded.content))
    name = next(key for key, rule in content["rules"].items() if rule["check"] == "mask")
    content["rules"][name]["layers"] = ["CUT", "CATHODE"]
    with pytest.raises(PdkError, match=f"rules.{name}.layers: CATHODE is no mask"):
        check_pdk(content, {"rules": "rules.toml"})


def test_rule_command():
    listed = run("rule").output
    assert all(name in listed for name in load_pdk().pdk.rules)
    page = run("rule", "enc001").output
    assert "at least 25 um" in page
    assert "laser.overlay (10) + laser.heat_affected_zone (10) + laser.margin (5)" in page
    assert "at least 45 um" in run("rule", "ENC001", "--set", "laser.heat_affected_zone=30").output
    error = run("rule", "ENC01").exception
    assert isinstance(error, PdkError)
    assert "ENC001" in str(error)


def test_docs_are_fresh():
    """`layoutgen rule --write-docs docs/rules` makes them."""
    folder = Path(__file__).parents[2] / "docs" / "rules"
    written = {path.name: path.read_text(encoding="utf-8") for path in folder.iterdir()}
    assert written == doc_pages(load_pdk().pdk)
