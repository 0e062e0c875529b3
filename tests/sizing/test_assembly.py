"""Rated over nominal by the order of a line: the hand cases, and every order by simulation of lots and cells."""

import json
import math
from statistics import NormalDist

import numpy as np
import pytest
from click.testing import CliRunner

from layoutgen.cli import cli
from layoutgen.pdk.load import load_pdk
from layoutgen.sizing.assembly import (
    Assembly,
    Order,
    design_effect,
    lots_in_stack,
    stack_sigma,
    within_class,
    within_classes,
)
from layoutgen.sizing.capacity import rated_mah
from layoutgen.sizing.process import process_of

Z = NormalDist().inv_cdf(0.99)
LOT, CELL = 0.02, 0.03


@pytest.mark.parametrize(
    ("assembly", "share"),
    [
        (Assembly(Order.SHUFFLED), 0.9456),
        (Assembly(Order.MIXED, lots=10), 0.9797),
        (Assembly(Order.MATCHED, estimate=0.7, lots=math.inf), 0.9902),
        (Assembly(Order.WEB, neighbours=0.25), 0.9328),
    ],
)
def test_rated_over_nominal_of_49_layers(assembly, share):
    assert 1 - Z * stack_sigma(assembly, 49, LOT, CELL) / 0.875 == pytest.approx(share, abs=5e-5)


@pytest.mark.parametrize(("share", "layers"), [(0.9456, 49), (0.9872, 47), (0.9961, 47)])
def test_20_mah_by_that_share(share, layers):
    """0.7157 cm2 of 0.69 mAh/cm2 at a utilisation of 0.875."""
    assert math.ceil(20 / (0.7157 * 0.69 * 0.875 * share)) == layers


def test_neighbours_cost_a_factor_of_13():
    assert design_effect(49, 0.25) == 13.0
    assert design_effect(49, 0.25) ** 0.5 == pytest.approx(3.61, abs=0.006)


@pytest.mark.parametrize("trays", [1, 2, 3, 8, 16])
def test_share_inside_classes(trays):
    values = np.sort(np.random.default_rng(5).standard_normal(480_000))
    inside = np.mean([part.var() for part in np.split(values, trays)])
    assert within_class(trays) == pytest.approx(inside, abs=0.004)


def test_a_stack_takes_from_no_more_classes_than_it_has_cells():
    assert within_classes(np.array([1, 2, 7, 49]), 7).tolist() == [within_class(k) for k in (1, 2, 7, 7)]


@pytest.mark.parametrize(
    ("layers", "lots", "counts"), [(49, 10, [5] * 9 + [4]), (7, 3, [3, 2, 2]), (3, 10, [1] * 3)]
)
def test_lots_that_average_alike(layers, lots, counts):
    assert sum(counts) == layers
    assert lots_in_stack(layers, lots) == pytest.approx(layers**2 / sum(count**2 for count in counts))


def line(assembly, layers, seed):
    """Means of stacks, one of each group of lots, built word by word as the order says."""
    rng = np.random.default_rng(seed)
    groups, lots = 40_000, int(assembly.lots)
    if assembly.order in {Order.WEB, Order.SHUFFLED}:
        common = math.sqrt(assembly.neighbours) if assembly.order is Order.WEB else 0.0
        cells = common * rng.standard_normal((groups, 1)) + math.sqrt(1 - common**2) * rng.standard_normal(
            (groups, layers)
        )
        return LOT * rng.standard_normal(groups) + CELL * cells.mean(axis=1)
    means = LOT * rng.standard_normal((groups, lots))
    if assembly.order is Order.MIXED:
        return means[:, np.arange(layers) % lots].mean(axis=1) + CELL * rng.standard_normal((groups, layers)).mean(
            axis=1
        )
    found = []
    for lot in means[:1500]:
        truth = np.repeat(lot, 210) + CELL * rng.standard_normal(lots * 210)
        spread = math.hypot(LOT * math.sqrt(1 - 1 / lots), CELL)
        noise = spread * math.sqrt(1 / assembly.estimate**2 - 1)
        rising = np.argsort(truth + noise * rng.standard_normal(len(truth)))
        trays = np.array_split(rising, int(assembly.trays))
        each = layers // len(trays)
        found += [np.mean([truth[rng.choice(tray, each, replace=False)] for tray in trays]) for _ in range(8)]
    return np.array(found)


