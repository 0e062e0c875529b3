"""From pieces of masks that differ to sentences: about masks, about cells, about what stands outside them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

import numpy as np

from layoutgen.identity.answer import Difference
from layoutgen.identity.explain import CHANGED, Change
from layoutgen.identity.layers import Piece
from layoutgen.identity.moved import Found, extra_cells, fragments
from layoutgen.identity.places import NOWHERE
from layoutgen.identity.shapes import Ints, Key, around
from layoutgen.identity.task import Task, shift_text

_WHOLE_MASK: Final = 0.6
"""Part of a mask's area from which on something is said of the mask and not of places."""
_MOVED: Final = 0.75
"""Part of a cell's masks that must have moved alike, so that the cell has."""
_MOST_ADDRESSES: Final = 1000
_MOST_PLACES: Final = 40
_MOST_CHANGES: Final = 3
_MORE: Final = {"more", "less"}


@dataclass(slots=True)
class Left:
    """Pieces by mask that no sentence speaks of yet."""

    pieces: dict[Key, list[Piece]] = field(default_factory=dict)

    def take(self, key: Key, gone: Sequence[Piece]) -> None:
        out = {id(piece) for piece in gone}
        self.pieces[key] = [piece for piece in self.pieces[key] if id(piece) not in out]


def of_whole_masks(left: Left, task: Task) -> list[tuple[Key, Change]]:
    """What happened to most of a mask: a bias, a shift, other vertices. Its pieces are taken out of ``left``."""
    found = []
    for key, pieces in left.pieces.items():
        total = task.meant[key].area()
        by_change: dict[Change, list[Piece]] = {}
        for piece in pieces:
            kind = piece.change.kind
            if kind in {"bias", "moved", "vertices"}:
                change = Change("vertices") if kind == "vertices" else piece.change
                by_change.setdefault(change, []).append(piece)
        for change, same in by_change.items():
            area = sum(piece.meant.area * max(1, len(piece.cells)) for piece in same)
            if area >= _WHOLE_MASK * total:
                most = (max(piece.change.by[0] for piece in same),)
                found.append((key, Change("vertices", most) if change.kind == "vertices" else change))
                left.take(key, same)
                break
    return found


def revised_masks(left: Left, task: Task) -> list[Key]:
    """Masks that look otherwise all over, and not by one growth of all sides: two of them are another revision.

    Their pieces are taken out of ``left``, with those of masks that grew by what a change of sizes leaves.
    """
    redrawn, grown = [], []
    for key, pieces in left.pieces.items():
        area = task.meant[key].area()
        by_kind = {"redrawn": 0.0, "grown": 0.0}
        for piece in pieces:
            kind = _revised(piece.change)
            if kind:
                by_kind[kind] += piece.meant.area * max(1, len(piece.cells))
        if by_kind["redrawn"] >= _WHOLE_MASK * area:
            redrawn.append(key)
        elif sum(by_kind.values()) >= _WHOLE_MASK * area:
            grown.append(key)
    if not redrawn or len(redrawn) + len(grown) < 2:
        return []
    edited = [
        key
        for key, pieces in left.pieces.items()
        if pieces
        and key not in {*redrawn, *grown}
        and all(_revised(p.change) or p.change.kind in _MORE for p in pieces)
    ]
    redrawn += edited
    for key in edited:
        left.pieces[key] = []
    for key in (*redrawn, *grown):
        left.take(key, [piece for piece in left.pieces[key] if _revised(piece.change)])
    return sorted((*redrawn, *grown))


def _revised(change: Change) -> str:
    if change.kind == "changed":
        return "redrawn"
    if change.kind == "bias":
        left, low, right, high = change.by
        return "grown" if left == right and low == high else "redrawn"
    return ""


