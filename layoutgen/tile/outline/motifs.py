"""Rows without end of one or two cells that repeat, and how closely such a row stacks on itself.

A row of motifs is stacked with a shift from each row to the next. Contacts, not samples, decide which are
tried: the pitch at which neighbours touch, offsets of a second cell at which it slips past a corner of the
first, and shifts at the lowest points of the clearance, refined until they are exact to a unit.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from math import ceil

import numpy as np

from layoutgen.tile.outline.cell import Packed
from layoutgen.tile.outline.envelope import NONE, Floats

_SHIFTS = 96
_FAR = 8
"""Rows so far apart are held clear of each other."""
_STRETCHES = {
    1: (1.0, 1.03, 1.07, 1.12, 1.18, 1.25, 1.35, 1.5, 1.75),
    2: (1.0, 1.015, 1.03, 1.05, 1.075, 1.1, 1.14, 1.2),
}


@dataclass(frozen=True, slots=True)
class Motif:
    """Cells (turn, along the row, across it) that repeat after a pitch; the first one at (0, 0)."""

    cells: tuple[tuple[int, int, int], ...]
    pitch: int

    @property
    def count(self) -> int:
        return len(self.cells)

    @property
    def low(self) -> int:
        """How far below the first cell's corner the row reaches, 0 or less."""
        return min(across for _, _, across in self.cells)

    def top(self, cell: Packed) -> int:
        return max(across + cell.sizes[turn][1] for turn, _, across in self.cells)

    def offsets(self, shift: Floats, start: int, end: int, reach: float) -> Floats:
        """Along the row from a cell at ``start`` to every copy of one at ``end`` that comes near in a row shifted
        by so much; one line for each shift.
        """
        base = np.mod(shift + end - start, self.pitch)
        k = np.arange(-ceil(reach / self.pitch) - 1, ceil(reach / self.pitch) + 1)
        return base[:, None] + k * self.pitch


@dataclass(frozen=True, slots=True)
class Family:
    """A row of motifs stacked on itself: ``rise`` and ``shift`` from each row to the next. In a ``zigzag`` every
    other row is shifted back, and ``rise`` is the mean of both steps.
    """

    motif: Motif
    shift: int
    rise: int
    zigzag: bool = False

    @property
    def area(self) -> float:
        """That each cell takes."""
        return self.motif.pitch * self.rise / self.motif.count


def rises(cell: Packed, motif: Motif, shifts: Floats, *, exact: bool, upper: Motif | None = None) -> Floats:
    """How far a row must stand above the same row for each shift; or another row (``upper``) of the same pitch."""
    above = cell.above if exact else cell.roughly_above
    best = np.full(len(shifts), NONE)
    upper = upper or motif
    for i, (a, _, low) in enumerate(motif.cells):
        for j, (b, _, high) in enumerate(upper.cells):
            offsets = motif.offsets(shifts, motif.cells[i][1], upper.cells[j][1], cell.reach)
            values = above(a, b, offsets.ravel()).reshape(offsets.shape).max(axis=1)
            best = np.maximum(best, np.where(values > NONE / 2, values + low - high, NONE))
    return best


def pairs(cell: Packed) -> Iterator[Motif]:
    """Two cells of any turns, the second as near as it can be to the right of the first for each offset across."""
    turns = cell.turns
    done: set[tuple[int, int]] = set()
    for a in turns:
        for b in turns:
            if b < a:
                continue
            turned = sorted(((a + 180) % 360, (b + 180) % 360))
            if tuple(turned) in done and (a, b) != tuple(turned):
                continue
            done.add((a, b))
            drops = _drops(cell, a, b)
            there = cell.beside(a, b, drops)
            back = cell.beside(b, a, -drops)
            own = max(float(cell.beside(t, t, np.zeros(1))[0]) for t in (a, b))
            for drop, first, second in zip(drops.tolist(), there.tolist(), back.tolist(), strict=True):
                if min(first, second) <= NONE / 2:
                    continue
                pitch = max(first + second, own)
                yield Motif(((a, 0, 0), (b, ceil(first), round(drop))), ceil(pitch) + 1)


