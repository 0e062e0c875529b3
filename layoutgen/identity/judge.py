"""Is a file a design? The stations from reading both to the answer."""

from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import TYPE_CHECKING, Final

import numpy as np

from layoutgen.identity.answer import OTHER, SAME, UP_TO_BIAS, Difference, Identity
from layoutgen.identity.cancel import Rest, rest_of, rows_of
from layoutgen.identity.explain import Change, equal, grown_by, joined, polygons_in, sides_as
from layoutgen.identity.hypotheses import Fit, best_fit
from layoutgen.identity.layers import Piece, changes_of
from layoutgen.identity.places import NOWHERE, Places
from layoutgen.identity.revision import other_cells, other_layers
from layoutgen.identity.shapes import Drawing, Key, Mask, instances, scaled
from layoutgen.identity.similarity import NOTHING, Similarity, moved
from layoutgen.identity.sources import Seen, drawing_of
from layoutgen.identity.summary import Left, mask_texts, of_cells, of_shapes, of_whole_masks, revised_masks
from layoutgen.identity.task import Task
from layoutgen.identity.wholes import done_by
from layoutgen.identity.wrong_layers import missing_texts, renamed, renamed_texts, reversed_tone
from layoutgen.layout.model import Layout
from layoutgen.units import counted
from layoutgen.web.plan import WebPlan

if TYPE_CHECKING:
    from layoutgen.pdk.schema import Pdk

_MOST_FINER: Final = 1000
_MOST_TREATED: Final = 8
_MOST_POINTS: Final = 300_000
_TOLERANCE_UM: Final = 1.0
"""Outlines that deviate no further are called the same shape with other vertices; never the same."""
_EMPTY: Final = Mask()


def identify(
    seen: Seen,
    layout: Layout,
    pdk: "Pdk",
    plan: WebPlan,
    *,
    file: str,
    design: str,
    biases_um: Mapping[str, tuple[float, float]] | None = None,
) -> Identity:
    """Compare a layout file with a design, mask by mask.

    Args:
        seen: the file.
        layout: the design, as it is drawn.
        pdk: gives layers their names.
        plan: the repeat, for the addresses of cells.
        file: what to call the file.
        design: what to call the design.
        biases_um: by how much masks may differ, across and along the web: what was declared.
    """
    ratio = seen.unit_nm / layout.dbu_nm
    fits = ratio.denominator <= _MOST_FINER
    factor = ratio.denominator if fits else 1
    meant = {key: scaled(mask, factor) for key, mask in drawing_of(layout, pdk).items()}
    if fits:
        drawing = {key: scaled(mask, ratio.numerator) for key, mask in seen.drawing.items()}
    else:
        drawing = moved(seen.drawing, Similarity(complex(float(ratio))))
    rests: Mapping[Key, Rest] = {
        key: rest_of(drawing.get(key, _EMPTY), meant.get(key, _EMPTY)) for key in sorted({*drawing, *meant})
    }
    task = _task(meant, rests, layout, pdk, plan, factor, biases_um or {})
    differences = [] if fits else [_odd_unit(seen.unit_nm, layout.dbu_nm)]
    differences += [Difference("unjudged", text) for text in seen.unjudged]
    if all(rest.same for rest in rests.values()):
        same = dict.fromkeys(rests, True)
    else:
        found, same, rests = _differences(drawing, rests, task)
        differences += found
    remarks = _remarks(rests, same, seen, layout, task)
    if any(item.kind in {"unit", "scale"} for item in differences):
        remarks = [item for item in remarks if item.kind != "database-unit"]
    held = [key for key, mask in meant.items() if not mask.empty]
    counts = {
        "masks": len(held),
        "masks_same": sum(1 for key in held if same.get(key, False)),
        "cells": task.places.count if task.cell_layers else 0,
    }
    return Identity(_verdict(differences), tuple(differences), tuple(remarks), file, design, counts)


def _verdict(differences: list[Difference]) -> str:
    if not differences:
        return SAME
    if all(item.kind == "bias" and item.numbers.get("declared") for item in differences):
        return UP_TO_BIAS
    return OTHER


def _odd_unit(unit_nm: Fraction, dbu_nm: int) -> Difference:
    text = f"the file counts {float(unit_nm):.9g} nm, of which {dbu_nm} nm is no whole part: it was rounded"
    return Difference("unit", text, (), "everywhere", None, {"unit_nm": float(unit_nm)})


