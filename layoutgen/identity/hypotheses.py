"""How a file lies over its design: the similarity under which most vertices, or middles of polygons, coincide.

Candidates come from what survives most changes: directions of long edges, extents, areas, and differences of points
that many pairs share. Each is scored by the part of points, layer by layer and both ways, that finds a partner.
"""

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import product
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from layoutgen.geometry.nearest import Points
from layoutgen.identity.shapes import Block, Drawing, Mask
from layoutgen.identity.similarity import Complexes, Similarity, complexes, quarter

_MOST_POINTS: Final = 300_000
"""Layers are looked at from the smallest up, as long as they have no more vertices together."""
_COARSE: Final = 60
_FINE: Final = 1500
_VOTERS: Final = 240
_AS_IT_SHOULD: Final = 0.985
"""From this score on a file lies as it should; what is exact counts two percent of it."""
_NICE_TURN_DEG: Final = 1e-3
UNIT_FACTORS: Final[dict[float, str]] = {
    25.4: "inches for millimetres",
    1 / 25.4: "millimetres for inches",
    0.0254: "mils for micrometres, the wrong way round",
    1 / 0.0254: "micrometres for mils",
    25_400.0: "inches for micrometres",
    1 / 25_400.0: "micrometres for inches",
    2.54: "inches for centimetres",
    1 / 2.54: "centimetres for inches",
    1000.0: "a unit a thousand times larger",
    1 / 1000.0: "a unit a thousand times smaller",
    1e6: "a unit a million times larger",
    1e-6: "a unit a million times smaller",
    10.0: "a unit ten times larger",
    0.1: "a unit ten times smaller",
    100.0: "a unit a hundred times larger",
    0.01: "a unit a hundred times smaller",
}
"""Factors that come from a unit read as another, and the mistake behind each."""


@dataclass(frozen=True, slots=True)
class Fit:
    """A similarity from the file onto the design; ``score`` is the part of points that coincide, 0..1, ``within``
    the distance up to which they count as coinciding, in units of the design."""

    by: Similarity
    score: float
    within: float


