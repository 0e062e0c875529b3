"""A synthetic web as the files that a test house delivers, so that reading them can be learned and tried.

Readings as CSV and as STDF, spectra of a sample of cells, points of an inspection as KLARF, the tester's own bins
as E142, capacities of a sample of cells that were cycled, a map of the thickness. What is true of them beside the
truth of the web stands in ``truth-of-delivery.json``.
"""

from collections.abc import Callable, Iterator
from contextlib import nullcontext
from pathlib import Path
from typing import IO, Any, Final

import numpy as np
from numpy.typing import NDArray

from layoutgen.errors import DocumentError, Problem
from layoutgen.files.folder import write_folder
from layoutgen.lot.bin_map import BinDefinition, bin_map_lines
from layoutgen.lot.circuit import impedance, parameters_of
from layoutgen.lot.folder import TRUTH, TRUTH_TABLE, WebFolder, json_text, read_json
from layoutgen.lot.plan import frequencies
from layoutgen.lot.rules import COLUMN_OF
from layoutgen.lot.stdf import BinOfCells, ParametricTest, RepeatWriter, header, results_of, trailer
from layoutgen.lot.synthetic import LATENT, SHORTED, SOFT
from layoutgen.lot.synthetic import SCHEMA as TRUTH_SCHEMA
from layoutgen.lot.table import NULL, RETESTED, WEB, Chunk, Matrix, Table
from layoutgen.lot.table import TRUTH as TRUTH_FORM
from layoutgen.pdk.webtest import READING_UNITS, WebTest
from layoutgen.web.addresses import repeat_name

KIND: Final = "test delivery"
SCHEMA: Final = "layoutgen.delivery/1"
READINGS, SPECTRA, DEFECTS, STDF, MAP = "readings.csv", "eis.csv", "aoi.001", "lot.stdf", "tester-map.xml"
BEFORE: Final = "before.csv"
"""The first of two passes, where the web has two."""
CYCLED, THICKNESS = "cycled.csv", "thickness.csv"
_TRUTH: Final = "truth-of-delivery.json"
_SWEPT: Final = 100
"""Every so many repeats all cells are swept, the first among them."""
_CHANGED: Final = 0.005
_STEP: Final = 1.03
_STEP_BELOW_HZ: Final = 251.0
_NOISE: Final = 0.002
_SEEN, _PARTICLES, _STAINS = 0.6, 0.01, 0.02
"""Share of killed cells whose particle is seen; particles that do no harm, and stains, a cell."""
_PARTICLE, _STAIN = 1, 2
_PASS, _FAIL = 1, 2
_CYCLING_NOISE: Final = 0.002
_POINTS_A_LANE: Final = 3
"""Places of a lane in a repeat at which the thickness is read, each over the cells there."""
_THICKNESS_NOISE: Final = 0.01
_TESTS: Final = ("ocv", "asr", "capacity")
_COLUMNS: Final = (
    "passes",
    "status",
    "site",
    "ocv_before_100uv",
    "rest_s",
    *(COLUMN_OF[name].name for name in (*_TESTS, "contact")),
)
_LIVE_V: Final = 3.0
Advance = Callable[[int], object]


def deliver(
    web: WebFolder, test: WebTest, target: Path, *, cycled: int, force: bool, advance: Advance
) -> dict[str, Any]:
    """Write the files of a synthetic web into a new folder.

    Args:
        web: the web, with its truth.
        test: its test.
        target: the folder to make.
        cycled: cells that are cycled, drawn at random from those that pass the tester.
        force: replace a folder that was made earlier.
        advance: is told of every repeat.

    Returns:
        What is true of them: spectra and those that changed while they were swept, points by class.

    Raises:
        DocumentError: the web was measured; its files are those that it was read from.
        OutputError: the folder cannot be written.
    """
    if not web.synthetic or not (web.path / TRUTH_TABLE).is_file():
        what = "is no synthetic web with its truth"
        raise DocumentError(Problem(what, str(web.path), "a folder that layoutgen test simulate made"))
    known = read_json(web.path / TRUTH, TRUTH_SCHEMA)
    seed, two_passes = int(known["seed"]), float(known.get("rest_h", 0)) > 0
    truth: dict[str, Any] = {}

    def fill(folder: Path) -> None:
        with (
            (folder / READINGS).open("w", encoding="utf-8", newline="") as readings,
            (folder / SPECTRA).open("w", encoding="utf-8", newline="") as spectra,
            (folder / DEFECTS).open("w", encoding="utf-8", newline="") as defects,
            (folder / STDF).open("wb") as stdf,
            (folder / THICKNESS).open("w", encoding="utf-8", newline="") as thickness,
            (folder / BEFORE).open("w", encoding="utf-8", newline="") if two_passes else nullcontext() as before,
        ):
            made = _Writer(web, test, seed, readings, spectra, defects, stdf, before)
            beside = _Beside(web, seed, cycled, thickness)
            truths = Table(web.path / TRUTH_TABLE, TRUTH_FORM).chunks(["cause", "capacity_nah"])
            for chunk, true in zip(web.table.chunks(_COLUMNS), truths, strict=True):
                made.add(chunk, true.data["cause"])
                beside.add(chunk, true.data["cause"], true.data["capacity_nah"])
                advance(chunk.repeats)
            made.end()
        (folder / CYCLED).write_text(beside.cycled_text(), encoding="utf-8", newline="")
        with (folder / MAP).open("wb") as file:
            for piece in _map_pieces(web, made.by_position):
                file.write(piece)
        truth.update(made.truth() | beside.truth())
        (folder / _TRUTH).write_bytes(json_text(truth))

    write_folder(target, fill, force=force, kind=KIND)
    return truth


