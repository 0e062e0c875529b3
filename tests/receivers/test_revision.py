"""What an order says of the issue before: states, areas and places against KLayout's own XOR."""

import csv
import hashlib
import io
import json
import re
import zipfile

import pytest
from click.testing import CliRunner

from layoutgen.cli import cli
from layoutgen.document import to_document, to_text
from layoutgen.errors import InputError, PackageError, RuleError
from layoutgen.export.gds import gds_bytes
from layoutgen.outputs import layout_of
from layoutgen.receivers.revision import Earlier, Issue, change_text, since_text, with_issue
from layoutgen.solver.solve import solve
from layoutgen.spec import build_spec
from layoutgen.verify import verify_package
from tests.export.oracle import read, region
from tests.rules.webs import SMALL_WEB

ASKED = {"capacity": 2, "footprint": (8.0, 10.0)}


def folder_of(path, revision, waived=(), **changes):
    """A design.json in a folder of its own, and the solution; all but the first issue list those before."""
    title = {"revision": revision, "date": "2026-11-25"}
    if revision == "B":
        dated = {"A": "2026-11-25", "B": "2026-11-26"}
        title = {"revisions": [{"rev": rev, "date": date, "description": "x"} for rev, date in dated.items()]}
    spec = build_spec({**ASKED, "set": {**dict(SMALL_WEB), **changes}, "title": title}, {})
    solution = solve(spec, waived=waived)
    path.mkdir()
    (path / "design.json").write_text(to_text(to_document(solution)))
    return solution


@pytest.fixture(scope="module")
def issues(tmp_path_factory):
    folder = tmp_path_factory.mktemp("issues")
    return folder, folder_of(folder / "a", "A"), folder_of(folder / "b", "B", **{"device.window_length": "250 um"})


def ordered(folder, design, *options):
    """order.json of the archive that a film shop gets."""
    target = folder / "order.zip"
    done = CliRunner().invoke(
        cli, ["export", str(folder / design), "--shop", "film", "--out", str(target), "--force", *options]
    )
    assert done.exit_code == 0, done.exception
    with zipfile.ZipFile(target) as archive:
        (name,) = [name for name in archive.namelist() if name.endswith("/order.json")]
        return json.loads(archive.read(name)), target.read_bytes()


def test_the_first_issue_says_so(issues):
    order, _ = ordered(issues[0], "a")
    assert order["revision"] == {"revision": "A", "date": "2026-11-25"}
    assert order["change"] == {"state": "first issue"}
    assert {mask["change"]["state"] for mask in order["masks"]} == {"first issue"}


def test_each_mask_says_what_changed_as_klayout_sees_it(issues, tmp_path):
    folder, *solutions = issues
    order, archive = ordered(folder, "b", "--previous", str(folder / "a"))
    assert archive == ordered(folder, "b", "--previous", str(folder / "a" / "design.json"))[1]
    digest = hashlib.sha256((folder / "a" / "design.json").read_bytes()).hexdigest()
    name = solutions[0].spec.file_name()
    assert order["change"]["since"] == {"design": name, "revision": "A", "design_sha256": digest}
    pdk = solutions[0].loaded.pdk
    before, after = (read(gds_bytes(layout_of(item), pdk), "gds", tmp_path) for item in solutions)
    states = set()
    for mask in order["masks"]:
        old, new = (region(layout, pdk, mask["name"]).merged() for layout in (before, after))
        xor, change = old ^ new, mask["change"]
        states.add(change["state"])
        assert change["state"] == ("unchanged" if xor.is_empty() else "changed"), mask["name"]
        if not xor.is_empty():
            box = xor.bbox()
            assert change["xor_mm2"] == pytest.approx(xor.area() * 1e-12, abs=1e-8)
            assert change["added_mm2"] == pytest.approx((new - old).area() * 1e-12, abs=1e-8)
            assert change["removed_mm2"] == pytest.approx((old - new).area() * 1e-12, abs=1e-8)
            sides = (box.left, box.bottom, box.right, box.top)
            assert change["where_mm"] == pytest.approx([side * 1e-6 for side in sides], abs=1e-9)
    assert states == {"unchanged", "changed"}


def test_the_order_as_a_table_says_what_the_order_says(issues):
    """The last of the revisions is the order's, and each line says what changed."""
    order, archive = ordered(issues[0], "b", "--previous", str(issues[0] / "a"))
    assert order["revision"] == {"revision": "B", "date": "2026-11-26"}
    with zipfile.ZipFile(io.BytesIO(archive)) as opened:
        (name,) = [name for name in opened.namelist() if name.endswith("/order.csv")]
        rows = list(csv.DictReader(io.StringIO(opened.read(name).decode())))
    assert [row["name"] for row in rows] == [mask["name"] for mask in order["masks"]]
    for row, mask in zip(rows, order["masks"], strict=True):
        assert (row["revision"], row["date"]) == ("B", "2026-11-26")
        assert row["change"] == change_text(mask["change"])
        assert row["files"].split() == [file["name"] for file in mask["file"]["files"]]
        assert (int(row["polygons"]), float(row["area_mm2"])) == (
            mask["file"]["polygons"],
            mask["file"]["area_mm2"],
        )


