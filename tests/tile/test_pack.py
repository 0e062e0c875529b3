"""Packings of one frame: valid, never above a bound, and as good as exhaustive search where that is possible."""

import csv
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from layoutgen.tile.model import Effort
from layoutgen.tile.pack.bounds import area_bound, barnes_bound, frame_bound
from layoutgen.tile.pack.frame import pack
from layoutgen.tile.pack.points import best_fill, normal_points
from tests.tile.brute import most_items
from tests.tile.checker import check_packing

DATA = Path(__file__).parents[2] / "benchmarks" / "data"


def instances(name):
    with (DATA / name).open(newline="") as file:
        return list(csv.DictReader(file))


@given(st.integers(0, 400), st.integers(0, 400), st.integers(7, 60), st.integers(7, 60), st.booleans())
@settings(max_examples=150, deadline=None)
def test_any_packing_is_valid(width, height, w, h, turn):
    check_packing(pack((width, height), (w, h), rotation_allowed=turn), rotation_allowed=turn)


@given(st.integers(1, 9), st.integers(1, 6), st.integers(1, 5), st.integers(1, 4))
@settings(max_examples=80, deadline=None)
def test_tiny_frames_against_exhaustive_search(width, height, w, h):
    best = most_items(width, height, w, h)
    packing = pack((width, height), (w, h), effort=Effort.HIGH)
    check_packing(packing)
    assert packing.count <= best <= packing.upper_bound
    assert best <= barnes_bound((width, height), (w, h))
    assert best <= area_bound((width, height), (w, h))
    if packing.proof:
        assert packing.count == best


@pytest.mark.parametrize("name", ["cover1.csv", "mplp_known.csv"])
def test_bounds_stay_above_known_packings(name):
    for row in instances(name):
        frame, item = (int(row["L"]), int(row["W"])), (int(row["l"]), int(row["w"]))
        known = int(row.get("best") or row["best_or_opt"])
        assert frame_bound(frame, item)[0] >= known, row


@pytest.mark.parametrize(
    ("frame", "item", "least"),
    [((300_050, 300_050), (8_050, 10_050), 1109), ((1_000_050, 600_050), (8_050, 10_050), 7404)],
)
def test_practical_frames(frame, item, least):
    packing = pack(frame, item)
    check_packing(packing)
    assert packing.count >= least


def test_rotation_can_be_forbidden():
    assert pack((10, 10), (3, 7), rotation_allowed=False).count == 3
    assert pack((10, 10), (3, 7), rotation_allowed=True).count == 4


def test_nothing_fits():
    packing = pack((5, 5), (6, 7))
    assert (packing.count, packing.upper_bound, packing.blocks) == (0, 0, ())
    assert pack((-3, 10), (1, 1)).count == 0


@pytest.mark.parametrize("item", [(0, 4), (4, -1)])
def test_an_item_without_size_is_refused(item):
    with pytest.raises(ValueError, match="positive"):
        pack((10, 10), item)


def test_scaling_changes_nothing():
    small, large = pack((83, 82), (11, 7)), pack((83_000_017, 82_000_003), (11_000_000, 7_000_000))
    assert small.count == large.count
    assert [(b.x * 1_000_000, b.y * 1_000_000, b.count) for b in small.blocks] == [
        (b.x, b.y, b.count) for b in large.blocks
    ]


@given(st.integers(0, 300), st.integers(1, 40), st.integers(1, 40))
def test_best_fill_is_the_largest_sum(limit, u, v):
    sums = {a * u + b * v for a in range(limit // u + 1) for b in range(limit // v + 1) if a * u + b * v <= limit}
    assert best_fill(limit, u, v) == max(sums)
    assert normal_points(limit, u, v).tolist() == sorted(sums)


@pytest.mark.parametrize("frame", [(3 * 10**9, 3 * 10**9), (3 * 10**9 - 1, 10**6 + 7)])
@pytest.mark.parametrize("item", [(2, 1), (999_983, 999_979), (10**6, 3), (1_000_003, 1)])
def test_extreme_sizes_end_quickly_and_within_bounds(frame, item):
    packing = pack(frame, item, effort=Effort.STANDARD)
    assert 0 < packing.count <= packing.upper_bound <= frame[0] * frame[1] // (item[0] * item[1])
    assert packing.gap_percent < 1
    corners = [
        (b.x + b.columns * (item[1] if b.rotated else item[0]), b.y + b.rows * (item[0] if b.rotated else item[1]))
        for b in packing.blocks
    ]
    assert all(x <= frame[0] and y <= frame[1] for x, y in corners)
