"""Every figure of a design, derived again from the process files with plain formulas: none of the tool's is used.

Taken over from the tool are only the cell and the number of layers; cells are counted in the GDSII by KLayout.
"""

import json
import math
import random
import tomllib
from pathlib import Path
from statistics import NormalDist

import klayout.db as db
import pytest
from click.testing import CliRunner

from layoutgen.cli import cli
from layoutgen.document import from_document
from layoutgen.export.gds import gds_bytes
from layoutgen.outputs import layout_of

PDKS = Path(__file__).parents[2] / "pdk"
END_TERMINAL = ("anodeless-ss", "lithium-alumina", "lithium-mica")


def process(name):
    content = {}
    for file in sorted((PDKS / name).glob("*.toml")):
        content |= tomllib.loads(file.read_text(encoding="utf-8"))
    return content


def by_hand(pdk, cell_um, layers, confidence, cycles):
    def of(group):
        return {
            key: item["value"] for key, item in pdk[group].items() if isinstance(item, dict) and "value" in item
        }

    film = {name: item["thickness"]["value"] for name, item in pdk["stack"].items() if "thickness" in item}
    cell, device, laser, pack, electrical, yields = map(
        of, ("cell", "device", "laser", "package", "electrical", "yield")
    )
    length, width = cell_um
    setback = laser["overlay"] + laser["heat_affected_zone"] + laser["margin"]
    back = device["pull_back"]
    area = (length - device["contact_land"] - setback - 2 * back) * (width - 2 * setback - 2 * back) / 1e8
    areal = pdk["stack"]["cathode"]["volumetric_capacity"]["value"] * film["cathode"] / 1000
    alike = 1 + (layers - 1) * pdk["assembly"]["order_correlation"]["value"]
    spread = math.hypot(cell["utilization_sigma_lot"], cell["utilization_sigma_cell"] * math.sqrt(alike / layers))
    fade = 1 - (1 - cell["retention"]) * cycles / cell["retention_cycles"]
    rated = cell["utilization_mean"] - NormalDist().inv_cdf(confidence) * spread
    lithium = pdk["stack"].get("lithium")
    plated = 0.0
    if lithium:
        plated = lithium["plated_thickness"]["value"] * areal * lithium["utilization_max"]["value"]
    pitch = sum(film.values()) + plated
    height = layers * pitch + pack["lid_bottom"] + pack["lid_top"] + 2 * device["terminal_metal"]
    package = length + device["end_gap"] + 2 * device["terminal_metal"], width + 2 * device["wall"], height
    nominal = layers * area * areal * cell["utilization_mean"]
    alpha = yields["cluster_parameter"]
    good = (1 + area * yields["defect_density"] / alpha) ** -alpha
    passing = good + (1 - good) * (1 - yields["screen_coverage"])
    stack = (good / passing * yields["stacking_per_layer"]) ** layers
    plus = pdk["stack"]["substrate" if pdk["stack"]["substrate"]["conductive"] else "cathode_collector"]
    sheets = sum(
        part["resistivity"]["value"] / part["thickness"]["value"] / 100
        for part in (plus, pdk["stack"]["anode_collector"])
    )
    active = length - device["contact_land"] - setback - 2 * back, width - 2 * setback - 2 * back
    collectors = sheets * active[0] / active[1] / 3
    return {
        "active_area_cm2": area,
        "capacity_mah.nominal": nominal,
        "capacity_mah.rated": layers * area * areal * rated * fade,
        "energy_mwh": nominal * cell["mean_voltage"],
        "layer_pitch_um": pitch,
        "package_mm.length": package[0] / 1000,
        "package_mm.width": package[1] / 1000,
        "package_mm.height": package[2] / 1000,
        "energy_density_wh_per_l.package": nominal * cell["mean_voltage"] * 1e12 / math.prod(package),
        "cell": good,
        "screened_cell": good / passing,
        "stack": stack,
        "good_per_cell": passing / layers * stack,
        "resistance_ohm": (electrical["area_specific_resistance"] / area + collectors) / layers
        + electrical["terminal_resistance"],
        "drop_v": electrical["voltage_drop_max"],
    }


