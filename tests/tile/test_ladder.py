"""The upper rungs: five-block, L-approach, set-packing and line bounds, against known optima and small oracles."""

from dataclasses import replace
from functools import cache

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from layoutgen.tile.model import Effort, Packing
from layoutgen.tile.pack.blocks import BlockTable, Budget
from layoutgen.tile.pack.bounds import LineBound
from layoutgen.tile.pack.corners import Filler, corner_blocks
from layoutgen.tile.pack.frame import pack
from layoutgen.tile.pack.lshape import LSearch
from layoutgen.tile.pack.search import Unfinished, find
from layoutgen.tile.pack.setpack import set_packing_bound
from layoutgen.tile.pack.strips import strip_count
from layoutgen.web.plan import Block
from tests.tile.brute import most_items
from tests.tile.checker import check_packing, disjoint
from tests.tile.test_pack import instances


def numbers(row):
    return (int(row["L"]), int(row["W"])), (int(row["l"]), int(row["w"]))


def test_every_fortieth_class_of_cover_one():
    unproved = []
    for row in instances("cover1.csv")[::40]:
        packing = pack(*numbers(row), effort=Effort.HIGH)
        check_packing(packing)
        assert packing.count == int(row["best"]), row
        assert packing.upper_bound >= int(row["best"]), row
        if not packing.proved_optimal:
            unproved.append(row)
    assert len(unproved) <= 1


def test_set_packing_proves_what_simpler_bounds_do_not():
    rows = [row for row in instances("cover1.csv") if row["proof"] == "setpackLP"][::25]
    for row in rows:
        assert set_packing_bound(*numbers(row), most_entries=10**7) == int(row["best"]), row


@pytest.mark.parametrize("row", [row for row in instances("cover1.csv") if row["proof"] in {"cpsat", "OPEN"}])
def test_bounds_stay_above_the_hardest_classes(row):
    frame, item = numbers(row)
    assert set_packing_bound(frame, item, most_entries=10**7) >= int(row["best"])
    assert LineBound(*item)(*frame) >= int(row["best"])


@pytest.mark.parametrize(("instance", "best"), [((22, 16, 5, 3), 23), ((87, 47, 7, 6), 97), ((53, 51, 9, 7), 42)])
def test_five_block(instance, best):
    packing = pack(instance[:2], instance[2:], effort=Effort.HIGH)
    check_packing(packing)
    assert (packing.count, packing.upper_bound) == (best, best)


@pytest.mark.parametrize(
    ("instance", "best"), [((108, 65, 10, 7), 100), pytest.param((74, 49, 11, 4), 82, marks=pytest.mark.slow)]
)
def test_l_approach_beyond_five_blocks(instance, best):
    frame, item = instance[:2], instance[2:]
    table = BlockTable(frame, item)
    assert table.fill(Budget(10**9), 10**7) == best - 1
    blocks = LSearch(table, Budget(200_000_000)).improve(best, 3)
    check_packing(Packing(frame, item, blocks, best, "L-approach", "bound"))


@given(st.integers(20, 90), st.integers(20, 90), st.integers(3, 12), st.integers(3, 12))
@settings(max_examples=15, deadline=None)
def test_l_approach_gives_valid_packings(width, height, w, h):
    """Started from a table without pinwheels, so that it has something to improve."""
    table = BlockTable((width, height), (w, h)) if w != h and np.gcd(w, h) == 1 else None
    if table is None or not table.count:
        return
    bound = LineBound(w, h)(width, height)
    blocks = LSearch(table, Budget(3_000_000)).improve(bound, 2)
    if blocks:
        count = sum(block.count for block in blocks)
        assert count > table.count
        check_packing(
            Packing((width, height), (w, h), blocks, max(bound, count), "L", "x" if count == bound else "")
        )


@given(st.integers(1, 160), st.integers(1, 160), st.integers(4, 30), st.integers(4, 30))
@settings(max_examples=40, deadline=None)
def test_high_effort_is_valid_and_never_below_standard(width, height, w, h):
    high = pack((width, height), (w, h), effort=Effort.HIGH)
    check_packing(high)
    standard = pack((width, height), (w, h))
    assert high.count >= standard.count
    assert high.upper_bound <= standard.upper_bound
    assert high == pack((width, height), (w, h), effort=Effort.HIGH)


