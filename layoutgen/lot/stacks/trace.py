"""Where the cells of a stack came from: place, readings, spectrum and what the screen said."""

from pathlib import Path
from typing import Any

from layoutgen.errors import DocumentError, InputError, Problem
from layoutgen.lot.folder import BINS_TABLE
from layoutgen.lot.spectra import FILE as SPECTRA
from layoutgen.lot.spectra import SpectraTable
from layoutgen.lot.stacks.pool import Pool
from layoutgen.lot.table import BINS, NULL, WEB, Table
from layoutgen.web.addresses import WebAddresses, on_web, read_address, repeat_name

_NO_SITE = 0
_READINGS = {
    "passes": "passes",
    "site": "site",
    "ocv_100uv": "ocv_v",
    "ocv_before_100uv": "ocv_before_v",
    "rest_s": "rest_s",
    "capacity_nah": "capacity_read_mah",
    "contact_mohm": "contact_ohm",
    "temperature_cdegc": "temperature_c",
}
"""Columns of the web's table as readings in their units; the others are judged by the bins."""


def traced(pool: Pool, held: dict[str, Any]) -> list[dict[str, Any]]:
    """One record a cell, from the bottom of the stack up.

    Args:
        pool: the webs that the stack was made of, in the order in which they were named then.
        held: columns of the stack, as ``read_stack`` gives them.

    Raises:
        DocumentError: the webs are not those of the stack.
    """
    rows = []
    columns = (held["layer"], held["lot"], held["repeat"], held["cell"], held["capacity_nah"])
    for layer, lot, repeat, cell, capacity in sorted(zip(*columns, strict=True)):
        if not 1 <= lot <= len(pool.webs):
            what = f"the stack holds cells of {lot} webs, {len(pool.webs)} are named"
            raise DocumentError(Problem(what, "WEB", remedy="name all webs, in the same order"))
        rows.append({"layer": layer} | _cell(pool, lot, repeat, cell, capacity))
    return rows


def place_of(pool: Pool, text: str) -> tuple[int, int, int]:
    """Lot from 1, repeat and cell of an address such as ``2/W0012-F1-B2-C03-R12``.

    Before the slash stands the lot, as recipes count them, or the folder of the web where no other has its name.

    Raises:
        InputError: it names no cell of these webs, or not of which web.
    """
    named, slash, name = text.strip().rpartition("/")
    lots = [str(number) for number in range(1, len(pool.webs) + 1)]
    folders = [web.path.name for web in pool.webs]
    if not slash and len(lots) > 1:
        raise InputError(Problem("does not say of which lot", text, ", ".join(f"{lot}/{name}" for lot in lots)))
    if named in lots or not slash:
        at = lots.index(named) if slash else 0
    elif folders.count(named) == 1:
        at = folders.index(named)
    else:
        raise InputError(Problem(f"there is no lot {named!r}", text, ", ".join(lots)))
    web, address = pool.webs[at], read_address(name)
    cell = web.map.index[WebAddresses(web.solution.web).spell(address._replace(repeat=0))]
    about = web.table.about
    last = about.first_repeat + about.repeats - 1
    if not about.first_repeat <= address.repeat <= last:
        allowed = f"{repeat_name(about.first_repeat)} to {repeat_name(last)}"
        raise InputError(Problem(f"lot {at + 1} has no such repeat", text, allowed))
    return at + 1, address.repeat, cell


def cell_of(pool: Pool, lot: int, repeat: int, cell: int) -> dict[str, Any]:
    """Place, readings, spectrum and bins of any cell of these webs, good or not."""
    return _cell(pool, lot, repeat, cell, None)


def _cell(pool: Pool, lot: int, repeat: int, cell: int, capacity: int | None) -> dict[str, Any]:
    web = pool.webs[lot - 1]
    about = web.table.about
    bins = Table(web.path / BINS_TABLE, BINS)
    read = _row(
        bins, repeat, cell, ("bin", "hits", "asr_mohm_cm2", "leak_pa", "capacity_nah", "capacity_error_nah")
    )
    if read is None or capacity not in {read["capacity_nah"], None}:
        what = f"lot {lot} is not the web that the stack was made of, or was binned anew"
        raise DocumentError(Problem(what, web.path.name, remedy="name the webs in the same order; stack again"))
    names = [rule["name"] for rule in bins.about.more.get("rules", [])]
    web_row = web.table.one(repeat, tuple(_READINGS))
    return {
        "lot": lot,
        "folder": web.path.name,
        "cell": on_web(repeat_name(repeat), web.map.names[cell]),
        "x_mm": float(web.map.x_um[cell]) / 1000,
        "y_mm": (float(web.map.y_um[cell]) + (repeat - about.first_repeat) * web.map.length_um) / 1000,
        "capacity_mah": read["capacity_nah"] / 1e6,
        "capacity_error_mah": read["capacity_error_nah"] / 1e6,
        "asr_ohm_cm2": None if read["asr_mohm_cm2"] == NULL else read["asr_mohm_cm2"] / 1000,
        "leak_ua": None if read["leak_pa"] == NULL else read["leak_pa"] / 1e6,
        **{key: _value(int(web_row[name][cell]), name) for name, key in _READINGS.items()},
        "bin": read["bin"],
        "hits": [name for bit, name in enumerate(names) if read["hits"] >> bit & 1],
        "spectrum": _spectrum(web.path / SPECTRA, repeat, cell),
    }


def _row(table: Table, repeat: int, cell: int, columns: tuple[str, ...]) -> dict[str, int] | None:
    if not 0 <= repeat - table.about.first_repeat < table.about.repeats:
        return None
    return {name: int(values[cell]) for name, values in table.one(repeat, columns).items()}


def _value(ticks: int, name: str) -> float | None:
    """A reading in its unit; None where there is none."""
    if ticks == (_NO_SITE if name == "site" else NULL):
        return None
    tick = WEB.column(name).tick
    return ticks if tick == 1 else round(ticks * tick, 9)


def _spectrum(path: Path, repeat: int, cell: int) -> dict[str, Any] | None:
    """A spectrum as it was read, with what was said of it; None where the cell has none."""
    if not path.is_file():
        return None
    spectra = SpectraTable(path)
    row = spectra.one(repeat, cell)
    if row is None:
        return None
    kept = ("valid", "lin_kk", "z_hit", "re_ohm_cm2", "im_ohm_cm2")
    return {"frequency_hz": spectra.frequency_hz.tolist(), **{name: row[name] for name in kept}}
