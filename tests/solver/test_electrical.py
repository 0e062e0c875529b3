"""Loads, charge and temperature in the question: against an enumeration, and what is offered where nothing fits."""

import math
import os
from pathlib import Path

import numpy as np
import pytest

from layoutgen.cli import main
from layoutgen.document import from_document, to_document
from layoutgen.draw.datasheet import ratings
from layoutgen.draw.files import inputs_of
from layoutgen.errors import DoesNotFit, SpecError
from layoutgen.pdk.load import load_pdk
from layoutgen.reading import MOST_TEXT
from layoutgen.receivers.board_notes import charge_profile, readme
from layoutgen.sizing.device import size_device
from layoutgen.sizing.load_file import read_load_profile
from layoutgen.solver.asked import asked_of, why_not_carried
from layoutgen.solver.question import resolve
from layoutgen.solver.solve import solve
from layoutgen.spec import Spec
from layoutgen.summary import facts

LOADED = load_pdk("anodeless-ss", [("web.size_grid", "0.1 mm")])
ASKED = [
    {"current": "2 mA"},
    {"current": 6, "lowest_voltage": 3.7},
    {"pulse": "20mA:10ms:1s", "current": 0.2, "lowest_voltage": 3.6, "temperature": "0 degC"},
    {"charge_time": "25min"},
    {"charge_time": "25 min", "pulse": "30mA:1s:10s", "lowest_voltage": 3.8},
    {"load": [(2, 30), (30, 1), (600, 0)], "lowest_voltage": 3.5},
]


def solved(**asked):
    overrides = {"web.size_grid": "0.1 mm"}
    return solve(Spec(set=overrides, **asked), compare=False)


@pytest.mark.parametrize("asked", ASKED, ids=str)
def test_fewest_layers_and_smallest_cells_are_those_of_a_full_enumeration(asked):
    """Each cell is sized by itself; the staircase of the search must hold exactly the narrowest."""
    spec = Spec(capacity=3, footprint="5x6", set={"web.size_grid": "0.1 mm"}, **asked)
    question = resolve(spec, LOADED)
    space = question.space(question.variants[0])
    pdk, template = LOADED.pdk, question.variants[0].template

    def does(length, width, layers):
        cell = float(space.length.cell_um[length]), float(space.width.cell_um[width])
        device = size_device(pdk, template, cell, layers, 0.99, 0.0, asked_of(spec), 3.0)
        return device.rated_mah >= 3.0 * (1 - 1e-12) and not why_not_carried(device.delivery, 3.0)

    lengths = np.arange(len(space.length.cell_um))
    for layers in (22, 40):
        narrowest = space.narrowest_for(layers, lengths, 3.0)
        for length in lengths[::15].tolist():
            widths = [
                width
                for width in range(len(space.width.cell_um))
                if space.width.active_um[width] > 0 and does(length, width, layers)
            ]
            expected = widths[0] if widths else len(space.width.cell_um)
            assert narrowest[length] == expected, (layers, length)


@pytest.mark.parametrize("asked", ASKED, ids=str)
def test_the_answer_does_what_is_asked_and_one_layer_less_does_not(asked):
    solution = solved(capacity=3, footprint="5x6", objective="height", **asked)
    device, spec = solution.device, solution.spec
    assert not why_not_carried(device.delivery, 3.0)
    if device.delivery.load:
        assert device.delivery.load.end_v >= device.delivery.load.lowest_v - 1e-9
        assert device.delivery.load.delivered_mah >= 3.0 * (1 - 1e-9)
    question = resolve(spec, LOADED)
    space = question.space(question.variants[0])
    most = max(float(space.usable_mah(device.layers - 1, i, j)) for i, j in space.corners())
    assert most < 3.0
    again = from_document(to_document(solution))
    assert again.device.delivery == device.delivery


def test_what_binds_is_named():
    solution = solve(Spec(capacity=3, footprint="5x6", current=6, lowest_voltage=3.7), compare=False)
    assert "lowest voltage" in [item.limit for item in solution.limits if item.binds]
    assert "rated capacity" not in [item.limit for item in solution.limits if item.binds]
    solution = solved(capacity=3, footprint="5x6", charge_time="25min")
    assert "charge time" in [item.limit for item in solution.limits if item.binds]


def bound(solution):
    return {item.limit for item in solution.limits if item.binds}


def test_a_lowest_voltage_that_takes_more_layers_binds_and_one_that_takes_none_does_not():
    asked = {"capacity": 20, "footprint": "8x10", "pulse": "15mA:10ms:1s", "current": 0.2, "temperature": -10}
    low, plain = solved(**asked, lowest_voltage=3.3), solved(capacity=20, footprint="8x10")
    assert low.device.layers > plain.device.layers + 10
    assert "lowest voltage" in bound(low)
    idle = solved(capacity=3, footprint="5x6", current=0.001)
    same = solved(capacity=3, footprint="5x6")
    assert idle.device.layers == same.device.layers
    assert idle.device.cell_width_um == same.device.cell_width_um
    assert "lowest voltage" not in bound(idle)


