"""The model for ngspice does what the tool says: run in ngspice itself, where it is installed."""

import re
import shutil
import subprocess
from functools import cache

import pytest

from layoutgen.draw.files import inputs_of
from layoutgen.export.spice import spice_model
from layoutgen.receivers.board import board_files
from layoutgen.sizing.duty import series_ohm
from layoutgen.sizing.load import Load, Step, voltages
from layoutgen.sizing.process import process_of
from layoutgen.sizing.response import cell_response
from layoutgen.solver.solve import solve
from layoutgen.spec import Spec

PROFILES = {
    "radio": (0.5, [(0.2, 0.0), (0.01, 15.0), (0.79, 0.1)]),
    "drain": (0.9, [(1.0, 0.0), (3600.0, 5.0)]),
    "two bursts": (0.3, [(0.01, 0.0), (0.005, 30.0), (0.02, 1.0), (0.005, 30.0), (0.06, 1.0)]),
    "rising": (0.75, [(0.1, 0.0), (2.0, 2.0), (2.0, 8.0), (2.0, 20.0)]),
    "nearly empty": (0.03, [(1.0, 0.0), (60.0, 10.0), (60.0, 0.0), (60.0, 10.0)]),
}
"""State of charge at the start, and steps of s and mA; each starts at rest."""


@cache
def solved(temperature=None, pdk="anodeless-ss"):
    return solve(Spec(capacity=20, footprint="8x10", temperature=temperature, pdk=pdk), compare=False)


def by_the_tool(solution, charge, steps, corner):
    device, pdk = solution.device, solution.loaded.pdk
    response = cell_response(pdk, device.delivery.temperature_c)
    area = device.layers * device.active_area_cm2
    series = series_ohm(process_of(pdk), device.layers, device.active_length_um, device.active_width_um)
    if corner != 1:
        pdk = pdk.model_copy(
            update={
                "electrical": pdk.electrical.model_copy(
                    update={
                        "area_specific_resistance": pdk.electrical.area_specific_resistance.model_copy(
                            update={"value": 250 * corner}
                        )
                    }
                )
            }
        )
        whole = cell_response(pdk, device.delivery.temperature_c)
        scaled = [branch.ohm_cm2 for branch in whole.branches]
        assert scaled == pytest.approx([branch.ohm_cm2 * corner for branch in response.branches])
        response = type(response)(
            whole.at_once_ohm_cm2,
            tuple(
                type(old)(old.name, new.ohm_cm2, old.seconds)
                for old, new in zip(response.branches, whole.branches, strict=True)
            ),
        )
    load = Load(tuple(Step(*step) for step in steps))
    _, volts, _ = voltages(
        load, response, pdk.electrical.open_circuit, capacity_mah=device.nominal_mah, area_cm2=area,
        series_ohm=float(series), charge=charge,
    )  # fmt: skip
    return volts[0], min(volts)


def by_ngspice(folder, model, charge, steps, corner):
    name = re.search(r"^\.subckt (\S+)", model.decode(), re.MULTILINE)[1]
    (folder / "part.lib").write_bytes(model)
    points, now = [], 0.0
    for seconds, current in steps:
        points += [f"{now + 1e-6 if now else 0:.9g} {current}m", f"{now + seconds:.9g} {current}m"]
        now += seconds
    shortest = min(seconds for seconds, _ in steps)
    (folder / "run.cir").write_text(
        "a load\n.include part.lib\n"
        f"X1 p 0 {name} charge={charge} r={corner}\nI1 p 0 PWL({' '.join(points)})\n"
        f".options reltol=1e-6\n.tran {shortest / 100:g} {now:g} 0 {shortest / 100:g}\n"
        ".measure tran first MAX v(p) FROM=0 TO=1u\n.measure tran least MIN v(p)\n.end\n"
    )
    run = subprocess.run(
        ["ngspice", "-b", "run.cir"], cwd=folder, capture_output=True, text=True, check=False, timeout=120
    )
    found = dict(re.findall(r"^(first|least)\s*=\s*(\S+)", run.stdout, re.MULTILINE))
    assert set(found) == {"first", "least"}, run.stdout + run.stderr
    return float(found["first"]), float(found["least"])


@pytest.mark.skipif(shutil.which("ngspice") is None, reason="ngspice is not installed")
@pytest.mark.parametrize("corner", [1.0, 1.8])
@pytest.mark.parametrize("profile", PROFILES)
def test_ngspice_drops_as_the_tool_does(tmp_path, profile, corner):
    charge, steps = PROFILES[profile]
    solution = solved()
    model = spice_model(solution.loaded.pdk, solution.device, "part")
    first, least = by_the_tool(solution, charge, steps, corner)
    measured_first, measured_least = by_ngspice(tmp_path, model, charge, steps, corner)
    assert measured_first == pytest.approx(first, abs=1e-5)
    assert measured_first - measured_least == pytest.approx(first - least, rel=0.01)


@pytest.mark.skipif(shutil.which("ngspice") is None, reason="ngspice is not installed")
def test_an_empty_part_stays_at_the_end_of_its_table(tmp_path):
    """Drawn far beyond empty the voltage at rest stays the lowest of the table: no line goes on beyond it."""
    solution = solved()
    model = spice_model(solution.loaded.pdk, solution.device, "part")
    _, least = by_ngspice(tmp_path, model, 0.01, [(1.0, 0.0), (3600.0, 40.0)], 1.0)
    assert least == pytest.approx(3.0 - 0.040 * solution.device.resistance_ohm, rel=1e-3)


def test_what_the_board_archive_says():
    solution = solved()
    files = board_files(inputs_of(solution), "part")
    text = files["README.txt"].decode()
    assert text.index("reflow the part as it is delivered") < text.index("Then form it") < text.index("no reflow")
    assert "4.2 V" in text
    rows = [line.split(",") for line in files["charge-profile.csv"].decode().splitlines()]
    assert rows[0] == ["seconds", "state_of_charge", "voltage_v", "current_ma"]
    seconds, share, volts, current = zip(*(map(float, row) for row in rows[1:]), strict=True)
    assert sorted(seconds) == list(seconds)
    assert share[0] == 0
    assert max(volts) <= 4.2 + 1e-9
    assert current[0] == pytest.approx(solution.device.delivery.charge_limit_ma, rel=1e-4)
    assert list(current) == sorted(current, reverse=True)


def test_a_process_without_a_voltage_at_rest_gives_no_model():
    solution = solved(pdk="what-if/lfp")
    files = board_files(inputs_of(solution), "part")
    assert "part.lib" not in files
    assert "charge-profile.csv" not in files
    assert "not stated by the process" in files["README.txt"].decode()
    mica = solve(Spec(capacity=1, footprint="8x10", pdk="lithium-mica"), compare=False)
    assert "no reflow" in board_files(inputs_of(mica), "part")["README.txt"].decode()