@dataclass(frozen=True, slots=True)
class _Side:
    """Points of one kind of one layer, with a tree to find the nearest of them."""

    points: Complexes
    tree: Points

    def sample(self, most: int) -> Complexes:
        step = max(1, -(-len(self.points) // most))
        return self.points[::step]


@dataclass(frozen=True, slots=True)
class _Pair:
    """One kind of point of one layer in both drawings; ``layer`` groups kinds."""

    layer: int
    seen: _Side
    meant: _Side


def best_fit(seen: Drawing, meant: Drawing, *, pooled: bool = False) -> tuple[Fit, Fit] | None:
    """The fit of a file as it lies, and the best one; None where there is nothing to compare.

    Args:
        seen: the file's drawing, in units of the design.
        meant: the design's.
        pooled: whether layers are taken together, as where they were renumbered.
    """
    pairs = _pairs(seen, meant, pooled=pooled)
    if not pairs:
        return None
    lying = _scored(pairs, Similarity(), 2.0, _FINE)
    if lying.score > _AS_IT_SHOULD:
        return lying, lying
    askew = _askew_deg(seen)
    upright = Similarity(complex(math.cos(math.radians(-askew)), math.sin(math.radians(-askew)))) if askew else None
    extent = max(_span(pair.meant.points) for pair in pairs)
    telling = _telling(pairs)
    candidates = list(_candidates(telling, upright))
    scores = _roughly(telling, candidates, extent)
    best = lying
    for index in np.argsort(-scores, kind="stable")[:8]:
        candidate = candidates[int(index)]
        found = _refined(pairs, candidate, extent)
        if found.score > best.score + 1e-9:
            best = found
    return lying, best


def _pairs(seen: Drawing, meant: Drawing, *, pooled: bool) -> list[_Pair]:
    if pooled:
        seen, meant = {(0, 0): _together(seen)}, {(0, 0): _together(meant)}
    common = [key for key in meant if key in seen and meant[key].vertices and seen[key].vertices]
    common.sort(key=lambda key: (meant[key].vertices + seen[key].vertices, key))
    found: list[_Pair] = []
    total = 0
    for number, key in enumerate(common):
        total += meant[key].vertices + seen[key].vertices
        if found and total > _MOST_POINTS:
            break
        found += [_Pair(number, _side(kind(seen[key])), _side(kind(meant[key]))) for kind in (_vertices, _middles)]
    return found


def _telling(pairs: Sequence[_Pair]) -> list[_Pair]:
    """Pairs enough to find candidates with: those with the most points, and the smallest that is no rectangle."""
    layers = sorted({pair.layer for pair in pairs})
    sizes = {layer: max(len(p.seen.points) for p in pairs if p.layer == layer) for layer in layers}
    many = [layer for layer in layers if sizes[layer] > 8] or layers
    chosen = {*many[:2], *many[-5:]}
    return [pair for pair in pairs if pair.layer in chosen]


def _roughly(pairs: Sequence[_Pair], candidates: Sequence[Similarity], extent: float) -> NDArray[np.float64]:
    """The score of each candidate on a few points of each pair, those of one scale at once."""
    scores = np.zeros(len(candidates))
    sizes = np.array([float(f"{candidate.scale:.9g}") for candidate in candidates])
    for size in np.unique(sizes):
        rows = np.flatnonzero(sizes == size)
        group = [candidates[int(row)] for row in rows]
        within = _tolerance(group[0], extent, exact=False)
        layers: dict[int, NDArray[np.float64]] = {}
        for pair in pairs:
            seen, meant = pair.seen.sample(_COARSE), pair.meant.sample(_COARSE)
            forth = np.stack([candidate.of(seen) for candidate in group])
            fro = np.stack([candidate.inverse().of(meant) for candidate in group])
            hits = _hit(pair.meant, forth, within).mean(axis=1) + _hit(pair.seen, fro, within / size).mean(axis=1)
            layers[pair.layer] = np.maximum(layers.get(pair.layer, 0.0), hits / 2)
        scores[rows] = sum(layers.values()) / len(layers)
    return scores


def _together(drawing: Drawing) -> Mask:
    return Mask(tuple(block for mask in drawing.values() for block in mask.blocks))


def _side(points: Complexes) -> _Side:
    return _Side(points, Points(points))


def _vertices(mask: Mask) -> Complexes:
    return _placed((block.points.reshape(-1, 2), block) for block in mask.blocks)


def _middles(mask: Mask) -> Complexes:
    return _placed(((block.points.min(axis=1) + block.points.max(axis=1)) / 2, block) for block in mask.blocks)


def _placed(parts: Iterable[tuple[Any, Block]]) -> Complexes:
    found = [
        (complexes(points)[:, None] + complexes(block.origins)[None]).ravel()
        for points, block in parts
        if block.count
    ]
    return np.unique(np.concatenate(found))


def _span(points: Complexes) -> float:
    return float(max(np.ptp(points.real), np.ptp(points.imag), 1.0))


def _askew_deg(drawing: Drawing) -> float:
    """By how much the long edges of a drawing lie off the axes, -45 < angle <= 45; 0 where they do not."""
    steps = []
    for mask in drawing.values():
        for block in mask.blocks:
            if block.count:
                edges = complexes(np.roll(block.points, -1, axis=1) - block.points).ravel()
                steps.append(edges[np.argsort(-np.abs(edges), kind="stable")[:400]])
    if not steps:
        return 0.0
    edges = np.concatenate(steps)
    edges = edges[np.argsort(-np.abs(edges), kind="stable")[:400]]
    edges = edges[np.abs(edges) > 0.05 * np.abs(edges[0])]
    angles = np.degrees(np.angle(edges)) % 90.0
    # the direction that most length shares; 0 and 90 are one direction
    fourfold = np.exp(4j * np.radians(angles))
    shares = [float(np.abs(edges[np.abs(fourfold - one) < 1e-3]).sum()) for one in fourfold]
    common = fourfold[int(np.argmax(shares))]
    longest = max((edge for edge, one in zip(edges, fourfold, strict=True) if abs(one - common) < 1e-3), key=abs)
    angle = math.degrees(math.atan2(longest.imag, longest.real)) % 90.0
    angle = angle - 90.0 if angle > 45.0 else angle
    return angle if abs(angle) * math.pi / 180 * abs(longest) > 2.0 else 0.0


def _candidates(pairs: Sequence[_Pair], upright: Similarity | None) -> Iterator[Similarity]:
    base = upright or Similarity()
    seen = [base.of(pair.seen.points) for pair in pairs]
    meant = [pair.meant.points for pair in pairs]
    scales = _scales(seen, meant)
    for scale, mirrored, turns in product(scales, (False, True), range(4)):
        turn = Similarity(scale * quarter(turns), 0j, mirrored)
        there = [turn.of(points) for points in seen]
        for shift in _shifts(there, meant, pairs):
            yield Similarity(turn.factor, shift, mirrored).after(base)


def _scales(seen: Sequence[Complexes], meant: Sequence[Complexes]) -> list[float]:
    """Ratios of extents that most layers share, at most six, 1 always among them."""
    ratios = []
    for a, b in zip(seen, meant, strict=True):
        (wa, ha), (wb, hb) = ((np.ptp(p.real), np.ptp(p.imag)) for p in (a, b))
        ratios += [y / x for x, y in ((wa, wb), (ha, hb), (wa, hb), (ha, wb)) if x > 0 and y > 0]
    logs = np.sort(np.log(ratios)) if ratios else np.zeros(0)
    found: list[tuple[int, float]] = []
    start = 0
    for index in range(1, len(logs) + 1):
        if index == len(logs) or logs[index] - logs[index - 1] > 2e-5:
            found.append((index - start, float(np.exp(np.median(logs[start:index])))))
            start = index
    found.sort(key=lambda item: -item[0])
    scales = [1.0] + [scale for _, scale in found[:5] if abs(scale - 1) > 2e-5]
    return [_nice_scale(scale, 2e-5) for scale in scales]


def _shifts(there: Sequence[Complexes], meant: Sequence[Complexes], pairs: Sequence[_Pair]) -> list[complex]:
    """Shifts that bring corners or middles of all together, or that most pairs of points of a layer share."""
    boxes = []
    for points in (there, meant):
        every = [p for pair, p in zip(pairs, points, strict=True) if pair.layer >= 0]
        low = complex(min(p.real.min() for p in every), min(p.imag.min() for p in every))
        high = complex(max(p.real.max() for p in every), max(p.imag.max() for p in every))
        boxes.append((low, high))
    (a0, a1), (b0, b1) = boxes
    found = [0j, b0 - a0, b1 - a1, (b0 + b1 - a0 - a1) / 2]
    smallest = sorted(range(len(pairs)), key=lambda i: len(pairs[i].seen.points) * len(pairs[i].meant.points))
    for index in smallest[:2]:
        found += _voted(there[index], meant[index])
    unique: list[complex] = []
    for shift in found:
        if all(abs(shift - other) > 1 for other in unique):
            unique.append(shift)
    return unique


def _voted(there: Complexes, meant: Complexes) -> list[complex]:
    a, b = (points[:: max(1, -(-len(points) // _VOTERS))] for points in (there, meant))
    steps = (b[:, None] - a[None, :]).ravel()
    rounded = np.round(steps / 4) * 4
    values, first, counts = np.unique(rounded, return_index=True, return_counts=True)
    del values
    order = np.argsort(-counts, kind="stable")[:2]
    return [complex(steps[first[index]]) for index in order]


def _tolerance(by: Similarity, extent: float, *, exact: bool) -> float:
    """Half a unit of the file after scaling and half one of the design; before refinement also what a ratio of
    extents leaves open."""
    return max(2.0, 0.75 * by.scale + 1.0) + (0.0 if exact else 2e-6 * extent)


def _scored(pairs: Sequence[_Pair], by: Similarity, within: float, most: int) -> Fit:
    back = by.inverse()
    scores: dict[int, float] = {}
    for pair in pairs:
        there = by.of(pair.seen.sample(most))
        forth = _hits(pair.meant, there, within)
        here = back.of(pair.meant.sample(most))
        fro = _hits(pair.seen, here, within / by.scale)
        exact = _hits(pair.meant, there, 0.3)
        scores[pair.layer] = max(scores.get(pair.layer, 0.0), 0.49 * (forth + fro) + 0.02 * exact)
    return Fit(by, sum(scores.values()) / len(scores), within)


def _hits(side: _Side, points: Complexes, within: float) -> float:
    return float(_hit(side, points, within).mean())


def _hit(side: _Side, points: Complexes, within: float) -> NDArray[np.bool_]:
    return side.tree.nearest(points, within) >= 0


def _refined(pairs: Sequence[_Pair], by: Similarity, extent: float) -> Fit:
    """The best similarity through the points that coincide already, with plain numbers where they will do."""
    within = _tolerance(by, extent, exact=False)
    for _ in range(2):
        ours, theirs = [], []
        for pair in pairs:
            points = pair.seen.sample(_FINE)
            there = by.of(points)
            index = pair.meant.tree.nearest(there, within)
            near = index >= 0
            ours.append(points[near])
            theirs.append(pair.meant.points[index[near]])
        a, b = np.concatenate(ours), np.concatenate(theirs)
        if len(a) < 2:
            return _scored(pairs, by, _tolerance(by, extent, exact=True), _FINE)
        by = _through(a.conj() if by.mirrored else a, b, by)
        within = _tolerance(by, extent, exact=True) + 2.0
    nice = _plain(by, a, b, extent)
    fits = [_scored(pairs, item, _tolerance(item, extent, exact=True), _FINE) for item in (nice, by)]
    return fits[0] if fits[0].score >= fits[1].score - 0.002 else fits[1]


def _through(a: Complexes, b: Complexes, by: Similarity) -> Similarity:
    """Least squares, the middles taken off first."""
    middle_a, middle_b = a.mean(), b.mean()
    da, db = a - middle_a, b - middle_b
    total = float((np.abs(da) ** 2).sum())
    # points that all lie on one corner of the design tell no scale
    factor = (complex((np.conj(da) * db).sum() / total) if total else 0) or by.factor
    return Similarity(factor, complex(middle_b - factor * middle_a), by.mirrored)


def _plain(by: Similarity, a: Complexes, b: Complexes, extent: float) -> Similarity:
    """The same with a plain scale, turn and shift, as far as the points cannot tell the difference."""
    slack = 3.0 * max(1.0, by.scale) / extent
    scale = _nice_scale(by.scale, max(slack, 1e-9))
    turn = by.turn_deg
    near = round(turn / _NICE_TURN_DEG) * _NICE_TURN_DEG
    if abs(math.radians(turn - near)) < max(slack, 1e-9):
        turn = near
    quarters = turn / 90.0
    if quarters == round(quarters):
        factor = scale * quarter(round(quarters))
    else:
        factor = scale * complex(math.cos(math.radians(turn)), math.sin(math.radians(turn)))
    rest = b - factor * (a.conj() if by.mirrored else a)
    shift = complex(np.median(rest.real), np.median(rest.imag))
    if factor.real == round(factor.real) and factor.imag == round(factor.imag):
        shift = complex(round(shift.real), round(shift.imag))
    return Similarity(factor, shift, by.mirrored)


def _nice_scale(scale: float, slack: float) -> float:
    """A number that a person would have typed, where one is near enough."""
    for known in UNIT_FACTORS:
        if abs(scale / known - 1) <= max(slack, 1e-9):
            return known
    for digits in range(7):
        for value in (round(scale, digits), 1 / (round(1 / scale, digits) or math.inf)):
            if value and abs(scale / value - 1) <= slack:
                return value
    return scale