class _Writer:
    """Writes all files but the map, repeat by repeat."""

    def __init__(
        self, web: WebFolder, test: WebTest, seed: int, readings: IO[str], spectra: IO[str], defects: IO[str],
        stdf: IO[bytes], before: IO[str] | None,
    ) -> None:  # fmt: skip
        self._web, self._seed, about = web, seed, web.table.about
        self._readings, self._spectra, self._defects, self._stdf = readings, spectra, defects, stdf
        self._frequency = frequencies(test.sweep)
        self._circuit = parameters_of(test.circuit)
        self._swept = self._points = 0
        self._changed: list[str] = []
        self._classes = {_PARTICLE: 0, _STAIN: 0}
        self.by_position = np.zeros((3, web.map.cells), dtype=np.int64)
        tests = [ParametricTest(n, name, READING_UNITS[name], None, None) for n, name in enumerate(_TESTS, 1)]
        place = np.stack([web.map.lane + 1, web.map.rank + 1], axis=1)
        self._parts = RepeatWriter(stdf, web.map.names, place, np.zeros(web.map.cells, dtype=np.int32), tests)
        stdf.write(header(about.design, about.design, about.map_sha256, synthetic=True))
        head = _head(web)
        self._before, timed = before, ",time/h" if before else ""
        readings.write(f"{head}id,OCV/mV,ASR/ohm cm2,capacity/uAh,contact/mohm,site{timed}\n")
        if before:
            before.write(f"{head}id,OCV/mV,time/h\n")
        spectra.write(f"{head}id,f/Hz,Re(Z)/ohm,-Im(Z)/ohm\n")
        defects.write(
            f'FileVersion 1 2;\nLotID "{about.design}-synthetic";\n'
            f"DiePitch {web.map.width_um:.3f} {web.map.length_um:.3f};\nDieOrigin 0 0;\nSampleCenterLocation 0 0;\n"
            f'ClassLookup 2\n {_PARTICLE} "particle"\n {_STAIN} "stain";\n'
            "DefectRecordSpec 7 DEFECTID XREL YREL XINDEX YINDEX DSIZE CLASSNUMBER ;\nDefectList"
        )

    def add(self, chunk: Chunk, cause: Matrix) -> None:
        """Write the next repeats."""
        for row in range(chunk.repeats):
            number = chunk.first + row
            rng = np.random.Generator(np.random.PCG64([self._seed, 4, number]))
            data = {name: values[row] for name, values in chunk.data.items()}
            prefix = repeat_name(number)
            self._read(data, prefix)
            self._part(data, prefix)
            self._inspect(rng, number, cause[row])
            if (number - self._web.table.about.first_repeat) % _SWEPT == 0:
                self._sweep(rng, data, prefix)

    def end(self) -> None:
        """End the files."""
        self._defects.write(";\nEndOfFile;\n")
        counts = self.by_position.sum(axis=1).tolist()
        bins = [BinOfCells(0, "not tested", passes=False, count=counts[0])]
        bins += [BinOfCells(_PASS, "pass", passes=True, count=counts[_PASS])]
        bins += [BinOfCells(_FAIL, "fail", passes=False, count=counts[_FAIL])]
        self._stdf.write(trailer(bins))

    def truth(self) -> dict[str, Any]:
        """What is true of the files."""
        return {
            "schema": SCHEMA,
            "synthetic": True,
            "spectra": self._swept,
            "changed_while_swept": self._changed,
            "points": {"particle": self._classes[_PARTICLE], "stain": self._classes[_STAIN]},
        }

    def _read(self, data: dict[str, Matrix], prefix: str) -> None:
        def shown(column: str, per_tick: float, digits: int) -> list[str]:
            values = data[column].tolist()
            return ["" if v == NULL else f"{v * per_tick:.{digits}f}" for v in values]

        columns = zip(
            self._web.map.names, data["passes"].tolist(), data["status"].tolist(), shown("ocv_100uv", 0.1, 1),
            shown("asr_mohm_cm2", 1e-3, 3), shown("capacity_nah", 1e-3, 3), data["contact_mohm"].tolist(),
            data["site"].tolist(), strict=True,
        )  # fmt: skip
        lines = []
        timed = [f",{rest / 3600:g}" if rest != NULL else "," for rest in data["rest_s"].tolist()]
        timed = timed if self._before else [""] * len(timed)
        for (name, passes, status, ocv, asr, capacity, contact, site), time in zip(columns, timed, strict=True):
            # who was read again had no contact at first
            if status & RETESTED:
                lines.append(f"{prefix}-{name},,,,1000000,{site}{',' if self._before else ''}\n")
            if passes:
                lines.append(f"{prefix}-{name},{ocv},{asr},{capacity},{contact},{site}{time}\n")
        self._readings.writelines(lines)
        if self._before:
            first = zip(self._web.map.names, shown("ocv_before_100uv", 0.1, 1), strict=True)
            self._before.writelines(f"{prefix}-{name},{ocv},0\n" for name, ocv in first if ocv)

    def _part(self, data: dict[str, Matrix], prefix: str) -> None:
        codes = tester_codes(data["passes"], data["ocv_100uv"])
        self.by_position[codes, np.arange(len(codes))] += 1
        results = [results_of(data[COLUMN_OF[name].name], COLUMN_OF[name].tick) for name in _TESTS]
        self._parts.write(prefix, results, codes, codes == _PASS)

    def _inspect(self, rng: np.random.Generator, number: int, cause: Matrix) -> None:
        cells = self._web.map
        killed = ((cause == SHORTED) | (cause == SOFT)) & (rng.random(cells.cells) < _SEEN)
        parts = [(np.flatnonzero(killed), _PARTICLE)]
        for share, kind in ((_PARTICLES, _PARTICLE), (_STAINS, _STAIN)):
            parts.append((np.flatnonzero(rng.random(cells.cells) < share), kind))
        lines = []
        for places, kind in parts:
            at = rng.uniform(-0.45, 0.45, (len(places), 2)) * cells.size_um[places]
            size = np.exp(rng.normal(np.log(8.0 if kind == _PARTICLE else 60.0), 0.5, len(places)))
            self._classes[kind] += len(places)
            for cell, (x, y), wide in zip(places.tolist(), at.tolist(), size.tolist(), strict=True):
                self._points += 1
                where = f"{cells.x_um[cell] + x:.1f} {cells.y_um[cell] + y:.1f}"
                lines.append(f"\n {self._points} {where} 0 {number} {wide:.1f} {kind}")
        self._defects.writelines(lines)

    def _sweep(self, rng: np.random.Generator, data: dict[str, Matrix], prefix: str) -> None:
        asr = data["asr_mohm_cm2"]
        cells = np.flatnonzero((data["passes"] > 0) & (asr != NULL))
        made = self._circuit * np.exp(0.08 * rng.standard_normal((len(cells), len(self._circuit))))
        made[:, 5] = self._circuit[5]
        z = impedance(made, self._frequency)
        # the resistance that the table has, at the lowest frequency
        z = z * (asr[cells] * COLUMN_OF["asr"].tick / z[:, -1].real)[:, None] / self._web.map.area_cm2
        noise = rng.standard_normal((2, *z.shape))
        z = z * (1 + _NOISE * (noise[0] + 1j * noise[1]))
        changed = rng.random(len(cells)) < _CHANGED
        z[changed] *= np.where(self._frequency < _STEP_BELOW_HZ, _STEP, 1.0)
        names = [f"{prefix}-{self._web.map.names[cell]}" for cell in cells.tolist()]
        self._changed += [name for name, wrong in zip(names, changed.tolist(), strict=True) if wrong]
        self._swept += len(names)
        frequency = [f"{f:.6g}" for f in self._frequency.tolist()]
        for name, real, imaginary in zip(names, z.real.tolist(), z.imag.tolist(), strict=True):
            rows = zip(frequency, real, imaginary, strict=True)
            self._spectra.writelines(f"{name},{f},{a:.6g},{-b:.6g}\n" for f, a, b in rows)