REFUSED = [
    {"current": 40, "lowest_voltage": 3.85},
    {"pulse": "120mA:10ms:1s", "lowest_voltage": 3.8},
    {"charge_time": "3min"},
    {"pulse": "30mA:10ms:1s", "temperature": -30},
]


@pytest.mark.parametrize("asked", REFUSED, ids=str)
def test_each_nearest_value_alone_has_an_answer_and_a_little_further_has_none(asked):
    base = {"capacity": 3, "footprint": "5x6", "height": 1.3}
    with pytest.raises(DoesNotFit) as caught:
        solved(**base, **asked)
    nearest = caught.value.nearest
    names = {
        "current_ma": ("current", 1.01), "pulse": ("pulse", None), "lowest_voltage_v": ("lowest_voltage", 1.01),
        "charge_time_s": ("charge_time", 0.99), "temperature_c": ("temperature", None),
        "height_mm": ("height", 0.98), "capacity_mah": ("capacity", 1.01), "footprint_mm": ("footprint", None),
    }  # fmt: skip
    offered = {names[key]: value for key, value in nearest.to_json().items()}
    assert any(name in asked for name, _ in offered)
    for (name, further), value in offered.items():
        assert solved(**{**base, **asked, name: value})
        if further is not None:
            with pytest.raises(DoesNotFit):
                solved(**{**base, **asked, name: value * further})


def test_most_capacity_at_a_load_is_what_it_delivers():
    free = solved(footprint="5x6", height=1.3)
    loaded = solved(footprint="5x6", height=1.3, current=20, lowest_voltage=3.6)
    assert loaded.device.rated_mah == pytest.approx(free.device.rated_mah)
    assert loaded.device.delivery.load.delivered_mah < free.device.rated_mah
    with pytest.raises(DoesNotFit):
        solved(footprint="5x6", height=0.3, current=500)


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ({"current": "5 V"}, "current"),
        ({"pulse": "15mA:10ms"}, "15mA:10ms:1s"),
        ({"pulse": "15mA:2s:1s"}, "longer than its period"),
        ({"lowest_voltage": 3}, "none is asked for"),
        ({"current": 1, "lowest_voltage": 4.3}, "4.2 V"),
        ({"current": 1, "lowest_voltage": 2}, "at least 3 V"),
        ({"load": [(1, 2)], "current": 1}, "background"),
        ({"load": [(1, 0)]}, "no step"),
        ({"temperature": "warm"}, "-10"),
        ({"temperature": -80}, "-55 to 150"),
        ({"current": 1, "pdk": "what-if/lfp"}, "open_circuit"),
        ({"temperature": 0, "pdk": "what-if/nmc"}, "activation"),
    ],
)
def test_questions_that_are_none(asked, said):
    with pytest.raises(SpecError, match=said):
        solve(Spec(capacity=3, footprint="5x6", **asked))


def test_a_load_from_a_file(tmp_path):
    path = tmp_path / "day.csv"
    path.write_text("seconds,current_ma\n0.01,15\n0.99,0.1\n\n")
    assert read_load_profile(path, "here") == [[0.01, 15.0], [0.99, 0.1]]
    pulses = solved(capacity=3, footprint="5x6", pulse="14.9mA:10ms:1s", current=0.1)
    file = solved(capacity=3, footprint="5x6", load=read_load_profile(path, "here"))
    assert file.device.delivery.load.drop_v == pytest.approx(pulses.device.delivery.load.drop_v)
    path.write_text("seconds,current_ma\n1,x\n2\n")
    with pytest.raises(SpecError, match=r"day.csv, line 2") as caught:
        read_load_profile(path, "here")
    assert len(caught.value.problems) == 2
    path.write_text("t,i\n1,2\n")
    with pytest.raises(SpecError, match="seconds,current_ma"):
        read_load_profile(path, "here")
    with pytest.raises(SpecError, match="cannot be read"):
        read_load_profile(tmp_path / "none.csv", "here")