@pytest.mark.parametrize(
    ("assembly", "layers"),
    [
        (Assembly(Order.WEB, neighbours=0.3), 49),
        (Assembly(Order.WEB, neighbours=0.3), 1),
        (Assembly(Order.SHUFFLED), 12),
        (Assembly(Order.MIXED, lots=5), 12),
        (Assembly(Order.MIXED, lots=5), 3),
        (Assembly(Order.TRAYS, lots=4, estimate=0.8, trays=7), 14),
        (Assembly(Order.TRAYS, lots=1, estimate=0.6, trays=4), 4),
    ],
)  # fmt: skip
def test_sigma_of_simulated_lines(assembly, layers):
    seen = line(assembly, layers, 17)
    # stacks of one group of lots share the mean of the lots
    groups = len(seen) if assembly.order not in {Order.TRAYS, Order.MATCHED} else 1500
    error = 3 / math.sqrt(2 * groups)
    assert seen.std() == pytest.approx(stack_sigma(assembly, layers, LOT, CELL), rel=error)


def test_trays_lie_between_one_class_and_perfect_matching():
    sigmas = [
        stack_sigma(Assembly(Order.TRAYS, lots=10, estimate=0.9, trays=trays), 49, LOT, CELL)
        for trays in (1, 2, 8, 64)
    ]
    assert sigmas == sorted(sigmas, reverse=True)
    assert sigmas[-1] > stack_sigma(Assembly(Order.MATCHED, lots=10, estimate=0.9), 49, LOT, CELL)


@pytest.mark.parametrize("order", Order)
def test_one_cell_is_as_uncertain_in_any_order(order):
    line = Assembly(order, neighbours=0.3, lots=10, estimate=0.9, trays=7)
    assert stack_sigma(line, 1, LOT, CELL) == pytest.approx(np.hypot(LOT, CELL))


@pytest.mark.parametrize("order", Order)
def test_one_more_layer_never_rates_less(order, steel):
    process = process_of(steel.pdk)
    process = process.with_values(assembly=process.assembly.with_order(order))
    layers = np.arange(1, 201, dtype=float)
    together = rated_mah(process, layers, 0.7, 0.99)
    assert (np.diff(together) > 0).all()
    assert together.tolist() == pytest.approx([float(rated_mah(process, n, 0.7, 0.99)) for n in layers])


def solved(*settings):
    arguments = ["solve", "--json", "-q", "--mah", "20", "--footprint", "8x10", *settings]
    done = CliRunner().invoke(cli, arguments)
    assert done.exit_code == 0, done.output
    return json.loads(done.stdout)


def test_the_kit_rates_the_careful_order_and_says_what_others_save():
    design = solved()
    effects = {item["order"]: item for item in design["orders"]}
    assert effects["web"]["rated_mah"] == pytest.approx(design["device"]["capacity_mah"]["rated"])
    assert effects["web"]["rated_mah"] == min(item["rated_mah"] for item in effects.values())
    mixed = solved("--set", "assembly.order=mixed")
    assert mixed["device"]["layers"] == effects["mixed"]["layers"] < design["device"]["layers"]
    assert mixed["device"]["package_mm"]["height"] == pytest.approx(effects["mixed"]["height_mm"])


@pytest.mark.parametrize(
    ("path", "text"), [("lots", "2.5"), ("trays", "0"), ("order", "fifo"), ("order_correlation", "1.1")]
)
def test_numbers_that_no_line_has_are_refused(path, text):
    done = CliRunner().invoke(
        cli, ["solve", "--mah", "2", "--footprint", "8x10", "--set", f"assembly.{path}={text}"]
    )
    assert done.exit_code != 0
    assert path in str(done.exception) or path in done.output


def test_a_kit_that_says_nothing_of_its_line_is_rated_with_care(tmp_path):
    """A kit of 0.1, copied whole, does not know the table."""
    CliRunner().invoke(cli, ["pdk", "copy", "anodeless-ss", str(tmp_path / "fab"), "--flat"])
    file = tmp_path / "fab" / "process.toml"
    kept, _, rest = file.read_text("utf-8").partition("[assembly]\n")
    file.write_text(kept + rest[rest.index("[electrical]") :], encoding="utf-8")
    loaded = load_pdk(str(tmp_path / "fab"), [("assembly.lots", "4")])
    assert loaded.pdk.assembly.order == "web"
    assert loaded.pdk.assembly.lots.value == 4