def questions():
    chance = random.Random(20)
    for number in range(18):
        name = END_TERMINAL[number % 3]
        side = chance.randint(60, 160) / 10, chance.randint(60, 160) / 10
        most = 0.2 if name == "anodeless-ss" else 0.05
        mah = round(side[0] * side[1] * most * chance.uniform(0.1, 0.9), 2)
        yield name, side, mah, chance.choice([0.5, 0.9, 0.99]), chance.choice([0, 100])


def solved(name, side, mah, confidence, cycles):
    asked = f"--pdk {name} --footprint {side[0]}x{side[1]} --mah {mah} --confidence {confidence} --cycles {cycles}"
    done = CliRunner().invoke(cli, ["solve", "--json", "--quiet", *asked.split()])
    assert done.exit_code == 0, done.output
    return json.loads(done.stdout)


@pytest.mark.parametrize("question", list(questions()), ids=str)
def test_figures(question):
    name, side, mah, confidence, cycles = question
    design = solved(*question)
    device, web = design["device"], design["web"]
    cell_um = device["cell_mm"]["length"] * 1000, device["cell_mm"]["width"] * 1000
    hand = by_hand(process(name), cell_um, device["layers"], confidence, cycles)
    for key in ("active_area_cm2", "energy_mwh", "layer_pitch_um"):
        assert device[key] == pytest.approx(hand[key], rel=1e-9), key
    for group in ("capacity_mah", "package_mm", "energy_density_wh_per_l"):
        for key in device[group]:
            if f"{group}.{key}" in hand:
                assert device[group][key] == pytest.approx(hand[f"{group}.{key}"], rel=1e-9), key
    for key in ("cell", "screened_cell", "stack"):
        assert design["yield"][key] == pytest.approx(hand[key], rel=1e-9), key
    assert device["resistance_ohm"] == pytest.approx(hand["resistance_ohm"], rel=1e-9)
    assert device["max_continuous_ma"] == pytest.approx(hand["drop_v"] / device["resistance_ohm"] * 1000, rel=1e-9)
    cells = sum(block["columns"] * block["rows"] for block in web["blocks"])
    area_m2 = web["repeat_mm"]["width"] * web["repeat_mm"]["length"] / 1e6
    assert web["devices_per_m2"]["good"] == pytest.approx(cells / area_m2 * hand["good_per_cell"], rel=1e-9)
    assert web["utilization"] == pytest.approx(cells * math.prod(cell_um) / 1e12 / area_m2, rel=1e-9)
    assert device["capacity_mah"]["rated"] >= mah * (1 - 1e-9)
    package = device["package_mm"]
    assert sorted((package["length"], package["width"])) <= sorted(side)


@pytest.mark.parametrize("name", END_TERMINAL)
def test_cells_counted_by_klayout(name, tmp_path):
    """One substrate for each cell of the repeat, and one for the device drawn beside it."""
    document = solved(name, (8.0, 10.0), 1.0, 0.99, 0)
    solution = from_document(document)
    (tmp_path / "masks.gds").write_bytes(gds_bytes(layout_of(solution), solution.loaded.pdk))
    layout = db.Layout()
    layout.read(str(tmp_path / "masks.gds"))
    number = solution.loaded.pdk.layers["SUBSTRATE"].number
    layers = [index for index in layout.layer_indexes() if layout.get_info(index).layer == number]
    drawn = sum(
        1
        for index in layers
        for item in layout.top_cell().begin_shapes_rec(index)
        if item.shape().is_box() or item.shape().is_polygon()
    )
    cells = sum(block["columns"] * block["rows"] for block in document["web"]["blocks"])
    assert cells == document["web"]["cells_per_repeat"]
    assert drawn in (cells, cells + 1)