def test_the_same_design_again_is_unchanged(issues):
    order, _ = ordered(issues[0], "a", "--previous", str(issues[0] / "a"))
    assert order["change"]["state"] == "unchanged"
    assert {mask["change"]["state"] for mask in order["masks"]} == {"unchanged"}


def test_masks_that_are_new_or_dropped_are_named(issues):
    _, solution, _ = issues
    layout, pdk = layout_of(solution), solution.loaded.pdk
    document = {"masks": [{"name": name} for name in pdk.masks]}
    masks = tuple(name for name in pdk.masks if name != "CUT")
    earlier = Earlier("old", "", "0" * 64, layout, (*masks, "MASK_OLD"))
    order = with_issue(document, Issue("B", "", earlier), layout, pdk)
    assert order["change"]["state"] == "changed"
    assert order["change"]["dropped"] == ["MASK_OLD"]
    assert [mask["name"] for mask in order["masks"] if mask["change"]["state"] == "new"] == ["CUT"]
    assert "dropped: MASK_OLD" in since_text(order["change"])


def test_a_folder_says_what_changed_since_the_one_before_and_is_verified_with_it(issues, tmp_path):
    """The earlier design.json travels in the folder: verify follows it, and export takes it without being told."""
    folder, solution, _ = issues
    earlier, target = folder / "a" / "design.json", folder / "c"
    asked = ["design", "--mah", "2", "--footprint", "8x10", "-q"]
    asked += [part for key, value in SMALL_WEB for part in ("--set", f"{key}={value}")]
    done = CliRunner().invoke(cli, [*asked, "--previous", str(tmp_path), "--out", str(tmp_path / "out")])
    assert isinstance(done.exception, InputError)
    assert not (tmp_path / "out").exists()
    asked += ["--set", "device.window_length=250 um", "--previous", str(folder / "a"), "--out", str(target)]
    done = CliRunner().invoke(cli, asked)
    assert done.exit_code == 0, done.exception
    assert f"order: changed since {solution.spec.file_name()} revision A: MARK, MASK_FILM_LOWER" in done.output
    assert (target / "masks" / "previous.json").read_bytes() == earlier.read_bytes()
    whole, (shop, _) = json.loads((target / "masks" / "order.json").read_text()), ordered(folder, "c")
    assert whole["change"] == shop["change"]
    assert [mask["change"] for mask in whole["masks"]] == [mask["change"] for mask in shop["masks"]]
    rows = list(csv.DictReader(io.StringIO((target / "masks" / "order.csv").read_text())))
    assert [row["change"] for row in rows] == [change_text(mask["change"]) for mask in whole["masks"]]
    assert verify_package(target).checked
    done = CliRunner().invoke(cli, ["verify", str(folder / "order.zip"), "--against", str(target)])
    assert (done.exit_code, "the same to the byte" in done.output) == (0, True)
    done = CliRunner().invoke(cli, ["verify", str(folder / "order.zip"), "--against", str(folder / "a")])
    assert isinstance(done.exception, PackageError)
    assert "is not what the design gives" in str(done.exception)


def test_the_order_says_what_was_waived(issues, tmp_path):
    """A wall that is too thin for the film is an error; with a waiver the masks go out, and the order says so."""
    thin = {"device.wall": "20 um"}
    with pytest.raises(RuleError) as refused:
        folder_of(tmp_path / "thin", "A", **thin)
    accepted = re.findall(r"no cell keeps ([A-Z]{3}\d{3})", str(refused.value))
    folder_of(tmp_path / "thin", "A", accepted, **thin)
    asked = ["export", str(tmp_path / "thin"), "--shop", "film", "--out", str(tmp_path / "order.zip"), "--force"]
    done = CliRunner().invoke(cli, asked)
    assert isinstance(done.exception, RuleError)
    assert not (tmp_path / "order.zip").exists()
    broken = sorted(set(re.findall(r"\b[A-Z]{3}\d{3}\b", str(done.exception))))
    assert set(accepted) <= set(broken)
    text = "".join(
        f'[[waivers]]\nrule = "{rule}"\nreason = "a trial"\nwho = "A. Person"\nuntil = 2026-12-31\n'
        for rule in broken
    )
    (tmp_path / "waivers.toml").write_text(text)
    with_waivers = [*asked, "--waivers", str(tmp_path / "waivers.toml"), "--date"]
    assert isinstance(CliRunner().invoke(cli, [*with_waivers, "2027-01-01"]).exception, RuleError)
    done = CliRunner().invoke(cli, [*with_waivers, "2026-12-01"])
    assert done.exit_code == 0, done.exception
    assert "waived" in done.output
    with zipfile.ZipFile(tmp_path / "order.zip") as archive:
        (name,) = [name for name in archive.namelist() if name.endswith("/order.json")]
        rules = json.loads(archive.read(name))["rules"]
    assert (rules["failed"], rules["waived"]) == (0, len(broken))
    assert {item["rule"] for item in rules["findings"] if "A. Person" in item["waived_by"]} == set(broken)


def test_an_earlier_issue_that_cannot_be_used(issues, tmp_path):
    for options in (
        ["--shop", "film", "--previous", str(tmp_path / "none")],
        ["--for", "board", "--previous", "x"],
    ):
        target = tmp_path / "order.zip"
        done = CliRunner().invoke(cli, ["export", str(issues[0] / "a"), *options, "--out", str(target)])
        assert isinstance(done.exception, InputError)
        assert not target.exists()