def _drops(cell: Packed, a: int, b: int) -> Floats:
    """Offsets across the row: evenly spread, and those at which corners of one pass corners of the other."""
    high, other = cell.sizes[a][1], cell.sizes[b][1]
    even = np.linspace(-other, high, 25)
    levels = [{edge.y0 for edge in cell.outline.turned(turn).at_origin().edges} for turn in (a, b)]
    few = len(levels[0]) * len(levels[1]) <= 36
    passing = {float(p - q) for p in levels[0] for q in levels[1]} if few else set()
    passing |= {0.0, float(high - other)}
    passing |= {level + sign * cell.distance for level in passing for sign in (-1, 1)}
    found = np.unique(np.concatenate([even, np.array(sorted(passing))]))
    found = found[(found > -other) & (found < high)]
    inside: Floats = found[found > 0] if a == b else found
    return inside


def singles(cell: Packed) -> Iterator[Motif]:
    for turn in cell.turns:
        yield Motif(((turn, 0, 0),), ceil(float(cell.beside(turn, turn, np.zeros(1))[0])))


def families(cell: Packed, most: int) -> list[Family]:
    """The densest families, of each pair of turns at most a few; each with a motif stretched along the row where
    that lets the next row sink deeper.
    """
    found: dict[tuple[int, ...], list[Family]] = {}
    shares = np.arange(_SHIFTS) / _SHIFTS
    for motif in (*singles(cell), *pairs(cell)):
        key = tuple(turn for turn, *_ in motif.cells)
        for stretch in _STRETCHES[motif.count]:
            longer = replace(motif, pitch=ceil(motif.pitch * stretch))
            if motif.count == 2:
                longer = _spread(longer, motif)
            values = rises(cell, longer, shares * longer.pitch, exact=False)
            steady, alternating = _steady(values), _alternating(values)
            for zigzag, each in ((False, steady), (True, alternating)):
                for index in _valleys(each)[:3]:
                    if not zigzag or each[index] < steady[index] * 0.999:
                        rough = Family(longer, round(shares[index] * longer.pitch), ceil(each[index]), zigzag)
                        found.setdefault(key, []).append(rough)
    kept: list[Family] = []
    for group in found.values():
        group.sort(key=lambda f: f.area)
        kept += _different(group, most)
    kept.sort(key=lambda f: f.area)
    return kept


def _steady(values: Floats) -> Floats:
    """Rise of each step where every row is shifted on: rows that are not neighbours may meet as well."""
    index = np.arange(len(values))
    found = values.copy()
    for step in range(2, _FAR + 1):
        found = np.maximum(found, values[index * step % len(values)] / step)
    return found


def _alternating(values: Floats) -> Floats:
    """Mean rise of a step where every other row is shifted back."""
    index = np.arange(len(values))
    both = values + values[-index % len(values)]
    # rows 2 k apart stand exactly above each other, those 2 k + 1 apart as neighbours do
    mean: Floats = np.maximum(both, values[0]) / 2
    return mean


def _spread(longer: Motif, motif: Motif) -> Motif:
    """What a pair gains in pitch goes to both gaps."""
    more = (longer.pitch - motif.pitch) // 2
    (first, second) = longer.cells
    return replace(longer, cells=(first, (second[0], second[1] + more, second[2])))


def _valleys(values: Floats) -> list[int]:
    """Indices of the local minima of a function on a circle, the lowest first."""
    before, after = np.roll(values, 1), np.roll(values, -1)
    at = np.flatnonzero((values <= before) & (values < after) | (values < before) & (values <= after))
    if not len(at):
        at = np.array([int(np.argmin(values))])
    return sorted(at.tolist(), key=lambda index: (values[index], index))


