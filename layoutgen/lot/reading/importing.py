"""From files of a test house to the folder WEB, with a report of everything that was not taken."""

import hashlib
import math
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from numpy.typing import NDArray

from layoutgen.document.file import to_text
from layoutgen.errors import Input, InputError, Problem
from layoutgen.files.folder import write_folder
from layoutgen.lot.folder import DESIGN, IMPORT, TABLE, json_text
from layoutgen.lot.kit import value_in
from layoutgen.lot.reading.batch import READINGS, Findings
from layoutgen.lot.reading.columns import ColumnReader, Places
from layoutgen.lot.reading.defects import defect_table, defects_by_cell
from layoutgen.lot.reading.e142_file import E142Reader
from layoutgen.lot.reading.headings import SPECTRUM, nothing_known, read_headings, unread
from layoutgen.lot.reading.klarf_file import Defects, read_klarf
from layoutgen.lot.reading.manifest import own_record
from layoutgen.lot.reading.passes import PASSES, Passes
from layoutgen.lot.reading.spectra_file import SpectraOfWeb
from layoutgen.lot.reading.spill import Spill, readings_of
from layoutgen.lot.reading.stdf_file import StdfReader
from layoutgen.lot.reading.tables import OpenTable, open_csv, open_parquet
from layoutgen.lot.reading.values import Gauge
from layoutgen.lot.simulate import MAKER, Counts, NeverRead
from layoutgen.lot.table import DEFECT, WEB, About, TableWriter
from layoutgen.lot.webmap import repeat_map
from layoutgen.pdk.webtest import WebTest
from layoutgen.reading import require_plain
from layoutgen.solver.solution import Solution
from layoutgen.units import counted
from layoutgen.web.addresses import repeat_name

_MOST_BYTES: Final = 1 << 42
UNKNOWN_SHARE: Final = 0.01
"""Most of the rows of a file, as a share, that may be of no cell of the design: of another one there are many."""
_MOST_SWAPPED: Final = 0.5
_FEW: Final = 0.1
"""A file of capacities of fewer cells than this share of the web looks like a sample that was cycled."""
_MOST_UNREADABLE: Final = 0.5
_TOLD: Final = (
    "unknown", "out_of_range", "unreadable", "no_number", "broken_lines", "no_line_end", "unknown_defects",
)  # fmt: skip
"""What ``strict`` refuses."""
Tell = Callable[[int], object]


@dataclass
class Import:
    """What is asked of an import."""

    solution: Solution
    document: dict[str, Any]
    test: WebTest
    files: Sequence[Path]
    units: dict[str, str] = field(default_factory=dict)
    repeats: int | None = None
    """Repeats of the web; those beyond the last reading are missing. None ends with the last reading."""
    strict: bool = False
    unknown: float = UNKNOWN_SHARE
    """Most of the rows of a file, as a share, that may be of no cell of the design."""