def _task(
    meant: Drawing,
    rests: Mapping[Key, Rest],
    layout: Layout,
    pdk: "Pdk",
    plan: WebPlan,
    factor: int,
    biases_um: Mapping[str, tuple[float, float]],
) -> Task:
    places = Places.of(plan, factor)
    names = {(layer.number, layer.datatype): name for name, layer in pdk.layers.items()}
    drawn = frozenset(name for name, layer in pdk.layers.items() if layer.purpose == "drawn")
    kit = {name: mask.bias.value for name, mask in pdk.masks.items()}
    layers = tuple(key for key, rest in rests.items() if _in_every_cell(rest, places))
    return Task(meant, Fraction(layout.dbu_nm) / factor, names, drawn, places, layers, biases_um, kit)


def _in_every_cell(rest: Rest, places: Places) -> bool:
    found: list[np.ndarray[tuple[int], np.dtype[np.int64]]] = []
    for columns in (rest.both, rest.second):
        found += [np.unique(places.inner(part.boxes())) for part in columns.values()]
    if not found:
        return False
    cells = np.unique(np.concatenate(found))
    return len(cells[cells != NOWHERE]) == places.count > 0


def _differences(
    drawing: Drawing, rests: Mapping[Key, Rest], task: Task
) -> tuple[list[Difference], dict[Key, bool], Mapping[Key, Rest]]:
    """What differs; which layers are right once what was done to the file as a whole is undone, and what is left of
    them then."""
    found: list[Difference] = []
    within = 0.0
    fit = _fit(drawing, task)
    if fit is not None:
        found += done_by(fit.by, task)
        moved_by = fit.by
        original, drawing = drawing, moved(drawing, fit.by, task.meant, fit.within)
        if not fit.by.whole:
            within = fit.within
        rests = {
            key: rest_of(drawing.get(key, _EMPTY), task.meant.get(key, _EMPTY))
            for key in sorted({*drawing, *task.meant})
        }
        if not moved_by.whole:
            rests = _as_rounded(rests, original, task, moved_by)
    same = {key: rest.same for key, rest in rests.items()}
    wrong = {key for key, right in same.items() if not right}
    found += _treated_masks(drawing, rests, task, wrong)
    names = renamed(drawing, task, wrong)
    found += renamed_texts(names, task)
    resolved = {*names, *names.values()}
    found += missing_texts(drawing, task, resolved)
    revision = other_cells(drawing, rests, task)
    if revision is not None:
        return [*found, revision], same, rests
    left = Left()
    for key in sorted(wrong - resolved):
        mine, yours = drawing.get(key, _EMPTY), task.meant.get(key, _EMPTY)
        if mine.empty or yours.empty:
            continue
        rest = rests[key]
        if not rest.lines_same:
            found.append(_lines(key, mine, yours, task))
        if rest.covers_same:
            continue
        tone = reversed_tone(mine, yours, rest)
        if tone is not None:
            box, right = tone
            text = f"{task.name(key)} has its tone reversed inside {task.corner_text(box)}"
            found.append(Difference("tone", text, (task.name(key),), "everywhere", task.box_mm(box)))
            rest = rest_of(right, yours)
        tolerance = max(within, _TOLERANCE_UM * 1000 / float(task.unit_nm))
        pieces = [
            piece for piece in changes_of(rest, task.places, tolerance).pieces if not _rounding(piece, within)
        ]
        if pieces:
            left.pieces[key] = pieces
        elif rest.lines_same and tone is None:
            same[key] = True
    revised = revised_masks(left, task)
    if revised:
        found.append(other_layers(drawing, revised, task))
    whole = of_whole_masks(left, task)
    found += mask_texts(whole, _all_of_it(whole, drawing, rests, task), task)
    found += of_cells(left, task)
    found += of_shapes(left, task)
    return found, same, rests


def _all_of_it(
    whole: Sequence[tuple[Key, Change]], drawing: Drawing, rests: Mapping[Key, Rest], task: Task
) -> set[Key]:
    """Masks of which every part was biased, those too that look as they did: a part without the bias is none."""
    found = set()
    for key, change in whole:
        if change.kind == "bias" and task.name(key) in task.biases_um:
            if not rests[key].both:
                found.add(key)
                continue
            seen, meant = (joined(polygons_in(instances(side[key].blocks))) for side in (drawing, task.meant))
            if equal(seen, grown_by(meant, sides_as(change))):
                found.add(key)
    return found


def _fit(drawing: Drawing, task: Task) -> Fit | None:
    """How the file lies over the design, where it does not lie as it should."""
    common = [key for key, mask in task.meant.items() if mask.vertices and drawing.get(key, _EMPTY).vertices]
    held = [key for key, mask in drawing.items() if mask.vertices]
    fits = best_fit(drawing, task.meant, pooled=2 * len(common) < len(held))
    if fits is None:
        return None
    lying, best = fits
    margin = 0.005 if best.score >= 0.9 else 0.15
    if best.by == NOTHING or best.score < 0.5 or best.score < lying.score + margin:
        return None
    return best