def meeting_shifts(cell: Packed, lower: Motif, upper: Motif, most: int) -> list[int]:
    """The shifts at which one row sinks deepest onto another of the same pitch."""
    shares = np.arange(_SHIFTS) / _SHIFTS * lower.pitch
    values = rises(cell, lower, shares, exact=False, upper=upper)
    found = []
    for index in _valleys(values)[:most]:
        near = np.rint(shares[index] + np.linspace(-1, 1, 33) * lower.pitch / _SHIFTS)
        exact = rises(cell, lower, near, exact=True, upper=upper)
        found.append(int(near[int(np.argmin(exact))]) % lower.pitch)
    return found


def _different(group: list[Family], most: int) -> list[Family]:
    """The first few that are not nearly the same."""
    kept: list[Family] = []
    for family in group:
        if all(
            abs(family.motif.pitch - other.motif.pitch) > 0.01 * other.motif.pitch
            or abs(family.rise - other.rise) > 0.01 * other.rise
            for other in kept
        ):
            kept.append(family)
            if len(kept) == most:
                break
    return kept


def refined(cell: Packed, family: Family) -> Family:
    """The least area near to that of a family, exact to a unit: shift, pitch and the place of a second cell are
    moved in turn, in steps that become smaller.
    """
    best = replace(family, rise=exact_rise(cell, family))
    least = _least_gaps(cell, family.motif)
    step = family.motif.pitch / _SHIFTS
    for _ in range(7):
        for _ in range(3):
            tried = list(_moved(best, max(1, round(step)), least))
            values = [exact_rise(cell, other) for other in tried]
            better = min(
                (replace(other, rise=rise) for other, rise in zip(tried, values, strict=True)), key=lambda f: f.area
            )
            if better.area >= best.area:
                break
            best = better
        step /= 4
    half = replace(best, shift=best.motif.pitch // 2)
    rise = exact_rise(cell, half)
    return replace(half, rise=rise) if rise <= best.rise else best


def _least_gaps(cell: Packed, motif: Motif) -> tuple[int, int]:
    """How near the second cell of a motif may stand after the first, and the first of the next motif after it."""
    if motif.count == 1:
        turn = motif.cells[0][0]
        return ceil(float(cell.beside(turn, turn, np.zeros(1))[0])), 0
    (a, _, _), (b, _, drop) = motif.cells
    own = max(float(cell.beside(t, t, np.zeros(1))[0]) for t in (a, b))
    there, back = (float(cell.beside(*ends)[0]) for ends in ((a, b, np.array([drop])), (b, a, np.array([-drop]))))
    return ceil(there), max(ceil(back), ceil(own) - ceil(there))


def _moved(family: Family, step: int, least: tuple[int, int]) -> Iterator[Family]:
    """Neighbours of a family in each of its freedoms."""
    motif = family.motif
    for shift in (-step, step):
        yield replace(family, shift=(family.shift + shift) % motif.pitch)
    gaps = [motif.pitch] if motif.count == 1 else [motif.cells[1][1], motif.pitch - motif.cells[1][1]]
    for index in range(len(gaps)):
        for change in (-step, step):
            moved = list(gaps)
            moved[index] = max(least[index], gaps[index] + change)
            pitch = sum(moved)
            if moved == gaps:
                continue
            cells = motif.cells
            if motif.count == 2:
                cells = (cells[0], (cells[1][0], moved[0], cells[1][2]))
            # the shift keeps its share of the pitch, or its distance
            share = round(family.shift * pitch / motif.pitch)
            for shift in dict.fromkeys((share, family.shift)):
                yield replace(family, motif=Motif(cells, pitch), shift=shift % pitch)


def exact_rise(cell: Packed, family: Family) -> int:
    """Of one step, rounded up; of a zigzag the mean."""
    shift = family.shift
    if family.zigzag:
        there, back, still = rises(cell, family.motif, np.array([shift, -shift, 0.0]), exact=True).tolist()
        return ceil(float(max(there + back, still)) / 2)
    steps = np.arange(1, _FAR + 1, dtype=np.float64)
    return ceil(float(np.max(rises(cell, family.motif, steps * float(shift), exact=True) / steps)))
