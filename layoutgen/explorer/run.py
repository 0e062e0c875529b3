"""Running a sweep: on this machine's cores or on a Dask cluster, resuming where it was stopped.

Finished rows are appended to a journal beside the output, so that a sweep that was stopped goes on from there. The
result does not depend on how the work was split.
"""

import hashlib
import itertools
import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import numpy as np

from layoutgen import __version__
from layoutgen.errors import InputError, Problem
from layoutgen.explorer.points import Row, evaluate, specs_of
from layoutgen.explorer.sweep import Sweep
from layoutgen.pdk.load import LoadedPdk, load_pdk
from layoutgen.processes import end_with_parent
from layoutgen.solver.front import unbeaten

_CHUNK = 8
_CHECKED = 200
Chunk = tuple[int, list[dict[str, Any]]]
Advance = Callable[[int], None]


def run_sweep(
    sweep: Sweep,
    *,
    jobs: int = 1,
    scheduler: str | None = None,
    journal: Path | None = None,
    advance: Advance | None = None,
) -> list[Row]:
    """The rows of a sweep, in its order.

    Args:
        sweep: what to ask.
        jobs: processes on this machine; 1 works in this one.
        scheduler: address of a Dask scheduler to hand the work to instead.
        journal: file that keeps finished rows until the sweep is done.
        advance: called with the number of rows that have come in.

    Raises:
        SpecError, PdkError: a point is wrong input.
        InputError: Dask is not installed, or the scheduler cannot be reached.
    """
    kits = _check_first_points(sweep)
    head = _identity(sweep, kits)
    done = _read_journal(journal, head) if journal else {}
    if advance and done:
        advance(len(done))
    chunks = (chunk for chunk in _chunks(sweep) if any(chunk[0] + i not in done for i in range(len(chunk[1]))))
    finished = _on_cluster(chunks, scheduler) if scheduler else _on_cores(chunks, jobs)
    started = False  # a sweep that is refused leaves nothing behind
    for start, rows in finished:
        new = {start + number: row for number, row in enumerate(rows)}
        if journal:
            if not started:
                _start_journal(journal, head)
                started = True
            _append(journal, new)
        if advance:
            advance(len(set(new) - set(done)))
        done |= new
    return [done[number] for number in sorted(done)]


def _check_first_points(sweep: Sweep) -> list[LoadedPdk]:
    """Refuse wrong input before any work is handed out; a long sweep is checked as far as is quick.

    Returns:
        The process of each kind of point that was checked.
    """
    points = list(itertools.islice(sweep.points(), _CHECKED))
    overrides = dict.fromkeys((spec.pdk, spec.overrides) for spec in specs_of(points))
    return [load_pdk(pdk, settings) for pdk, settings in overrides]


def _chunks(sweep: Sweep) -> Iterator[Chunk]:
    points = sweep.points()
    for start in itertools.count(0, _CHUNK):
        chunk = list(itertools.islice(points, _CHUNK))
        if not chunk:
            return
        yield start, chunk


def _on_cores(chunks: Iterable[Chunk], jobs: int) -> Iterator[tuple[int, list[Row]]]:
    if jobs <= 1:
        for start, points in chunks:
            yield start, evaluate(points)
        return
    with ProcessPoolExecutor(jobs, mp_context=get_context("spawn"), initializer=end_with_parent) as pool:
        waiting: dict[Future[list[Row]], int] = {}
        for start, points in chunks:
            waiting[pool.submit(evaluate, points)] = start
            if len(waiting) >= 4 * jobs:
                yield from _collect(waiting)
        while waiting:
            yield from _collect(waiting)


def _collect(waiting: dict[Future[list[Row]], int]) -> Iterator[tuple[int, list[Row]]]:
    ready, _ = wait(waiting, return_when=FIRST_COMPLETED)
    for future in sorted(ready, key=waiting.__getitem__):
        yield waiting.pop(future), future.result()


def _on_cluster(chunks: Iterable[Chunk], scheduler: str) -> Iterator[tuple[int, list[Row]]]:
    try:
        import distributed
    except ImportError:
        what = "Dask is not installed"
        raise InputError(Problem(what, "--scheduler", remedy="pip install 'layoutgen[dask]'")) from None
    try:
        connect: Any = distributed.Client
        client = connect(scheduler, timeout="10s", set_as_default=False)
    except (OSError, ValueError, TypeError) as error:
        raise InputError(Problem(f"cannot reach {scheduler!r}: {error}", "--scheduler")) from error
    finished: Any = distributed.as_completed
    with client:
        starts = {}
        for start, points in chunks:
            starts[client.submit(evaluate, points, pure=False)] = start
        for future in finished(list(starts), loop=client.loop):
            yield starts[future], future.result()


def _identity(sweep: Sweep, kits: Sequence[LoadedPdk]) -> str:
    """What rows depend on: the questions, what the process and its templates say, and the version of the tool."""
    told = [
        [kit.sha256, *(item.model_dump(mode="json") for item in (kit.template, *kit.structures.values()))]
        for kit in kits
    ]
    text = json.dumps([__version__, dict(sweep.base), sweep.axes, told], sort_keys=True, default=str)
    return hashlib.sha256(text.encode()).hexdigest()


def _read_journal(journal: Path, head: str) -> dict[int, Row]:
    """Rows kept from a run that was stopped; a last line that was cut off, or another sweep's file, is ignored."""
    if not journal.is_file():
        return {}
    found: dict[int, Row] = {}
    lines = journal.read_text(encoding="utf-8", errors="replace").splitlines()
    if not lines or lines[0] != head:
        return {}
    for line in lines[1:]:
        try:
            number, row = json.loads(line)
        except ValueError:
            continue
        if isinstance(number, int) and isinstance(row, dict):
            found[number] = row
    return found


def _start_journal(journal: Path, head: str) -> None:
    """Make the journal, or empty one that belongs to another sweep."""
    journal.parent.mkdir(parents=True, exist_ok=True)
    if not journal.is_file() or not journal.read_text(encoding="utf-8", errors="replace").startswith(f"{head}\n"):
        journal.write_text(f"{head}\n", encoding="utf-8")


def _append(journal: Path, rows: Mapping[int, Row]) -> None:
    with journal.open("a", encoding="utf-8") as file:
        # the line break comes first: a line that a stopped run left unfinished must not swallow the next one
        file.writelines(f"\n{json.dumps([number, row])}" for number, row in rows.items())


def pareto_front(rows: Sequence[Row]) -> list[Row]:
    """Rows that no other row of the same capacity beats, in their order.

    Beaten is a row that another equals or betters in height, web area for each good device and energy density, and
    betters in one of them.
    """
    groups: dict[float | None, list[int]] = {}
    for index, row in enumerate(rows):
        if row["fits"]:
            groups.setdefault(row["capacity_mah"], []).append(index)
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