class Importer:
    """Reads files, one after the other."""

    def __init__(self, asked: Import, folder: Path, tell: Tell) -> None:
        self.asked, self._tell = asked, tell
        self.map = repeat_map(asked.solution)
        self.findings = Findings()
        self.gauge = Gauge(asked.test, asked.solution.loaded.pdk, self.map, self.findings, asked.units)
        self.places = Places(self.map, asked.solution.web, self.findings)
        self.spill = Spill(folder, self.map.cells)
        self.spectra = SpectraOfWeb(self.map, self.findings, folder, self.gauge)
        self.defects: list[Defects] = []
        self.synthetic = False
        self.sources: list[dict[str, Any]] = []
        self.bins: dict[str, dict[str, str]] = {}

    def read(self) -> None:
        """Read every file.

        Raises:
            InputError: a file cannot be read, or is of another design; with ``strict``, anything was not taken.
        """
        for path in self.asked.files:
            counts, rows, swept = self.findings.counts.copy(), self.spill.rows, self.spectra.rows
            self.gauge.check.begin()
            kind = self._read(path)
            new = self.findings.counts - counts
            taken = self.spill.rows - rows
            self._require_cells(path, new, taken + self.spectra.rows - swept)
            self.gauge.check.require(path.name)
            self._require_numbers(path, new["unreadable"], taken + self.spectra.rows - swept)
            entry = {"name": path.name, "sha256": _digest(path), "kind": kind, "readings": taken}
            self.sources.append(entry)
        if self.asked.strict:
            self._require_clean()

    def _require_cells(self, path: Path, new: Counter[str], rows: int) -> None:
        """Refuse a file of another design: its own cells are all there are."""
        lost = new["unknown"]
        if not lost:
            return
        if new["swapped"] > _MOST_SWAPPED * lost:
            what = f"{lost} cells are none of this design, and most of them are with column and row swapped"
            raise InputError(Problem(what, path.name, remedy="C as the column and R as the row of the cell map"))
        share = lost / (rows + lost)
        if share > self.asked.unknown:
            what = f"{lost} of {rows + lost} rows are of cells that this design has not"
            first = "; ".join(self.findings.examples.get("unknown", [])[:3])
            remedy = "the right " + Input("design")
            if share < 1:
                remedy += ", or " + Input("unknown", f"{math.ceil(1000 * share) / 10:g}") + " to leave them out"
            allowed = f"at most {100 * self.asked.unknown:g} %"
            raise InputError(Problem(f"{what}: {first}", path.name, allowed, remedy))

    def _require_numbers(self, path: Path, wrong: int, rows: int) -> None:
        if rows and wrong > _MOST_UNREADABLE * rows:
            what = f"{wrong} values of {rows} rows are no numbers"
            first = "; ".join([*self.findings.examples.get("unreadable", [])[:3], *self.findings.notes[:1]])
            raise InputError(Problem(f"{what}: {first}", path.name, "numbers, or nothing between the commas"))

    def _read(self, path: Path) -> str:
        if path.is_dir():
            raise InputError(Problem("is a folder", str(path), "files", f"{path.as_posix().rstrip('/')}/*"))
        try:
            require_plain(path, _MOST_BYTES)
            with path.open("rb") as file:
                head = file.read(4096)
        except OSError as error:
            reason = (error.strerror or str(error)).lower()
            raise InputError(Problem(f"cannot be read: {reason}", str(path))) from error
        if head[:4] == b"PAR1":
            return self._table(path, open_parquet(path), "Parquet")
        if len(head) > 5 and (head[2], head[3]) == (0, 10) and head[:2] in {b"\x02\x00", b"\x00\x02"}:
            stdf = StdfReader(path, self.places, self.gauge, self.findings)
            self._take(stdf.batches())
            self._require_design(stdf.about, path)
            return "STDF V4"
        if head.lstrip(b"\xef\xbb\xbf \r\n\t").startswith(b"<"):
            e142 = E142Reader(path, self.map, self.asked.solution.web, self.gauge, self.findings)
            self._take(e142.batches())
            self.bins |= e142.bins
            self._require_design(e142.about, path)
            return "SEMI E142"
        if head.lstrip().startswith(b"{") and (said := own_record(path)):
            self.findings.note(f"{path.name}: {said}")
            return "record"
        if b"FileVersion" in head:
            self.defects.append(read_klarf(path, self.map, self.findings))
            return "KLARF 1.2"
        return self._table(path, open_csv(path), "CSV")

    def _table(self, path: Path, table: OpenTable, kind: str) -> str:
        self._require_design(table.about, path)
        if table.about.get("schema") == WEB.schema:
            self._own(table)
            return "layoutgen.web/1"
        if holds := table.about.get("holds"):
            # readings of all cells and capacities of a few that were cycled are not to be mixed
            self.findings.note(f"{path.name}: says that it holds {holds[:60]}: for layoutgen bin, not read here")
            return f"{kind} beside the readings"
        headings = read_headings(table.headings, path.name, self.asked.units)
        if {heading.reading for heading in headings} >= set(SPECTRUM):
            self.spectra.read(table, headings, self.places, path.name, self._tell)
            kind = f"spectra, {kind}"
        elif not {heading.reading for heading in headings} & {*READINGS, "bin"}:
            raise nothing_known(table.headings, path.name)
        else:
            reader = ColumnReader(headings, self.places, self.gauge, self.findings, path.name)
            before = self.spill.rows
            self._take(reader.records(batch, rows) for rows, batch in table.batches)
            if not {heading.reading for heading in headings} & {*READINGS, "bin"} - {"capacity"}:
                self._doubt_capacities(path, self.spill.rows - before)
        if strange := unread(table.headings, headings):
            which = ", ".join(repr(text) for text in strange[:6]) + (" ..." if len(strange) > 6 else "")
            self.findings.note(f"{path.name}: {which}: no heading that says anything here, left out")
        self.findings.add("broken_lines", table.broken.count, *table.broken.examples)
        if kind.endswith("CSV") and not _ends_a_line(path):
            self.findings.add("no_line_end", 1, path.name)
            self.findings.notes.append(f"{path.name}: its last line has no end: is the file whole?")
        return kind

    def _doubt_capacities(self, path: Path, rows: int) -> None:
        """Name a file of capacities and nothing else of a few cells: it is how cells that were cycled come."""
        if 0 < rows < _FEW * (self.spill.last + 1):
            self.findings.note(
                f"{path.name}: has capacities of {counted(rows, 'cell')} and nothing else, taken for readings of a "
                "test; if these cells were cycled, the file is for layoutgen bin, and must not be read here"
            )

    def _own(self, table: OpenTable) -> None:
        """A table of layoutgen's own: ticks as they are."""
        from layoutgen.lot.reading.own import records_of_own

        first = int(table.about.get("first_repeat", "1"))
        self._take(records_of_own(batch, first, self.map.cells) for _, batch in table.batches)

    def _take(self, batches: Iterator[NDArray[Any]]) -> None:
        for made in batches:
            self.spill.add(made)
            self._tell(len(made))

    def _require_design(self, about: Any, path: Path) -> None:
        digest = about.get("map_sha256", "")
        if str(about.get("synthetic", "")).lower() == "true":
            self.synthetic = True
        if digest and digest != self.map.digest:
            what = f"is of the cell map {digest[:12]}, that of the design is {self.map.digest[:12]}"
            raise InputError(
                Problem(what, path.name, remedy="the " + Input("design") + " that the web was made with")
            )
        part = str(about.get("part", "")).removesuffix(" (synthetic)")
        if str(about.get("part", "")).endswith("(synthetic)"):
            self.synthetic = True
        if not digest and part and part != self.map.name:
            self.findings.notes.append(f"{path.name}: names {part!r}, the design is {self.map.name!r}")

    def _require_clean(self) -> None:
        problems = []
        for kind in _TOLD:
            if self.findings.counts[kind]:
                shown = "; ".join(self.findings.examples.get(kind, []))
                words = kind.replace("_", " ")
                problems.append(Problem(f"{self.findings.counts[kind]} {words}: {shown}", Input("strict")))
        if problems:
            raise InputError(problems)

    def write(self, folder: Path) -> dict[str, Any]:
        """Write the folder; returns import.json."""
        cells = self.map.cells
        seen = max(
            [
                self.spill.last // cells + 1,
                self.spectra.repeats,
                *(int(d.repeat.max(initial=0)) for d in self.defects),
            ]
        )
        repeats = self._repeats(seen)
        if not self.spill.rows and not self.spectra.count:
            raise InputError(
                Problem(
                    "no reading of any cell was found",
                    ", ".join(p.name for p in self.asked.files),
                    "readings, bins or spectra of cells of this design",
                    "layoutgen test deliver, to see such files",
                )
            )
        about = self._about(repeats)
        spectra = self.spectra.judged(folder / "spectra.parquet", about)
        on_cell = defects_by_cell(self.defects)
        counts = Counts()
        never = NeverRead(self.map)
        dead_v = value_in(self.asked.test.gauge.low, "ocv") / 2
        passes = Passes(folder / PASSES, about, self.gauge.contact_high, dead_v)
        with TableWriter(folder / TABLE, WEB, about) as writer, closing(passes), closing(spectra):
            start = 0
            for count, made in self.spill.groups(repeats):
                data = readings_of(made, count, cells, self.gauge.contact_high)
                passes.add(made, start)
                spectra.put(data, start)
                for repeat, cell in on_cell.get_range(start, start + count):
                    data["status"][repeat - start, cell] |= DEFECT
                writer.write(data)
                counts.add(data)
                never.add(data["passes"])
                start += count
        if self.defects:
            defect_table(folder / "defects.parquet", self.defects, about)
        for said in (never.text(), passes.doubt()):
            if said:
                self.findings.note(said)
        found = self.findings.counts
        if found["no_number"]:
            shown = "; ".join(self.findings.examples["no_number"][:3])
            self.findings.notes.append(f"{found['no_number']} values are no numbers, and missing: {shown}")
        document = counts.document(
            about,
            sources=[_told(item) for item in self.sources if item["kind"] != "record"],
            double=counts.twice,
            unknown=found["unknown"],
            out_of_range=found["out_of_range"],
            unreadable=found["unreadable"],
            broken_lines=found["broken_lines"],
            defects={"points": sum(len(d.x_um) for d in self.defects), "outside": found["unknown_defects"]},
            spectra=spectra.record(),
            examples={key: self.findings.examples[key] for key in sorted(self.findings.examples)},
            notes=self.findings.notes,
            files=self.sources,
            bins=dict(sorted(self.bins.items())),
        )
        if self.asked.strict:
            self._require_clean()
        (folder / IMPORT).write_bytes(json_text(document))
        (folder / DESIGN).write_text(to_text(self.asked.document), encoding="utf-8")
        return document

    def _repeats(self, seen: int) -> int:
        """Repeats of the web, of which the files hold readings up to one.

        Raises:
            InputError: they hold readings beyond the end of the web that was asked for.
        """
        asked = self.asked.repeats
        if asked is not None and seen > asked:
            metres = self.map.length_um * 1e-6
            what = f"is {counted(asked, 'repeat')}, and there are readings or defects up to {repeat_name(seen)}"
            remedy = (
                Input("web_length", f"{math.ceil(1000 * seen * metres) / 1000:g}")
                + ", or the files of this web only"
            )
            raise InputError(Problem(what, Input("web_length"), remedy=remedy))
        return max(seen, asked or 0)

    def _about(self, repeats: int) -> About:
        return About(self.map.name, self.map.digest, self.map.cells, 1, repeats, self.synthetic, {})


def import_web(asked: Import, target: Path, *, force: bool, tell: Tell) -> dict[str, Any]:
    """Read files into a new folder WEB; what was there stays as it was where anything fails.

    Raises:
        InputError: a file is wrong.
        OutputError: the folder cannot be written.
    """
    found: dict[str, Any] = {}

    def fill(folder: Path) -> None:
        with tempfile.TemporaryDirectory(dir=folder.parent) as spilled:
            importer = Importer(asked, Path(spilled), tell)
            importer.read()
            found.update(importer.write(folder))

    write_folder(target, fill, force=force, kind=MAKER)
    return found


def _digest(path: Path) -> str:
    found = hashlib.sha256()
    with path.open("rb") as file:
        while block := file.read(1 << 22):
            found.update(block)
    return found.hexdigest()


def _ends_a_line(path: Path) -> bool:
    with path.open("rb") as file:
        file.seek(-1, 2)
        return file.read(1) in b"\r\n"


def _told(source: dict[str, Any]) -> str:
    """A file by its kind and readings; spectra and defects are counted in lines of their own."""
    counted = f", {source['readings']} readings" if source["readings"] else ""
    return f"{source['name']} ({source['kind']}{counted})"