def refused(command):
    with pytest.raises(SystemExit) as caught:
        main(command)
    assert caught.value.code == 2


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("seconds,current_ma\n1,2\n1,-2\n", "line 3, column 2 (current_ma)"),
        ("seconds,current_ma\n1,nan\n", "line 2, column 2 (current_ma)"),
        ("seconds,current_ma\n0,3\n", "line 2, column 1 (seconds)"),
        ("seconds,current_ma\n1,1e400\n", "line 2, column 2 (current_ma)"),
        ("seconds,current_ma\n", "has a heading and no step"),
        ("seconds,current_ma\n" + "1,1\n" * 20_001, "more than 20000 steps"),
        ("", "is empty"),
        ("\0\n", "has the columns"),
    ],
)
def test_a_wrong_file_of_a_load_gets_one_message(tmp_path, capsys, text, said):
    path = tmp_path / "day.csv"
    path.write_text(text)
    refused(["solve", "--mah", "3", "--footprint", "5x6", "--load", str(path)])
    told = capsys.readouterr().err
    assert said in told
    assert "tuple" not in told
    assert told.count("day.csv") == 1


def test_a_load_is_a_regular_file_of_limited_size(tmp_path, capsys):
    large, pipe = tmp_path / "large.csv", tmp_path / "pipe.csv"
    with large.open("wb") as file:
        file.truncate(MOST_TEXT + 1)
    os.mkfifo(pipe)
    spec = tmp_path / "piped.toml"
    spec.write_text('capacity = 3\nfootprint = "5x6"\nload = "pipe.csv"\n')
    for path, said in ((large, "at most 16.0 mib are read"), (pipe, "a pipe"), (Path("/dev/zero"), "a device")):
        refused(["solve", "--mah", "3", "--footprint", "5x6", "--load", str(path)])
        assert said in capsys.readouterr().err
    refused(["solve", "--spec", str(spec)])
    assert "a pipe" in capsys.readouterr().err


@pytest.mark.parametrize("steps", [[], [(1, -2)], [(1, 1)] * 20_001])
def test_steps_of_a_load_in_a_question_get_one_message(steps):
    with pytest.raises(SpecError) as caught:
        Spec(capacity=3, footprint="5x6", load=steps)
    assert len(caught.value.problems) == 1
    assert "tuple" not in str(caught.value)


def test_a_current_that_plating_is_not_known_to_stand_is_flagged():
    flagged = solved(capacity=0.3, footprint="3x3", pulse="40mA:10ms:10s")
    codes = {flag.code for flag in flagged.device.flags}
    assert "current-density" in codes
    assert math.isfinite(flagged.device.delivery.load.peak_ma_per_cm2)


@pytest.mark.parametrize("asked", [{}, {"charge_time": "4h"}], ids=["rated", "asked"])
def test_figures_in_the_cold_are_of_one_temperature_and_a_charge_of_one_base(asked):
    solution = solved(capacity=3, footprint="5x6", height=2.5, objective="capacity", temperature=-10, **asked)
    device = solution.device
    warm = solved(capacity=3, footprint="5x6", height=2.5, objective="capacity").device
    found = device.delivery
    assert device.resistance_ohm > 5 * warm.resistance_ohm
    assert device.max_continuous_ma == pytest.approx(0.3 / device.resistance_ohm * 1000)
    (line,) = [text for name, text in facts(solution) if name == "resistance"]
    assert line.endswith(", at -10 C")

    words = "nine tenths of the capacity asked for" if asked else "nine tenths of the rated capacity"
    inputs = inputs_of(solution)
    rows = {name: condition for name, _, _, condition in ratings(inputs)}
    assert rows["Charge time"] == f"to {words}, -10 °C"
    assert rows["Internal resistance"] == "for hours, -10 °C"
    assert rows["Continuous current"].endswith("-10 °C")
    assert f"to {words}" in readme(inputs, "part", {}).decode()
    assert found.charge_to_mah == pytest.approx(0.9 * (3 if asked else device.rated_mah))
    table = [
        [float(cell) for cell in line.split(",")]
        for line in charge_profile(inputs.pdk, device).decode().splitlines()[1:]
    ]
    times, shares = zip(*((row[0], row[1]) for row in table), strict=True)
    reached = float(np.interp(found.charge_to_mah / device.rated_mah, shares, times))
    assert reached == pytest.approx(found.charge_s, rel=0.01)


def test_cycles_are_a_limit_whose_nearest_number_is_offered():
    asked = {"capacity": 5, "footprint": "8x10", "height": 0.75}
    with pytest.raises(DoesNotFit, match="5 mAh after 3000 cycles in 8 x 10 mm") as caught:
        solved(**asked, cycles=3000)
    most = caught.value.nearest.cycles
    assert most == int(most)
    assert f"cycles={most}" in str(caught.value).replace("--", "").replace(" ", "=")
    assert solved(**asked, cycles=most)
    with pytest.raises(DoesNotFit):
        solved(**asked, cycles=most * 1.011 + 1)


def test_no_voltage_below_the_cut_off_is_offered():
    with pytest.raises(DoesNotFit) as caught:
        solved(capacity=3, footprint="5x6", height=0.9, current=400, lowest_voltage=3.2)
    assert (caught.value.nearest.lowest_voltage_v or 3) >= 3