def mask_texts(found: Sequence[tuple[Key, Change]], all_of_it: set[Key], task: Task) -> list[Difference]:
    """Sentences about whole masks; a shift that all masks share is said once.

    Args:
        found: masks and what happened to them.
        all_of_it: masks of which every part was biased, where that was looked at.
        task: the comparison.
    """
    differences = []
    shifts = {change.by for _, change in found if change.kind == "moved"}
    moved = [key for key, change in found if change.kind == "moved"]
    solid = [key for key, mask in task.meant.items() if mask.count]
    for by in sorted(shifts):
        keys = [key for key in moved if (key, Change("moved", by)) in found]
        names = tuple(task.name(key) for key in keys) if len(keys) < len(solid) else ()
        x, y = task.mm(by[0]), task.mm(by[1])
        what = "everything" if not names else ", ".join(names)
        text = f"{what} shifted {shift_text(x, y)}"
        differences.append(Difference("shifted", text, names, "everywhere", None, {"by_mm": [x, y]}))
    differences += [
        _bias(key, change, task, whole=key in all_of_it) for key, change in found if change.kind == "bias"
    ]
    for key, change in found:
        if change.kind == "vertices":
            um = task.um(change.by[0])
            text = f"{task.name(key)} has other vertices, as where arcs were flattened: up to {um:g} um off"
            differences.append(
                Difference("vertices", text, (task.name(key),), "everywhere", None, {"within_um": um})
            )
    return differences


def bias_numbers(change: Change, task: Task) -> dict[str, object]:
    """Sides in um; the bias across and along where opposite sides agree."""
    sides = [task.um(value) for value in change.by]
    numbers: dict[str, object] = {"sides_um": sides}
    if sides[0] == sides[2] and sides[1] == sides[3]:
        numbers["bias_um"] = [sides[0], sides[1]]
    return numbers


def bias_text(change: Change, task: Task) -> str:
    left, low, right, high = (task.um(value) for value in change.by)
    if left == low == right == high:
        return f"{left:+g} um on every side"
    if left == right and low == high:
        return f"{left:+g} um on either side in x, {low:+g} um in y"
    return f"left {left:+g}, lower {low:+g}, right {right:+g}, upper {high:+g} um"


def _bias(key: Key, change: Change, task: Task, *, whole: bool) -> Difference:
    name = task.name(key)
    numbers = bias_numbers(change, task)
    if "bias_um" not in numbers:
        text = f"{name} has edges moved outwards: {bias_text(change, task)}"
        return Difference("edges", text, (name,), "everywhere", None, numbers)
    kit = task.kit_biases_um.get(name, 0.0)
    numbers["declared"] = whole and task.biases_um.get(name) == tuple(numbers["bias_um"])  # type: ignore[arg-type]
    text = f"{name} is biased by {bias_text(change, task)}" + (", as declared" if numbers["declared"] else "")
    if kit and numbers["bias_um"] == [kit, kit]:
        text += ": the bias of the process, a second time"
    elif kit and numbers["bias_um"] == [-kit, -kit]:
        text += ": the bias of the process was taken off"
    return Difference("bias", text, (name,), "everywhere", None, numbers)


def of_cells(left: Left, task: Task) -> list[Difference]:
    """Cells that are gone, moved or too many; what is said of them is taken out of ``left``."""
    missing, moved = _gone_and_moved(left, task)
    found = extra_cells(left.pieces, task)
    pairs, lonely, extra = _partners(missing, found, task)
    for cell, shift in moved.items():
        x0, y0, x1, y1 = task.places.box(cell)
        there = x0 + shift[0], y0 + shift[1], x1 + shift[0], y1 + shift[1]
        turned = bool(task.places.turned(np.array([cell]))[0])
        for key, piece in fragments(left.pieces, there, task, set(), turned=turned):
            left.take(key, [piece])
    for cell, (shift, partner) in pairs.items():
        moved[cell] = shift
        _taken_extra(left, partner)
    for item in extra:
        _taken_extra(left, item)
    gone = set(lonely)
    _take_cells(left, gone | set(moved))
    texts = []
    if gone:
        where = task.places.said(gone)
        text = f"{task.cells_text(len(gone))} missing: {where}"
        texts.append(_of_cells("missing-cells", text, where, sorted(gone), {}, task))
    by_shift: dict[tuple[int, int], list[int]] = {}
    for cell, shift in moved.items():
        by_shift.setdefault(shift, []).append(cell)
    for shift, cells in sorted(by_shift.items(), key=lambda item: (-len(item[1]), item[0])):
        x, y = task.mm(shift[0]), task.mm(shift[1])
        where = task.places.said(cells)
        text = f"{task.cells_text(len(cells))} moved {shift_text(x, y)}: {where}"
        texts.append(_of_cells("moved-cells", text, where, sorted(cells), {"by_mm": [x, y]}, task))
    if extra:
        texts.append(_extra_text(extra, task))
    return texts


