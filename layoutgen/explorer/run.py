"""Running a sweep: on this machine's cores or on a Dask cluster, resuming where it was stopped.

Finished rows are kept in a journal beside the output, so that a sweep that was stopped goes on from there. The
result does not depend on how the work was split.
"""

import hashlib
import itertools
import json
from collections.abc import Callable, Iterator, Sequence
from functools import cache, partial
from typing import Any

import numpy as np

from layoutgen import __version__
from layoutgen.explorer.journal import Journal, answers_what
from layoutgen.explorer.points import ASKED, FIGURES, Row, evaluate, specs_of
from layoutgen.explorer.sweep import Sweep
from layoutgen.solver.front import unbeaten
from layoutgen.solver.shared import Shared
from layoutgen.spread import spread

_CHUNK = 8
_CHECKED = 200
Chunk = tuple[int, list[dict[str, Any]]]
Advance = Callable[[int], None]


def run_sweep(
    sweep: Sweep,
    *,
    jobs: int = 1,
    scheduler: str | None = None,
    journal: Journal | None = None,
    process: str | None = None,
    advance: Advance | None = None,
) -> list[Row]:
    """The rows of a sweep, in its order, each with a column more for every value of the process that varies.

    Args:
        sweep: what to ask.
        jobs: processes on this machine; 1 works in this one.
        scheduler: address of a Dask scheduler to hand the work to instead.
        journal: where finished rows are kept, and taken from where they answer the same; entered by the caller.
        process: what :func:`check_first_points` gave, where that was asked before.
        advance: called with the number of rows that have come in.

    Raises:
        SpecError, PdkError: a point is wrong input.
        InputError: Dask is not installed, or the scheduler cannot be reached.
    """
    shared = Shared()
    process = process or check_first_points(sweep, shared)
    kept = journal.read() if journal else {}
    done: dict[int, Row] = {}
    if kept:
        answers = ((number, answers_what(process, point)) for number, point in enumerate(sweep.points()))
        done = {number: kept[answer] for number, answer in answers if answer in kept}
    if advance and done:
        advance(len(done))
    chunks = (chunk for chunk in _chunks(sweep) if any(chunk[0] + i not in done for i in range(len(chunk[1]))))
    tasks = ((chunk, chunk[1]) for chunk in chunks)
    work: Callable[[list[dict[str, Any]]], list[Row]] = evaluate
    if scheduler is None:
        work = partial(evaluate, shared=shared) if jobs <= 1 else _evaluate_there
    for (start, points), rows in spread(work, tasks, jobs=jobs, scheduler=scheduler):
        if journal:
            journal.append({answers_what(process, point): row for point, row in zip(points, rows, strict=True)})
        new = {start + number: row for number, row in enumerate(rows)}
        if advance:
            advance(len(set(new) - set(done)))
        done |= new
    return [done[number] | values for number, values in enumerate(sweep.varied())]


def _evaluate_there(points: list[dict[str, Any]]) -> list[Row]:
    """In a process of this sweep alone, whose points share what earlier ones found out."""
    return evaluate(points, _shared_there())


@cache
def _shared_there() -> Shared:
    return Shared()


def check_first_points(sweep: Sweep, shared: Shared | None = None) -> str:
    """Refuse wrong input before any work is handed out; a long sweep is checked as far as is quick.

    Returns:
        Digest of what rows depend on beside the questions: what the processes of these points and their templates
        say, and the version of the tool.
    """
    points = list(itertools.islice(sweep.points(), _CHECKED))
    overrides = dict.fromkeys((spec.pdk, spec.overrides) for spec in specs_of(points))
    kits = (shared or Shared()).kits(list(overrides))
    told = [
        [kit.sha256, *(item.model_dump(mode="json") for item in (kit.template, *kit.structures.values()))]
        for kit in kits
    ]
    return hashlib.sha256(json.dumps([__version__, told], sort_keys=True).encode()).hexdigest()


def _chunks(sweep: Sweep) -> Iterator[Chunk]:
    points = sweep.points()
    for start in itertools.count(0, _CHUNK):
        chunk = list(itertools.islice(points, _CHUNK))
        if not chunk:
            return
        yield start, chunk


def pareto_front(rows: Sequence[Row]) -> list[Row]:
    """Rows that no other row of the same scenario beats, in their order, each design once.

    A scenario is what the device must do and the values of the process (:data:`ASKED`): designs of two scenarios do
    not beat each other. Beaten is a row that another equals or betters in height, web area for each good device and
    energy density, and betters in one of them. Where several questions have one answer, the first stands for them.
    """
    groups: dict[tuple[object, ...], list[int]] = {}
    seen: set[tuple[object, ...]] = set()
    for index, row in enumerate(rows):
        scenario = tuple(row.get(name) for name in ASKED)
        answer = (*scenario, *(row.get(name) for name in ("foil_um", "cathode_um", *FIGURES)))
        if row["fits"] and answer not in seen:
            seen.add(answer)
            groups.setdefault(scenario, []).append(index)
    kept = sorted(index for group in groups.values() for index in _unbeaten(rows, group))
    return [rows[index] for index in kept]


def _unbeaten(rows: Sequence[Row], group: Sequence[int]) -> list[int]:
    cost = np.array(
        [
            [rows[i]["package_height_mm"], rows[i]["web_mm2_per_good_device"], -rows[i]["package_wh_per_l"]]
            for i in group
        ]
    )
    return [group[index] for index in unbeaten(cost)]