@cache
def most_by_straight_cuts(width, height, w, h):
    if min(width, height) < min(w, h):
        return 0
    best = int((width >= w and height >= h) or (width >= h and height >= w))
    for cut in range(1, width // 2 + 1):
        best = max(
            best, most_by_straight_cuts(cut, height, w, h) + most_by_straight_cuts(width - cut, height, w, h)
        )
    for cut in range(1, height // 2 + 1):
        best = max(best, most_by_straight_cuts(width, cut, w, h) + most_by_straight_cuts(width, height - cut, w, h))
    return best


@given(st.integers(5, 40), st.integers(5, 40), st.integers(2, 9), st.integers(2, 9))
@settings(max_examples=40, deadline=None)
def test_guillotine_only_is_exact_and_cuttable(width, height, w, h):
    packing = pack((width, height), (w, h), effort=Effort.HIGH, guillotine_only=True)
    check_packing(packing)
    assert packing.count == most_by_straight_cuts(width, height, w, h)
    boxes = [
        (b.x, b.y, b.x + b.columns * (h if b.rotated else w), b.y + b.rows * (w if b.rotated else h))
        for b in packing.blocks
    ]
    assert cuttable(boxes)


def cuttable(boxes):
    """Whether straight cuts from edge to edge take the blocks apart."""
    if len(boxes) <= 1:
        return True
    for axis in (0, 1):
        for cut in sorted({box[axis + 2] for box in boxes}):
            low = [box for box in boxes if box[axis + 2] <= cut]
            high = [box for box in boxes if box[axis] >= cut]
            if low and high and len(low) + len(high) == len(boxes):
                return cuttable(low) and cuttable(high)
    return False


def test_the_checker_sees_what_is_wrong():
    packing = pack((100, 80), (9, 7), effort=Effort.HIGH)
    check_packing(packing)
    first, *rest = packing.blocks
    for wrong in (
        replace(first, x=first.x - 1),
        replace(first, columns=first.columns + 1),
        replace(first, rotated=not first.rotated),
        Block(first.x, first.y, first.columns, 0, first.rotated),
    ):
        with pytest.raises(AssertionError):
            check_packing(replace(packing, blocks=(wrong, *rest)))
    assert disjoint([(0, 0, 2, 2), (2, 0, 4, 2), (0, 2, 4, 3)])
    assert not disjoint([(0, 0, 3, 2), (2, 1, 4, 2)])


def test_cp_sat_proves_what_is_left():
    pytest.importorskip("ortools")
    open_ended = pack((32, 22), (5, 4), effort=Effort.STANDARD)
    assert (open_ended.count, open_ended.upper_bound) == (34, 35)
    closed = pack((32, 22), (5, 4), effort=Effort.STANDARD, proof_work=20.0)
    check_packing(closed)
    assert (closed.count, closed.upper_bound, closed.proof) == (34, 34, "CP-SAT bound")


@given(st.integers(2, 10), st.integers(2, 7), st.integers(1, 5), st.integers(1, 4))
@settings(max_examples=40, deadline=None)
def test_the_search_against_exhaustive_search(width, height, w, h):
    best = most_items(width, height, w, h)
    assert find((width, height), (w, h), best + 1, Budget(10**6)) is None
    if best:
        found = find((width, height), (w, h), best, Budget(10**6))
        check_packing(Packing((width, height), (w, h), found, len(found), "search", "x"))
        assert len(found) == best


@pytest.mark.parametrize("row", [(32, 22, 5, 4, 34), (40, 26, 7, 4, 36), (40, 33, 7, 4, 46), (83, 46, 11, 7, 48)])
def test_the_search_proves_what_bounds_leave_open(row):
    packing = pack(row[:2], row[2:4], effort=Effort.HIGH)
    check_packing(packing)
    assert (packing.count, packing.upper_bound, packing.proof) == (row[4], row[4], "set-packing search bound")


def test_the_search_finds_what_five_blocks_miss():
    found = find((74, 49), (11, 4), 82, Budget(2_000_000))
    check_packing(Packing((74, 49), (11, 4), found, 82, "search", "x"))


def test_the_search_ends_with_its_work():
    with pytest.raises(Unfinished):
        find((74, 46), (7, 5), 97, Budget(20_000))


@settings(max_examples=60, deadline=None)
@given(st.integers(2, 9), st.integers(2, 9), st.integers(1, 5), st.integers(1, 4))
def test_corner_blocks_against_exhaustive_search(width, height, w, h):
    blocks = corner_blocks((width, height), (w, h), 10**6, 10_000)
    boxes = [
        box
        for block in blocks
        for size in [(h, w) if block.rotated else (w, h)]
        for column in range(block.columns)
        for row in range(block.rows)
        for x, y in [(block.x + column * size[0], block.y + row * size[1])]
        for box in [(x, y, x + size[0], y + size[1])]
    ]
    assert disjoint(boxes)
    assert all(x0 >= 0 and y0 >= 0 and x1 <= width and y1 <= height for x0, y0, x1, y1 in boxes)
    assert len(boxes) <= most_items(width, height, w, h)


@settings(max_examples=100, deadline=None)
@given(
    st.lists(st.tuples(st.integers(1, 90), st.integers(1, 90)), min_size=1, max_size=5),
    st.integers(2, 9),
    st.integers(2, 9),
    st.integers(0, 600),
)
def test_rectangles_are_given_up_only_where_they_hold_no_more(sizes, w, h, above):
    counts = [max(strip_count(size, w, h), strip_count(size[::-1], w, h)) for size in sizes]
    found = Filler((90, 90), (w, h)).counted(sizes, above)
    assert found == sum(counts) or (not found and sum(counts) <= above)


@pytest.mark.parametrize(
    ("frame", "item", "least"),
    [
        ((600, 600), (7.8, 7.7), 5908),
        ((600, 600), (15.3, 5.0), 4641),
        ((600, 600), (15.9, 3.9), 5700),
        ((600, 600), (13.0, 4.4), 6196),
        ((1000, 600), (10.8, 10.5), 5235),
        ((1000, 600), (13.0, 4.4), 10329),
    ],
)
def test_large_frames_hold_what_corner_blocks_hold(frame, item, least):
    """Beyond the points of a table; 70 lines of another program's corner blocks found as many."""
    size, cell = (tuple(round(side * 1000) + 50 for side in sides) for sides in (frame, item))
    packing = pack(size, cell, effort=Effort.HIGH)
    check_packing(packing)
    assert least <= packing.count <= packing.upper_bound