def _of_cells(
    kind: str, text: str, where: str, cells: Sequence[int], numbers: Mapping[str, object], task: Task
) -> Difference:
    box = around(task.places.box(cell) for cell in cells[:_MOST_ADDRESSES])
    names = tuple(task.places.name(cell) for cell in cells[:_MOST_ADDRESSES])
    return Difference(
        kind, text, (), where, task.box_mm(box) if box else None, {"count": len(cells), **numbers}, names
    )


def _extra_text(extra: Sequence[Found], task: Task) -> Difference:
    box = around(item.box for item in extra)
    places = [f"({task.mm(item.box[0]):.10g}, {task.mm(item.box[1]):.10g})" for item in extra]
    shown = ", ".join(places[:4]) + (f" and {len(places) - 4} more" if len(places) > 4 else "")
    text = f"{task.cells_text(len(extra))} too many, lower left corner at {shown} mm"
    corners = [[task.mm(item.box[0]), task.mm(item.box[1])] for item in extra[:_MOST_ADDRESSES]]
    numbers = {"count": len(extra), "corners_mm": corners}
    return Difference(
        "extra-cells", text, (), task.corner_text(box) if box else "", task.box_mm(box) if box else None, numbers
    )


def _gone_and_moved(left: Left, task: Task) -> tuple[list[int], dict[int, tuple[int, int]]]:
    """Cells of which every mask is gone, and those of which most masks moved alike (the rest having moved away)."""
    size, layers = task.places.count, [key for key in task.cell_layers if key in left.pieces]
    if not layers or 2 * len(layers) < len(task.cell_layers):
        return [], {}
    gone = np.zeros(size, dtype=np.int64)
    other = np.zeros(size, dtype=np.int64)
    votes: dict[tuple[int, ...], Ints] = {}
    for key in layers:
        for piece in left.pieces[key]:
            cells = piece.cells[piece.cells != NOWHERE]
            if piece.change.kind == "missing":
                gone[cells] += 1
            elif piece.change.kind == "moved":
                votes.setdefault(piece.change.by, np.zeros(size, dtype=np.int64))[cells] += 1
            elif piece.change.kind != "extra":
                other[cells] += 1
    half = len(task.cell_layers) / 2
    moved: dict[int, tuple[int, int]] = {}
    for by, count in sorted(votes.items()):
        for cell in np.flatnonzero((count > 0) & (count + gone >= _MOVED * 2 * half) & (count >= gone)):
            moved.setdefault(int(cell), (by[0], by[1]))
    missing = [
        int(cell) for cell in np.flatnonzero((gone + other >= half) & (gone > other)) if int(cell) not in moved
    ]
    return [cell for cell in missing if gone[cell] >= half or gone[cell] + other[cell] >= len(layers)], moved


def _partners(
    missing: Sequence[int], extra: Sequence[Found], task: Task
) -> tuple[dict[int, tuple[tuple[int, int], Found]], list[int], list[Found]]:
    """Missing cells paired with extra ones, nearest first: (moved, missing, extra)."""
    if not missing or not extra:
        return {}, list(missing), list(extra)
    corners = task.places.corners(np.array(missing))
    there = np.array([item.box[:2] for item in extra])
    turned = task.places.turned(np.array(missing)).astype(bool)
    distance = np.abs(corners[:, None] - there[None]).sum(axis=2).astype(np.float64)
    distance[turned[:, None] != np.array([item.turned for item in extra])[None]] = np.inf
    pairs: dict[int, tuple[tuple[int, int], Found]] = {}
    used: set[int] = set()
    for flat in np.argsort(distance, axis=None, kind="stable")[: 50 * (len(missing) + len(extra))]:
        i, j = divmod(int(flat), len(extra))
        if missing[i] in pairs or j in used or not np.isfinite(distance[i, j]):
            continue
        step = there[j] - corners[i]
        pairs[missing[i]] = (int(step[0]), int(step[1])), extra[j]
        used.add(j)
    lonely = [cell for cell in missing if cell not in pairs]
    return pairs, lonely, [item for number, item in enumerate(extra) if number not in used]


