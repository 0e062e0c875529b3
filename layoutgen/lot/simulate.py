"""Writing a synthetic web to disk, piece by piece."""

from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

import numpy as np

from layoutgen.document.file import to_text
from layoutgen.files.folder import write_folder
from layoutgen.lot.folder import DESIGN, IMPORT, IMPORT_SCHEMA, TABLE, TRUTH, TRUTH_TABLE, json_text
from layoutgen.lot.plan import best_cards, blocks_of, sites_of
from layoutgen.lot.synthetic import Recipe, SyntheticWeb
from layoutgen.lot.table import NULL, WEB, About, Matrix, TableWriter
from layoutgen.lot.table import TRUTH as TRUTH_FORM
from layoutgen.lot.webmap import RepeatMap, repeat_map
from layoutgen.pdk.webtest import WebTest
from layoutgen.solver.solution import Solution
from layoutgen.units import counted

MAKER: Final = "test"
_FEW_REPEATS: Final = 3
_USUAL: Final = 0.5
_NAMED: Final = 4


def simulate(
    document: dict[str, Any],
    solution: Solution,
    test: WebTest,
    recipe: Recipe,
    target: Path,
    *,
    force: bool,
    advance: Callable[[int], object],
) -> dict[str, Any]:
    """Make the folder of a synthetic web.

    Args:
        document: the design as it was read, which goes into the folder.
        solution: the same, checked.
        test: its test; the card gives each cell its site.
        recipe: what is chosen of the web.
        target: the folder to make.
        force: replace one that was made earlier.
        advance: is told how many repeats were made.

    Returns:
        The content of import.json.

    Raises:
        OutputError: it cannot be written.
    """
    cells = repeat_map(solution)
    plan = best_cards(blocks_of(cells), int(test.prober.sites.value))[0]
    made = SyntheticWeb(cells, solution.loaded.pdk, sites_of(cells, plan), recipe)
    about = About(cells.name, cells.digest, cells.cells, 1, recipe.repeats, synthetic=True, more={})
    imported: dict[str, Any] = {}

    def fill(folder: Path) -> None:
        counts = Counts()
        with (
            TableWriter(folder / TABLE, WEB, about) as web,
            TableWriter(folder / TRUTH_TABLE, TRUTH_FORM, about) as truth,
        ):
            for readings, causes in made.chunks():
                web.write(readings)
                truth.write(causes)
                counts.add(readings)
                advance(len(readings["passes"]))
        imported.update(counts.document(about, sources=[f"synthetic, seed {recipe.seed}"]))
        (folder / IMPORT).write_bytes(json_text(imported))
        (folder / TRUTH).write_bytes(json_text(made.truth_document()))
        (folder / DESIGN).write_text(to_text(document), encoding="utf-8")

    write_folder(target, fill, force=force, kind=MAKER)
    return imported


class NeverRead:
    """Places of the repeat that nobody read in any repeat, though most were: another design, or a dead site."""

    def __init__(self, cells: RepeatMap) -> None:
        self._map = cells
        self._read = np.zeros(cells.cells, dtype=np.int64)
        self._repeats = 0

    def add(self, passes: Matrix) -> None:
        """Take the next repeats."""
        self._read += (passes > 0).sum(axis=0)
        self._repeats += int((passes > 0).any(axis=1).sum())

    def text(self) -> str:
        """What is said of them; empty where there are none, or a sample of the places was read."""
        lost = np.flatnonzero(self._read == 0)
        read = len(self._read) - len(lost)
        # places that are read are read in most repeats; of a sample in a few of them
        usual = float(self._read.sum()) / max(1, read * self._repeats)
        if not len(lost) or read < len(lost) or self._repeats < _FEW_REPEATS or usual < _USUAL:
            return ""
        names = ", ".join(self._map.names[cell] for cell in lost[:_NAMED].tolist())
        more = " ..." if len(lost) > _NAMED else ""
        return (
            f"{counted(len(lost), 'place')} of the repeat, {names}{more}, without a reading in {self._repeats} "
            "repeats: another design, or a site that does not read?"
        )


class Counts:
    """What an import says of the cells of a table."""

    def __init__(self) -> None:
        self.read = self.twice = self.missing = 0
        self.missing_repeats: list[int] = []
        self._apart = 0
        self._rest_s = [2**31, 0]
        self._repeat = 0

    def add(self, readings: dict[str, Matrix]) -> None:
        """Count the next repeats of a table."""
        passes = readings["passes"]
        self.read += int((passes > 0).sum())
        self.twice += int((passes > 1).sum())
        self.missing += int((passes == 0).sum())
        rest = readings["rest_s"][readings["rest_s"] != NULL]
        if len(rest):
            self._apart += len(rest)
            self._rest_s = [min(self._rest_s[0], int(rest.min())), max(self._rest_s[1], int(rest.max()))]
        empty = (passes == 0).all(axis=1)
        self.missing_repeats += [self._repeat + number + 1 for number in empty.nonzero()[0].tolist()]
        self._repeat += len(passes)

    def document(self, about: About, sources: list[str], **more: Any) -> dict[str, Any]:
        """import.json."""
        first = about.first_repeat - 1
        return {
            "schema": IMPORT_SCHEMA,
            **about.origin(),
            "sources": sources,
            "first_repeat": about.first_repeat,
            "repeats": about.repeats,
            "cells": self.read,
            "missing": self.missing,
            "missing_repeats": [first + number for number in self.missing_repeats],
            "double": more.pop("double", self.twice),
            "unknown": more.pop("unknown", 0),
            "out_of_range": more.pop("out_of_range", 0),
            "two_passes": {
                "cells": self._apart,
                "rest_h": [end / 3600 for end in self._rest_s] if self._apart else None,
            },
            **more,
        }
