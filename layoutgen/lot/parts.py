"""Binning a web in parts, on many cores or many machines that see its folder: the same answers and the same bytes.

A part is a range of row groups. Every part is looked at first; its counts are whole numbers, so that their sums do
not depend on who made them. Then every part is binned against the statistics of the whole.
"""

import io
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from layoutgen.lot.binning import Judged, Outcome, Part, Tally, about_bins, bin_part, outcome_of
from layoutgen.lot.cycled import NOTHING, Asked, estimator_of
from layoutgen.lot.folder import WebFolder, open_web
from layoutgen.lot.rules import READ_COLUMNS, Judge, Statistics
from layoutgen.lot.table import BINS, TableWriter, arrow
from layoutgen.pdk.webtest import WebTest
from layoutgen.spread import spread

_GROUPS: Final = 4
"""Row groups of a part: half a million cells."""
Advance = Callable[[int], object]
Made = tuple[Tally, bytes]


@dataclass(frozen=True)
class Task:
    """One part of a web, as another process is told of it."""

    web: Path
    test: WebTest
    dead: tuple[int, ...]
    part: Part
    judged: Judged | None = None

    def opened(self) -> tuple[WebFolder, Judge]:
        web = open_web(self.web)
        return web, Judge(self.test, web.map, self.dead)


def look(task: Task) -> Statistics:
    """The statistics of a part."""
    web, judge = task.opened()
    found = judge.empty()
    for chunk in web.table.chunks(READ_COLUMNS, judge.context, task.part):
        judge.look(chunk, found)
    return found


def bin_it(task: Task) -> Made:
    """What binning found in a part, and its rows as a table."""
    web, judge = task.opened()
    assert task.judged is not None
    rows = io.BytesIO()
    first, repeats = web.table.span(task.part)
    about = replace(about_bins(web, judge, task.judged.estimator), first_repeat=first, repeats=repeats)
    with TableWriter(rows, BINS, about) as writer:
        tally = bin_part(web, judge, task.judged, task.part, writer, lambda _: None)
    return tally, rows.getvalue()


def bin_in_parts(
    web: WebFolder,
    test: WebTest,
    dead: Sequence[int],
    target: Path,
    advance: Advance,
    *,
    jobs: int,
    scheduler: str | None,
    asked: Asked = NOTHING,
) -> Outcome:
    """As :func:`layoutgen.lot.binning.bin_web`, by several processes.

    Args:
        web: the readings; workers open the same folder.
        test: the test of the kit, with what was laid over it.
        dead: cells of the repeat that lie in dead zones.
        target: ``bins.parquet`` to write.
        advance: is told of every repeat twice.
        jobs: processes on this machine.
        scheduler: address of a Dask scheduler to hand the work to instead.
        asked: what is known of capacities beside the readings.

    Raises:
        InputError: Dask is not installed, or the scheduler cannot be reached.
    """
    groups = web.table.groups
    parts = [(start, min(start + _GROUPS, groups)) for start in range(0, groups, _GROUPS)]
    task = Task(web.path.resolve(), test, tuple(dead), (0, 0))
    judge = Judge(test, web.map, dead)
    statistics = judge.empty()
    for part, found in spread(look, ((p, replace(task, part=p)) for p in parts), jobs=jobs, scheduler=scheduler):
        statistics.merge(found)
        advance(web.table.span(part)[1])
    judged = Judged.of(statistics, judge, estimator_of(web, judge, statistics, asked, advance))
    tally = Tally.empty(web.map.cells, judged.centres)
    tasks = ((p, replace(task, part=p, judged=judged)) for p in parts)
    with TableWriter(target, BINS, about_bins(web, judge, judged.estimator)) as writer:
        made = spread(bin_it, tasks, jobs=jobs, scheduler=scheduler)
        for part, (found_here, rows) in in_order(parts, made):
            tally.merge(found_here)
            file = arrow().parquet.ParquetFile(io.BytesIO(rows))
            for number in range(file.num_row_groups):
                writer.write_group(file.read_row_group(number))
            advance(web.table.span(part)[1])
    return outcome_of(judge, statistics, judged, tally)


def in_order(keys: Sequence[Part], made: Iterable[tuple[Part, Made]]) -> Iterator[tuple[Part, Made]]:
    """Results in the order of their keys, each as soon as all before it are there."""
    waiting: dict[Part, Made] = {}
    wanted = iter(keys)
    key = next(wanted, None)
    for got, result in made:
        waiting[got] = result
        while key is not None and key in waiting:
            yield key, waiting.pop(key)
            key = next(wanted, None)