def _treated_masks(drawing: Drawing, rests: Mapping[Key, Rest], task: Task, wrong: set[Key]) -> list[Difference]:
    """Masks that were mirrored, turned, scaled or shifted by themselves and nothing else; they leave ``wrong``."""
    by_fit: dict[Similarity, list[Key]] = {}
    both = [key for key in sorted(wrong) if drawing.get(key, _EMPTY).count and task.meant.get(key, _EMPTY).count]
    tried = [key for key in both if not rests[key].covers_same]
    if len(tried) > _MOST_TREATED:
        return []
    for key in tried:
        shared = rows_of(rests[key].both)
        if 2 * shared > task.meant[key].count or task.meant[key].vertices > _MOST_POINTS:
            continue
        fits = best_fit({key: drawing[key]}, {key: task.meant[key]})
        if fits is None or fits[1].by == NOTHING or fits[1].score < 0.95:
            continue
        by = fits[1].by
        back = moved({key: drawing[key]}, by, task.meant, fits[1].within)
        if rest_of(back[key], task.meant[key]).same:
            by_fit.setdefault(by, []).append(key)
            wrong.discard(key)
    found: list[Difference] = []
    for by, keys in by_fit.items():
        found += done_by(by, task, tuple(task.name(key) for key in keys))
    return found


def _as_rounded(rests: Mapping[Key, Rest], original: Drawing, task: Task, by: Similarity) -> dict[Key, Rest]:
    """Masks count as laid back where the design, treated likewise and rounded likewise, is the file exactly."""
    forth = moved(task.meant, by.inverse())
    found = {}
    for key, rest in rests.items():
        other = rest if rest.same else rest_of(original.get(key, _EMPTY), forth.get(key, _EMPTY))
        found[key] = other if other.same else rest
    return found


def _rounding(piece: Piece, within: float) -> bool:
    """Whether a piece deviates by what rounding after a turn or a scale leaves."""
    if not within:
        return False
    if piece.change.kind in {"bias", "moved", "vertices"}:
        return max(abs(value) for value in piece.change.by) <= within
    return False


def _lines(key: Key, mine: Mask, yours: Mask, task: Task) -> Difference:
    counts = [sum(block.count for block in mask.lines) for mask in (mine, yours)]
    name = task.name(key)
    text = f"{name} has other lines without width: {counts[0]} segments, the design has {counts[1]}"
    return Difference("lines", text, (name,), "", None, {"segments": counts[0], "segments_of_design": counts[1]})


def _remarks(
    rests: Mapping[Key, Rest], same: Mapping[Key, bool], seen: Seen, layout: Layout, task: Task
) -> list[Difference]:
    found = []
    if seen.unit_nm != layout.dbu_nm:
        text = f"coordinates count {float(seen.unit_nm):g} nm, the design's {layout.dbu_nm} nm"
        found.append(Difference("database-unit", text, numbers={"unit_nm": float(seen.unit_nm)}))
    names = {cell.name for cell in layout.cells}
    if len(seen.cells) == 1 < len(names):
        found.append(Difference("flattened", "one cell holds everything: the hierarchy was flattened"))
    elif set(seen.cells) != names:
        text = f"cells have other names or are nested otherwise: {len(seen.cells)}, the design has {len(names)}"
        found.append(Difference("regrouped", text))
    kinds: dict[str, list[Key]] = {}
    for key, rest in rests.items():
        if same.get(key) and rest.same and not rest.as_drawn:
            ours, theirs = rows_of(rest.first), rows_of(rest.second)
            kinds.setdefault("merged" if ours < theirs else "cut" if ours > theirs else "redrawn", []).append(key)
        elif same.get(key) and not rest.covers_same:
            kinds.setdefault("overlaps", []).append(key)
    words = {
        "merged": "polygons that touch were joined",
        "cut": "polygons were cut into pieces",
        "redrawn": "polygons are cut otherwise",
        "overlaps": "some places are covered more than once",
    }
    for kind, keys in sorted(kinds.items()):
        masks = tuple(task.name(key) for key in keys)
        found.append(Difference(kind, f"{words[kind]} on {', '.join(masks)}", masks))
    if seen.texts:
        text = f"{counted(seen.texts, 'text')}, which cover nothing"
        found.append(Difference("texts", text, numbers={"count": seen.texts}))
    return found