class _Beside:
    """What others measure: the capacity of a sample of cells, and a map of the thickness of the cathode.

    The thickness follows the capacity of the cells at a place, all of them together; what is a cell's own it does
    not show.
    """

    def __init__(self, web: WebFolder, seed: int, cycled: int, thickness: IO[str]) -> None:
        self._web, self._seed, self._cycled, self._thickness = web, seed, cycled, thickness
        cells = web.map
        third = np.minimum(cells.y_um * _POINTS_A_LANE // cells.length_um, _POINTS_A_LANE - 1).astype(np.int64)
        self._place = cells.lane.astype(np.int64) * _POINTS_A_LANE + third
        self._nominal_um = web.solution.loaded.pdk.stack.cathode.thickness.value
        self._sample: list[tuple[float, str, float]] = []
        self._points = 0
        thickness.write(f"{_head(web)}# holds: thickness of the cathode\nx/mm,y/mm,thickness/um\n")

    def add(self, chunk: Chunk, cause: Matrix, capacity: Matrix) -> None:
        """Take the next repeats."""
        cells = self._web.map
        for row in range(chunk.repeats):
            number = chunk.first + row
            rng = np.random.Generator(np.random.PCG64([self._seed, 5, number]))
            chance, noise = rng.random(cells.cells), rng.standard_normal(int(self._place.max()) + 1)
            cycling = 1 + _CYCLING_NOISE * rng.standard_normal(cells.cells)
            passed = tester_codes(chunk.data["passes"][row], chunk.data["ocv_100uv"][row]) == _PASS
            for cell in np.flatnonzero(passed & (chance < self._limit)).tolist():
                name = f"{repeat_name(number)}-{cells.names[cell]}"
                self._sample.append((float(chance[cell]), name, float(capacity[row, cell] * cycling[cell])))
            self._sample = sorted(self._sample)[: self._cycled]
            self._scan(number, (cause[row] < SHORTED) | (cause[row] == LATENT), capacity[row], noise)

    @property
    def _limit(self) -> float:
        return self._sample[-1][0] if len(self._sample) >= self._cycled > 0 else float(self._cycled > 0)

    def _scan(self, number: int, sound: Matrix, capacity: Matrix, noise: NDArray[np.float64]) -> None:
        cells, size = self._web.map, len(noise)
        there = np.bincount(self._place, sound, size)

        def mean(values: Matrix) -> NDArray[np.float64]:
            return np.bincount(self._place, np.where(sound, values, 0.0), size) / np.maximum(there, 1)

        relative = mean(capacity / (cells.nominal_mah * 1e6)) * (1 + _THICKNESS_NOISE * noise)
        x, y = mean(cells.x_um) / 1000, (mean(cells.y_um) + (number - 1) * cells.length_um) / 1000
        rows = np.flatnonzero(there > 0).tolist()
        lines = (f"{x[at]:.3f},{y[at]:.3f},{self._nominal_um * relative[at]:.5f}\n" for at in rows)
        self._thickness.writelines(lines)
        self._points += len(rows)

    def cycled_text(self) -> str:
        """cycled.csv, cells by address."""
        rows = sorted((name, nah) for _, name, nah in self._sample)
        return f"{_head(self._web)}# holds: capacities of cells that were cycled\nid,capacity/uAh\n" + "".join(
            f"{name},{nah / 1000:.3f}\n" for name, nah in rows
        )

    def truth(self) -> dict[str, Any]:
        """What is true of the files."""
        return {"cycled": len(self._sample), "thickness_points": self._points}


def _head(web: WebFolder) -> str:
    about = web.table.about
    return f"# synthetic: true\n# part: {about.design}\n# map_sha256: {about.map_sha256}\n"


def tester_codes(passes: Matrix, ocv: Matrix) -> NDArray[np.uint8]:
    """What a simple tester says: 0 not tested, 1 pass, 2 fail below 3 V."""
    live = ocv >= round(_LIVE_V / COLUMN_OF["ocv"].tick)
    seen = (passes > 0) & (ocv != NULL)
    return np.where(seen, np.where(live, _PASS, _FAIL), 0).astype(np.uint8)


def _map_pieces(web: WebFolder, by_position: NDArray[np.int64]) -> Iterator[bytes]:
    def pieces() -> Iterator[NDArray[np.uint8]]:
        chunks = Table(web.path / web.table.path.name, WEB).chunks(["passes", "ocv_100uv"])
        return (tester_codes(chunk.data["passes"], chunk.data["ocv_100uv"]) for chunk in chunks)

    definitions = [
        BinDefinition(0, "Unknown", "not tested"),
        BinDefinition(_PASS, "Pass", "pass"),
        BinDefinition(_FAIL, "Fail", "fail"),
    ]
    counts = dict(enumerate(by_position))
    return bin_map_lines(
        web.solution.web, web.map, web.solution.dbu_nm, web.table.about.repeats, definitions, counts, pieces,
        synthetic=True,
    )  # fmt: skip
