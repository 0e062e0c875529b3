"""Do the cell maps of a test house's archive agree with each other: CSV with XML, the web with its one repeat?

A web is a list of repeats, and what it has of text and Parquet must say what the repeats do.
"""

import csv
import io
import xml.etree.ElementTree as ET
from collections.abc import Iterator, Mapping
from itertools import zip_longest

from layoutgen.errors import PackageError, Problem
from layoutgen.export.cell_table import COLUMNS, arrow
from layoutgen.export.e142 import NAMESPACE, TURNED
from layoutgen.receivers.test_house import (
    CELLS_CSV,
    CELLS_XML,
    PARQUET,
    REPEATS_CSV,
    TEXT,
    WEB_CSV,
    WEB_PARQUET,
    WEB_XML,
    form_of,
)
from layoutgen.units import counted
from layoutgen.web.addresses import in_block, on_web, repeat_name

_AGAIN = "ask for the archive again"
_TENTHS_NM = 10**7
_ROWS_AT_ONCE = 1 << 17
Layouts = dict[str, dict[str, tuple[str, str]]]


def verify_cell_maps(files: Mapping[str, bytes]) -> str:
    """What was checked, in words.

    Raises:
        PackageError: a map is missing, damaged, or says something else than the others.
    """
    form = form_of(files)
    web = {TEXT: (WEB_CSV, WEB_XML), PARQUET: (WEB_PARQUET,)}.get(form, ())
    missing = [name for name in (CELLS_CSV, CELLS_XML, REPEATS_CSV, *web) if name not in files]
    if missing:
        raise PackageError([Problem("is missing", name, remedy=_AGAIN) for name in missing])
    try:
        problem = _wrong(files, form)
    except (ValueError, KeyError, TypeError, AttributeError, IndexError, ET.ParseError) as error:
        what = f"cannot be read: {type(error).__name__}: {error}"
        raise PackageError(Problem(what, "cell maps", remedy=_AGAIN)) from error
    if problem is not None:
        raise PackageError(problem)
    repeats, cells = (len(_rows(files[name])) for name in (REPEATS_CSV, CELLS_CSV))
    count = f"{counted(repeats, 'repeat')} of {counted(cells, 'cell')}"
    said = {TEXT: "CSV and XML of the repeat and of the web agree", PARQUET: "CSV, XML and Parquet agree"}
    return f"{count}: {said.get(form, 'CSV and XML of the repeat agree, and the repeats follow each other')}"


def _wrong(files: Mapping[str, bytes], form: str) -> Problem | None:
    cells, repeats = _rows(files[CELLS_CSV]), _rows(files[REPEATS_CSV])
    one = _tree(files[CELLS_XML])
    listed = ((row["id"], _tenths(row["x_mm"]), _tenths(row["y_mm"]), row["rotation_deg"]) for row in cells)
    if sorted(_centres(one)) != sorted(listed):
        return Problem(f"does not place the cells of {CELLS_CSV}", CELLS_XML)
    place = _breaks(repeats, len(cells))
    if place:
        return Problem("does not go on from repeat to repeat", f"{REPEATS_CSV}, repeat {place}")
    if form == TEXT:
        return _wrong_text(files, cells, repeats, one)
    return _wrong_table(files[WEB_PARQUET], cells, repeats) if form == PARQUET else None


def _breaks(repeats: list[dict[str, str]], cells: int) -> int:
    """The first repeat that does not begin where the one before ends, or is not as long, from 1; 0 for none."""
    length = _tenths(repeats[0]["length_mm"])
    for number, row in enumerate(repeats, 1):
        at = _tenths(row["y_mm"]), _tenths(row["length_mm"])
        said = row["repeat"], row["cells"], row["name"]
        wanted = str(number), str(cells), repeat_name(number)
        if at != ((number - 1) * length, length) or said != wanted:
            return number
    return 0


def _wrong_text(
    files: Mapping[str, bytes], cells: list[dict[str, str]], repeats: list[dict[str, str]], one: ET.Element
) -> Problem | None:
    header = files[CELLS_CSV].split(b"\n", 1)[0].decode().replace("id,", "id,repeat,", 1)
    lines = io.TextIOWrapper(io.BytesIO(files[WEB_CSV]), encoding="utf-8", newline="\n")
    for number, (line, wanted) in enumerate(zip_longest(lines, _web_lines(header, cells, repeats)), 1):
        if line != wanted:
            return Problem(f"is not {CELLS_CSV} at each start of {REPEATS_CSV}", f"{WEB_CSV}, line {number}")
    web = _tree(files[WEB_XML])
    layouts, all_layouts = _layouts(one), _layouts(web)
    if all_layouts["Web"]["Dimension"] != ("1", str(len(repeats))):
        return Problem(f"does not have the repeats of {REPEATS_CSV}", WEB_XML)
    layouts["Web"] = {**layouts["Web"], "Dimension": all_layouts["Web"]["Dimension"]}
    if layouts != all_layouts:
        return Problem(f"does not have the layouts of {CELLS_XML}", WEB_XML)
    if _bins(web) != {block: rows * len(repeats) for block, rows in _bins(one).items()}:
        return Problem(f"does not hold the bins of {CELLS_XML} once for each repeat", WEB_XML)
    return None