def _take_cells(left: Left, cells: set[int]) -> None:
    """Nothing more is said of these cells."""
    if not cells:
        return
    gone = np.array(sorted(cells), dtype=np.int64)
    for key, pieces in left.pieces.items():
        kept = []
        for piece in pieces:
            if not len(piece.cells):
                kept.append(piece)
                continue
            rest = np.setdiff1d(piece.cells, gone)
            if len(rest) == len(piece.cells):
                kept.append(piece)
            elif len(rest):
                share = len(rest) / len(piece.cells)
                kept.append(Piece(piece.change, rest, piece.seen, piece.meant, piece.area * share, piece.box))
        left.pieces[key] = kept


def _taken_extra(left: Left, item: Found) -> None:
    for key, piece in item.pieces:
        left.take(key, [piece])


_SHAPES: Final = {
    "missing": ("missing-shapes", "is missing"),
    "extra": ("extra-shapes", "is there and should not be"),
    "moved": ("moved-shapes", "moved"),
    "bias": ("bias", "is biased"),
    "vertices": ("vertices", "has other vertices"),
    "changed": ("changed-shapes", "has another shape"),
    "more": ("changed-shapes", "covers more"),
    "less": ("changed-shapes", "covers less"),
}


def of_shapes(left: Left, task: Task) -> list[Difference]:
    """What is left: each mask with each thing that happened to it, and where."""
    found = []
    for key, pieces in left.pieces.items():
        groups: dict[Change, list[Piece]] = {}
        for piece in pieces:
            groups.setdefault(piece.change, []).append(piece)
        if len(groups) > _MOST_CHANGES:
            # a text that reads otherwise, and the like: no word for each stroke
            groups = {CHANGED: pieces}
        found += [_shapes(key, change, same, task) for change, same in groups.items()]
    return found


def _shapes(key: Key, change: Change, pieces: Sequence[Piece], task: Task) -> Difference:
    name = task.name(key)
    kind, words = _SHAPES[change.kind]
    numbers: dict[str, object] = {}
    if change.kind == "moved":
        x, y = task.mm(change.by[0]), task.mm(change.by[1])
        words, numbers = f"moved {shift_text(x, y)}", {"by_mm": [x, y]}
    elif change.kind == "bias":
        words, numbers = f"has edges moved outwards, {bias_text(change, task)}", bias_numbers(change, task)
        kind = "bias" if "bias_um" in numbers else "edges"
    elif change.kind == "vertices":
        numbers = {"within_um": task.um(change.by[0])}
        words = f"has other vertices, which deviate by up to {numbers['within_um']:g} um"
    cells = sorted({int(cell) for piece in pieces for cell in piece.cells})
    loose = [piece for piece in pieces if not len(piece.cells)]
    area = task.mm2(sum(piece.area for piece in pieces))
    numbers["area_mm2"] = area
    numbers["count"] = len(cells) + len(loose)
    where = [task.places.said(cells)] if cells else []
    where += [_loose_text(piece, task) for piece in loose[:3]]
    if len(loose) > 3:
        where.append(f"and {len(loose) - 3} more places")
    boxes = [task.places.box(cell) for cell in cells[:_MOST_ADDRESSES]] if len(cells) > 1 else []
    boxes += [piece.box for piece in pieces] if not boxes else [piece.box for piece in loose]
    box = around(boxes)
    single = [piece for piece in pieces if len(piece.cells) <= 1]
    if single:
        numbers["places_mm"] = [list(task.box_mm(piece.box)) for piece in single[:_MOST_PLACES]]
    place = "; ".join(where)
    text = f"{name} {words} ({area:g} mm2): {place}"
    names = tuple(task.places.name(cell) for cell in cells[:_MOST_ADDRESSES])
    return Difference(kind, text, (name,), place, task.box_mm(box) if box else None, numbers, names)


def _loose_text(piece: Piece, task: Task) -> str:
    return f"{task.places.around(piece.box)} at {task.corner_text(piece.box)}"
