"""A curved part as solids: true cylinders that OpenCASCADE takes, of the volume that Pappus foretells."""

import json
import math

import pytest
from click.testing import CliRunner

from layoutgen.cli import cli
from layoutgen.draw.bent import bent_solids
from layoutgen.draw.solids import Prism, model_solids
from layoutgen.export.step import step_bytes
from tests.draw.designs import inputs
from tests.export.test_step import solids_of


def bar(length=10_000.0, height=1_500.0, width=5_000.0):
    ring = ((0.0, 0.0), (length, 0.0), (length, height), (0.0, height))
    return Prism("BAR", "", "", "#888888", ring, 0.0, width)


@pytest.mark.parametrize("radius_um", [4_000.0, 9_500.0, 80_000.0])
def test_a_bar_of_growing_layers_is_a_sector(radius_um, tmp_path):
    (bent,) = bent_solids([bar()], radius_um, growing=True)
    angle = 10_000 / radius_um
    by_pappus = angle * ((radius_um + 1_500) ** 2 - radius_um**2) / 2 * 5_000
    assert bent.volume_um3 == pytest.approx(by_pappus, rel=1e-9)
    ((volume, low, high),) = solids_of(step_bytes([bent], "bar", "Bar"), tmp_path)
    assert volume == pytest.approx(by_pappus * 1e-9, rel=1e-6)
    assert high.Z() == pytest.approx(1.5, abs=1e-6)
    widest = 1.0 if angle > math.pi else math.sin(angle / 2)
    assert high.X() - low.X() == pytest.approx(2 * (radius_um + 1_500) / 1000 * widest, abs=1e-5)


def test_equal_layers_keep_their_length():
    (bent,) = bent_solids([bar()], 9_500.0, growing=False)
    bottom, _, top, _ = bent.arcs
    assert bottom.radius * abs(bottom.angle) == pytest.approx(10_000, rel=1e-9)
    assert top.radius * abs(top.angle) == pytest.approx(10_000, rel=1e-9)
    assert (bottom.radius, top.radius) == pytest.approx((9_500, 11_000))


def test_a_wide_bend_is_the_flat_part():
    flat = model_solids(inputs())
    assert bent_solids(flat, math.inf, growing=False) == flat
    for wide, part in zip(bent_solids(flat, 1e12, growing=False), flat, strict=True):
        assert wide.volume_um3 == pytest.approx(part.volume_um3, rel=1e-6)
        # the middle of the part, not that of the template, stands above the axis
        assert wide.extent() == pytest.approx(part.extent(), abs=0.1)


@pytest.mark.parametrize("growing", [False, True])
def test_the_package_bent_is_valid_and_keeps_its_parts(growing, tmp_path):
    solids = bent_solids(model_solids(inputs()), 9_500.0, growing=growing)
    found = solids_of(step_bytes(solids, "part", "Battery"), tmp_path)
    assert len(found) == len(solids)
    for (volume, _, _), solid in zip(found, solids, strict=True):
        assert volume == pytest.approx(solid.volume_um3 * 1e-9, rel=1e-6)


def test_a_part_that_closes_on_itself_is_refused():
    with pytest.raises(ValueError, match="close on itself"):
        bent_solids([bar()], 1_500.0, growing=True)


@pytest.fixture(scope="module")
def ring(tmp_path_factory):
    from layoutgen import Spec, solve
    from layoutgen.document import to_document

    path = tmp_path_factory.mktemp("ring") / "design.json"
    solution = solve(Spec(capacity="17 mAh", footprint="18x5.5", height="2.5", name="ring"))
    path.write_text(json.dumps(to_document(solution)), encoding="utf-8")
    return path


def test_the_ring_from_question_to_model(ring, tmp_path):
    out = tmp_path / "bent"
    asked = ["bend", str(ring), "--radius", "9.5", "--curved", "--json", "--out", str(out)]
    result = CliRunner().invoke(cli, asked)
    assert result.exit_code == 0, result.output
    curved = json.loads(result.stdout)["curved"]
    step = math.radians(curved["angle_deg"]) * json.loads(ring.read_text())["device"]["layer_pitch_um"]
    assert curved["arc_step_um"] == pytest.approx(step, rel=1e-9)
    assert curved["end_lean_deg"] == pytest.approx(math.degrees(math.atan(math.radians(curved["angle_deg"]) / 2)))
    solids = solids_of((out / "ring-curved.step").read_bytes(), tmp_path)
    assert len(solids) == 4
    # the polarity mark, a few um, stands on the body
    body = [solids[0], solids[1], solids[2]]
    across = max(part[2].X() for part in body) - min(part[1].X() for part in body)
    assert across == pytest.approx(curved["chord_mm"], abs=1e-4)
    high = max(part[2].Z() for part in body) - min(part[1].Z() for part in body)
    assert curved["rise_mm"] - 0.031 <= high <= curved["rise_mm"] + 1e-4, "end caps wrap onto a top that lies lower"
    assert "leans by" in (out / "curved.svg").read_text()


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--radius", "9.5", "--growing"], "--growing"),
        (["--radius", "inf", "--curved"], "--radius"),
        (["--radius", "2", "--curved"], "closes on itself"),
        (["--radius", "9.5", "--curved", "--layers", "2"], "--layers"),
        (["--radius", "9.5", "--curved", "--bonded"], "--bonded"),
        (["--radius", "9.5", "--curved", "--films-inside"], "--films-inside"),
    ],
)
def test_what_does_not_go_together_is_refused(ring, arguments, said):
    result = CliRunner().invoke(cli, ["bend", str(ring), *arguments], standalone_mode=False)
    assert said in str(result.exception)
