"""Which class of a line with trays runs out: what each lot brings, against what the recipe takes."""

from typing import Any

import numpy as np

from layoutgen.lot.stacks.differencing import Ints
from layoutgen.lot.stacks.orders import classes_of, recipe
from layoutgen.lot.stacks.pool import Pool

_PARTS = 10
"""Parts that one web is looked at in; of several, each is a part."""


def forecast(pool: Pool, size: int, trays: int) -> dict[str, Any]:
    """How the trays fill and empty while the lots come, if every stack that can be made is made at once.

    Args:
        pool: good cells, one web after the other.
        size: cells in a stack.
        trays: class trays, of about equal count over all webs.

    Returns:
        ``recipe``: cells that a stack takes from each tray, from the smallest capacity up. ``parts``: for each web,
        or tenth of the only one, ``cells`` that come into each tray, ``stacks`` that all cells so far allow, the
        tray that is ``short`` then, and the cells that wait. ``lasts``: if cells go on to come as in the last part,
        the tray that runs out first and how many ``stacks`` the cells that wait there last; None where none does.
    """
    counts = np.array(recipe(size, trays), dtype=np.int64)
    classes = classes_of(pool.capacity, size, trays)
    parts, held = [], np.zeros(trays, dtype=np.int64)
    made = 0
    came = held
    for name, cells in _parts(pool):
        came = np.bincount(classes[cells], minlength=trays).astype(np.int64)
        held = held + came
        more = int((held // counts).min())
        made += more
        held = held - more * counts
        parts.append(
            {
                "part": name,
                "cells": came.tolist(),
                "stacks": made,
                "short": int((held / counts).argmin()) + 1,
                "waiting": int(held.sum()),
            }
        )
    return {"trays": trays, "recipe": counts.tolist(), "parts": parts, "lasts": _lasts(held, came, counts)}


def _parts(pool: Pool) -> list[tuple[str, Ints]]:
    cells = np.arange(pool.count, dtype=np.int64)
    if len(pool.webs) > 1:
        return [(f"lot {number + 1}", cells[pool.lot == number]) for number in range(len(pool.webs))]
    return [
        (f"{number + 1}/{_PARTS}", part) for number, part in enumerate(np.array_split(cells, _PARTS)) if len(part)
    ]


def _lasts(held: Ints, came: Ints, counts: Ints) -> dict[str, Any] | None:
    """Where a tray gets less than the recipe takes of it, how long what waits there lasts."""
    total = int(came.sum())
    if total == 0:
        return None
    lacks = counts - came / total * counts.sum()
    with np.errstate(divide="ignore"):
        stacks = np.where(lacks > 1e-9, np.floor(held / np.maximum(lacks, 1e-9)), np.inf)
    first = int(stacks.argmin())
    return {"tray": first + 1, "stacks": int(stacks[first])} if np.isfinite(stacks[first]) else None