def _wrong_table(content: bytes, cells: list[dict[str, str]], repeats: list[dict[str, str]]) -> Problem | None:
    """In pieces of some repeats, each against the cells of one repeat at its start."""
    import numpy as np

    pa = arrow()
    file = pa.parquet.ParquetFile(pa.BufferReader(content))
    if tuple(file.schema_arrow.names) != COLUMNS:
        return Problem(f"does not have the columns of {CELLS_CSV}", WEB_PARQUET)
    once, done = len(cells), 0
    if file.metadata.num_rows != once * len(repeats):
        return Problem(f"does not have the cells of {CELLS_CSV} once for each repeat", WEB_PARQUET)
    wanted = {name: np.array([_tenths(row[name]) for row in cells]) for name in COLUMNS[2:]}
    starts = np.array([_tenths(row["y_mm"]) for row in repeats])
    for batch in file.iter_batches(batch_size=once * max(1, _ROWS_AT_ONCE // once)):
        count = batch.num_rows // once
        here = repeats[done : done + count]
        same = np.array(batch.column("id").to_pylist()) == np.array(
            [on_web(repeat["name"], row["id"]) for repeat in here for row in cells]
        )
        same &= batch.column("repeat").to_numpy() == np.repeat(np.arange(done + 1, done + count + 1), once)
        for name in COLUMNS[2:]:
            values = np.tile(wanted[name], count)
            if name in {"y_mm", "probe_y_mm"}:
                values += np.repeat(starts[done : done + count], once)
            same &= np.rint(batch.column(name).to_numpy() * float(_TENTHS_NM)) == values
        if not same.all():
            what = f"is not {CELLS_CSV} at each start of {REPEATS_CSV}"
            return Problem(what, f"{WEB_PARQUET}, row {done * once + int(same.argmin()) + 1}")
        done += count
    return None


def _tree(content: bytes) -> ET.Element:
    if b"<!" in content:
        raise ValueError("XML with declarations of its own, which layoutgen does not write")
    return ET.fromstring(content)  # noqa: S314  (without declarations there are no entities that could grow)


def _rows(content: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(content.decode())))


def _web_lines(header: str, cells: list[dict[str, str]], repeats: list[dict[str, str]]) -> Iterator[str]:
    heights = {row[key]: _tenths(row[key]) for row in cells for key in ("y_mm", "probe_y_mm")}
    yield header + "\n"
    for repeat in repeats:
        start, number = _tenths(repeat["y_mm"]), int(repeat["repeat"])
        name_of_repeat = repeat_name(number)
        y_mm = {text: _text(start + height) for text, height in heights.items()}
        for row in cells:
            values = {**row, "y_mm": y_mm[row["y_mm"]], "probe_y_mm": y_mm[row["probe_y_mm"]]}
            name, *rest = values.values()
            yield f"{on_web(name_of_repeat, name)},{number},{','.join(rest)}\n"


def _tenths(text: str) -> int:
    """Millimetres as whole tenths of a nanometre."""
    return round(float(text) * _TENTHS_NM)


def _text(tenths_nm: int) -> str:
    return f"{tenths_nm // _TENTHS_NM}.{tenths_nm % _TENTHS_NM:07d}".rstrip("0").rstrip(".")


def _layouts(root: ET.Element) -> Layouts:
    return {
        str(layout.get("LayoutId")): {
            child.tag.removeprefix(f"{{{NAMESPACE}}}"): _values(child) for child in layout
        }
        for layout in root.iter(f"{{{NAMESPACE}}}Layout")
    }


def _values(element: ET.Element) -> tuple[str, str]:
    """X and Y, or the text of an element that has none."""
    return element.get("X", (element.text or "").strip()), element.get("Y", "")


def _bins(root: ET.Element) -> dict[str, tuple[str, ...]]:
    """Rows of bins by layout, lowest first."""
    return {
        str(found.get("LayoutSpecifier")): tuple(str(row.text) for row in found.iter(f"{{{NAMESPACE}}}BinCode"))
        for found in root.iter(f"{{{NAMESPACE}}}SubstrateMap")
    }


def _centres(root: ET.Element) -> Iterator[tuple[str, int, int, str]]:
    """Name, centre in tenths of a nanometre, and turn of every cell of one repeat, from layouts and bins."""
    layouts = _layouts(root)
    for specifier, rows in _bins(root).items():
        block = specifier.rsplit("/", 1)[1]
        x, y, width, length, step_x, step_y = (
            _tenths(value) for key in ("LowerLeft", "DeviceSize", "StepSize") for value in layouts[block][key]
        )
        columns, high = (int(size) for size in layouts[block]["Dimension"])
        turn = "90" if layouts[block]["ProductId"][0].endswith(f" {TURNED}") else "0"
        for row, bins in enumerate(rows):
            for column, _ in enumerate(bins.split()):
                name = in_block(block, (column + 1, row + 1), (columns, high))
                yield name, x + column * step_x + width // 2, y + row * step_y + length // 2, turn
