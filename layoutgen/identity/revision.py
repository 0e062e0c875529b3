"""Another revision of the design: cells of the file are of another size, lie elsewhere, or look otherwise."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import shapely

from layoutgen.identity.answer import Difference
from layoutgen.identity.cancel import Rest, rows_of
from layoutgen.identity.explain import joined, polygons_in
from layoutgen.identity.shapes import Drawing, Ints, Key, Mask, instances
from layoutgen.identity.task import Task
from layoutgen.units import counted

_KNOWN: Final = 0.5
"""Part of the cells that lie where the design has cells, from which on a file is not another revision."""
_SOME: Final = 0.2
"""The same, of cells that have their size and pitch: some of them may only have moved."""
_MOST_JOINED: Final = 6_000
_SAID: Final = 4


@dataclass(frozen=True, slots=True)
class Parts:
    """Connected parts of a mask: boxes (k x 4)."""

    boxes: Ints

    @staticmethod
    def of(mask: Mask) -> "Parts":
        columns = instances(mask.blocks)
        if sum(len(part) for part in columns.values()) <= _MOST_JOINED:
            parts = shapely.get_parts(joined(polygons_in(columns)))
            boxes = np.rint(shapely.bounds(parts)).astype(np.int64).reshape(-1, 4)
        else:
            boxes = np.concatenate([part.boxes() for part in columns.values()])
        return Parts(boxes)

    def sizes(self) -> list[tuple[int, int]]:
        """Width and height that most parts have, the smaller first where parts lie turned."""
        sides = np.sort(self.boxes[:, 2:] - self.boxes[:, :2], axis=1)
        counts = Counter(map(tuple, sides.tolist()))
        return [(int(a), int(b)) for (a, b), _ in sorted(counts.items(), key=lambda item: (-item[1], item[0]))]

    def middles(self) -> set[tuple[int, int]]:
        """Twice the middle of every part."""
        return set(map(tuple, (self.boxes[:, :2] + self.boxes[:, 2:]).tolist()))


def other_cells(seen: Drawing, rests: Mapping[Key, Rest], task: Task) -> Difference | None:
    """Another revision, where most cells of the file do not lie where the design has cells; else None."""
    anchor = _anchor(task)
    if anchor is None or seen.get(anchor, Mask()).empty:
        return None
    if rows_of(rests[anchor].both) >= _KNOWN * min(seen[anchor].count, task.places.count):
        return None
    ours, theirs = Parts.of(seen[anchor]), Parts.of(task.meant[anchor])
    mine, yours = ours.middles(), theirs.middles()
    shared = len(mine & yours)
    if shared >= _KNOWN * min(len(mine), len(yours)):
        return None
    sizes = [_mm(side.sizes()[0], task) for side in (ours, theirs)]
    pitches = [_pitch(side.boxes, task) for side in (ours, theirs)]
    if sizes[0] == sizes[1] and pitches[0] == pitches[1] and shared >= _SOME * min(len(mine), len(yours)):
        return None
    numbers: dict[str, Any] = {"cells": [len(ours.boxes), len(theirs.boxes)]}
    said = [f"{counted(len(ours.boxes), 'cell')}, the design has {len(theirs.boxes)}"]
    numbers["cell_mm"] = sizes
    if sizes[0] != sizes[1]:
        said.insert(0, f"{task.name(anchor)} {_size(sizes[0])} mm, the design {_size(sizes[1])} mm")
    if pitches[0] != pitches[1]:
        numbers["pitch_mm"] = pitches
        said.append(f"cells {_size(pitches[0])} mm apart, the design {_size(pitches[1])} mm")
    return _difference(seen, task, said, numbers, {anchor})


def other_layers(seen: Drawing, keys: list[Key], task: Task) -> Difference:
    """Another revision of which the cells lie where they should, and masks look otherwise."""
    return _difference(seen, task, [], {}, set(), keys)


def _difference(
    seen: Drawing,
    task: Task,
    said: list[str],
    numbers: dict[str, Any],
    known: set[Key],
    keys: list[Key] | None = None,
) -> Difference:
    sizes = _layer_sizes(seen, task, known, keys)
    numbers["sizes_mm"] = sizes
    said += [f"{name} {_size(a)} mm, the design {_size(b)} mm" for name, (a, b) in sizes.items()]
    more = f", and {len(said) - _SAID} numbers more" if len(said) > _SAID else ""
    text = f"another revision of the design: {'; '.join(said[:_SAID])}{more}"
    if not said:
        names = ", ".join(task.name(key) for key in keys or ())
        text = f"another revision of the design: {names} look otherwise in every cell"
    masks = tuple(task.name(key) for key in keys or ())
    return Difference("other-revision", text, masks, "everywhere", None, numbers)


def _layer_sizes(
    seen: Drawing, task: Task, known: set[Key], keys: list[Key] | None
) -> Mapping[str, tuple[list[float], list[float]]]:
    """Layer -> size of most of its parts in the file and in the design, mm, where they differ."""
    found: dict[str, tuple[list[float], list[float]]] = {}
    for key, mask in task.meant.items():
        if key in known or (keys is not None and key not in keys) or not mask.count:
            continue
        if seen.get(key, Mask()).count:
            a, b = (Parts.of(side).sizes() for side in (seen[key], mask))
            if a and b and a[0] != b[0]:
                found[task.name(key)] = _mm(a[0], task), _mm(b[0], task)
    return found


def _anchor(task: Task) -> Key | None:
    """The layer on which a cell is one polygon, and the largest: its outline."""
    sizes = [
        (-task.meant[key].area(), key) for key in task.cell_layers if task.meant[key].count == task.places.count
    ]
    return min(sizes)[1] if sizes else None


def _mm(size: tuple[int, int], task: Task) -> list[float]:
    return [task.mm(side) for side in size]


def _size(size: list[float]) -> str:
    return " x ".join(f"{side:.10g}" for side in size)


def _pitch(boxes: Ints, task: Task) -> list[float]:
    """The commonest distance to the next part, across and along."""
    found = []
    for axis in (0, 1):
        steps = np.diff(np.unique(boxes[:, axis]))
        found.append(task.mm(Counter(steps.tolist()).most_common(1)[0][0]) if len(steps) else 0.0)
    return found
