"""Masks that lie on another layer than they should, are missing, too many, or have their tone reversed."""

from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass

import numpy as np
import shapely

from layoutgen.geometry.regions import simple_polygons
from layoutgen.identity.answer import Difference
from layoutgen.identity.cancel import Rest, covers_same, rest_of
from layoutgen.identity.explain import apart, joined, polygons_in
from layoutgen.identity.shapes import Box, Drawing, Instances, Key, Mask, around, blocks_of, instances, twice_areas
from layoutgen.identity.task import Task
from layoutgen.units import counted

_HERE = np.zeros((1, 2), dtype=np.int64)
_MOST_COMPLEMENTED = 100_000
_POINTS = 200


@dataclass(frozen=True, slots=True)
class Figures:
    """What tells masks apart without looking at each polygon."""

    box: Box | None
    twice_area: int

    @staticmethod
    def of(mask: Mask) -> "Figures":
        total = sum(int(np.abs(twice_areas(b.points)).sum()) * len(b.origins) for b in mask.blocks if b.count)
        return Figures(mask.box(), total)


def renamed(seen: Drawing, task: Task, wrong: Collection[Key]) -> dict[Key, Key]:
    """Layer of the file -> layer of the design whose shapes it holds, for layers that are not as they should be."""
    meant = {key: Figures.of(task.meant[key]) for key in wrong if key in task.meant and not task.meant[key].empty}
    held = {key: Figures.of(seen[key]) for key in sorted(wrong) if key in seen and not seen[key].empty}
    alike = {
        key: [
            other
            for other, yours in meant.items()
            if other != key and mine == yours and rest_of(seen[key], task.meant[other]).same
        ]
        for key, mine in held.items()
    }
    # of layers that look the same the one is meant that lies as far off as most others do
    steps = Counter(_step(key, others[0]) for key, others in alike.items() if len(others) == 1)
    found: dict[Key, Key] = {}
    for key, others in alike.items():
        free = [other for other in others if other not in found.values()]
        if free:
            found[key] = max(free, key=lambda other: (steps[_step(key, other)], -other[0], -other[1]))
    return found


def _step(key: Key, other: Key) -> Key:
    return key[0] - other[0], key[1] - other[1]


def renamed_texts(names: Mapping[Key, Key], task: Task) -> list[Difference]:
    """Swapped layers in pairs, renumbered ones together where one rule made them."""
    found, left = [], dict(names)
    for key, other in sorted(names.items()):
        if key < other and names.get(other) == key:
            pair = task.name(key), task.name(other)
            text = f"{pair[0]} and {pair[1]} changed places: each holds the shapes of the other"
            found.append(Difference("swapped-masks", text, pair, "everywhere"))
            del left[key], left[other]
    steps: dict[Key, list[Key]] = {}
    for key, other in sorted(left.items()):
        steps.setdefault(_step(key, other), []).append(key)
    for (by, kind), keys in sorted(steps.items()):
        if len(keys) > 3:
            masks = tuple(task.name(left[key]) for key in keys)
            text = f"{len(keys)} layers have other numbers: {by:+d} for the layer, {kind:+d} for the datatype"
            numbers = {"layers": len(keys), "step": [by, kind]}
            found.append(Difference("renumbered-mask", text, masks, "everywhere", None, numbers))
            for key in keys:
                del left[key]
    for key, other in sorted(left.items()):
        name = task.name(other)
        text = f"{name} lies on layer {key[0]}/{key[1]}, not on {other[0]}/{other[1]}"
        layers = {"layer": f"{key[0]}/{key[1]}", "layer_of_design": f"{other[0]}/{other[1]}"}
        found.append(Difference("renumbered-mask", text, (name,), "everywhere", None, layers))
    return found


def missing_texts(seen: Drawing, task: Task, resolved: Collection[Key]) -> list[Difference]:
    """Layers that hold nothing and should, and layers that should not be there."""
    gone = [
        key
        for key, mask in task.meant.items()
        if not mask.empty and (key not in seen or seen[key].empty) and key not in resolved
    ]
    found = [
        Difference(
            "missing-mask",
            f"{task.name(key)} is missing: layer {key[0]}/{key[1]} holds nothing",
            (task.name(key),),
            "everywhere",
            None,
            {"layer": f"{key[0]}/{key[1]}"},
        )
        for key in gone
    ]
    if len(gone) > 3:
        names = tuple(task.name(key) for key in gone)
        text = f"{len(gone)} layers are missing: {', '.join(names)}"
        found = [Difference("missing-mask", text, names, "everywhere", None, {"layers": len(gone)})]
    for key, mask in sorted(seen.items()):
        if not mask.empty and (key not in task.meant or task.meant[key].empty) and key not in resolved:
            box = mask.box()
            count = mask.count + sum(block.count for block in mask.lines)
            known = (
                f"{task.names[key]}, which the design leaves empty"
                if key in task.names
                else "unknown to the process"
            )
            text = f"layer {key[0]}/{key[1]} ({known}) holds {counted(count, 'shape')}"
            numbers = {"layer": f"{key[0]}/{key[1]}", "shapes": count}
            place = task.corner_text(box) if box else ""
            found.append(
                Difference("extra-mask", text, (task.name(key),), place, task.box_mm(box) if box else None, numbers)
            )
    return found


def reversed_tone(seen: Mask, meant: Mask, rest: Rest) -> tuple[Box, Mask] | None:
    """The box in which a mask was reversed, and the mask with its tone put right; None where it was not.

    Exactly reversed masks are told by integers. Others, which differ besides, are taken for reversed where what is
    covered and what should be fill the box together with little in both. A reversed mask, or what
    it should be, reaches every side of the box: two bars side by side are one that moved.
    """
    box = around([seen.box(), meant.box()])
    if box is None or rest.both:
        return None
    inner = seen.box()
    for frame in dict.fromkeys((inner, meant.box())):
        if frame is not None and covers_same(rest.first, _box(frame), (rest.second, 1)):
            return frame, meant
    return _nearly_reversed(seen, meant, rest, box)


def _nearly_reversed(seen: Mask, meant: Mask, rest: Rest, box: Box) -> tuple[Box, Mask] | None:
    """The mask with its tone put right inside its own box, where that comes close to what it should be."""
    inner = seen.box()
    whole = (box[2] - box[0]) * (box[3] - box[1])
    total = seen.area() + meant.area()
    if not 0.6 * whole < total < 1.2 * whole or inner is None or seen.count > _MOST_COMPLEMENTED:
        return None
    polygons = polygons_in(rest.first), polygons_in(rest.second)
    points = shapely.point_on_surface(polygons[1][:: max(1, len(polygons[1]) // _POINTS)])
    covered_points = np.unique(shapely.STRtree(polygons[0]).query(points, "intersects")[0])
    if len(covered_points) > 0.5 * len(points):
        return None
    covered, right = joined(polygons[0]), joined(polygons[1])
    turned = apart(shapely.box(*inner), covered)
    if right.is_empty or turned.symmetric_difference(right).area > 0.7 * right.area:
        return None
    outlines = [np.array(outline, dtype=np.int64) for outline in simple_polygons(turned, 8000)]
    return inner, Mask(tuple(blocks_of(outlines, _HERE)), seen.lines)


def _box(box: Box) -> dict[int, Instances]:
    x0, y0, x1, y1 = box
    points = np.array([[[x0, y0], [x1, y0], [x1, y1], [x0, y1]]], dtype=np.int64)
    return instances(blocks_of(list(points), _HERE))
