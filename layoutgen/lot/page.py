"""The page of a web: one offline file with figures and pictures, as large for 10 km as for 10 m."""

import tempfile
from collections.abc import Callable
from html import escape
from pathlib import Path
from typing import Any, Final

import numpy as np

from layoutgen.errors import DocumentError, Problem
from layoutgen.files.folder import add_files
from layoutgen.lot.bins_record import SCHEMA as BINS_SCHEMA
from layoutgen.lot.canvas import png_of
from layoutgen.lot.cycled import estimate_told
from layoutgen.lot.folder import BINS_TABLE, WebFolder, open_web, read_json
from layoutgen.lot.kit import webtest_of
from layoutgen.lot.learn.failmap import fail_map
from layoutgen.lot.learn.learned import SCHEMA as YIELD_SCHEMA
from layoutgen.lot.levels import READINGS, Levels, levels_of
from layoutgen.lot.pictures import OneRepeat, PictureInputs, pictures
from layoutgen.lot.rules import COLUMN_OF, Judge
from layoutgen.lot.spectra import FILE as SPECTRA
from layoutgen.lot.spectra import SpectraTable
from layoutgen.lot.table import BINS, NULL, Table

FILE: Final = "web.html"
FOLDER: Final = "pictures"
_SPECTRA: Final = 20_000
"""Spectra that are drawn of, at most."""
_OF_BINS: Final = ("verdict", "reasons", "rules", "capability", "estimate", "charts")
_OF_YIELD: Final = ("defect_density", "cluster_parameter", "signatures")
"""Keys of bins.json and yield.json that the page shows."""
_STYLE: Final = (
    "body{font:15px/1.5 system-ui,sans-serif;max-width:960px;margin:2em auto;padding:0 1em;color:#222}"
    "table{border-collapse:collapse;margin:1em 0}"
    "td,th{padding:.2em .8em;border-bottom:1px solid #ddd;text-align:left}"
    "td.n,th.n{text-align:right;font-variant-numeric:tabular-nums}svg{max-width:100%;height:auto;margin:.5em 0}"
    ".held{color:#b3372e;font-weight:bold}.mark{background:#b3372e;color:#fff;padding:.3em .8em}"
)


def web_page(path: Path, repeat: int | None, advance: Callable[[int], object]) -> int:
    """Make ``web.html`` and ``pictures/`` of a folder WEB; returns how many pictures there are.

    Args:
        path: the folder.
        repeat: number of the repeat that is drawn cell by cell; None takes the one with the fewest good ones.
        advance: is told of every repeat twice.

    Raises:
        DocumentError: it was not binned, has no such repeat, or a file of it is damaged.
    """
    web = open_web(path)
    if not (path / BINS_TABLE).is_file():
        raise DocumentError(Problem("was not binned", str(path), remedy=f"layoutgen bin {path}"))
    bins = read_json(path / "bins.json", BINS_SCHEMA, _OF_BINS)
    learned = None
    if (path / "yield.json").is_file():
        learned = read_json(path / "yield.json", YIELD_SCHEMA, _OF_YIELD)
    test = webtest_of(web.solution.loaded, None)
    levels = levels_of(web, advance)
    inputs = PictureInputs(
        web,
        test,
        levels,
        bins,
        fail_map(web, Judge(test, web.map), advance),
        _spectra(web),
        _one(web, levels, repeat),
    )
    made = {name: canvas.svg() for name, canvas in pictures(inputs)}

    def fill(folder: Path) -> None:
        (folder / FOLDER).mkdir()
        for name, svg in made.items():
            (folder / FOLDER / f"{name}.svg").write_bytes(svg)
            with tempfile.TemporaryDirectory() as place:
                (folder / FOLDER / f"{name}.png").write_bytes(png_of(svg, place))
        (folder / FILE).write_text(_html(web, bins, learned, made), encoding="utf-8")

    add_files(path, fill)
    return len(made)


def _one(web: WebFolder, levels: Levels, repeat: int | None) -> OneRepeat:
    """The cells of a repeat."""
    if repeat is None:
        tested = levels.repeat_tested
        share = np.where(tested > 0, levels.repeat_good / np.maximum(tested, 1), np.inf)
        repeat = web.table.about.first_repeat + int(share.argmin())
    columns = {name: COLUMN_OF[name].name for name in READINGS}
    read = web.table.one(repeat, [*columns.values(), "ocv_before_100uv"])
    readings = {name: read[column] for name, column in columns.items()}
    both = (read["ocv_before_100uv"] != NULL) & (readings["ocv"] != NULL)
    readings["change"] = np.where(both, read["ocv_before_100uv"] - readings["ocv"], NULL)
    return OneRepeat(repeat, readings, Table(web.path / BINS_TABLE, BINS).one(repeat, ["bin"])["bin"])


def _spectra(web: WebFolder) -> Any:
    if not (web.path / SPECTRA).is_file():
        return None
    table = SpectraTable(web.path / SPECTRA)
    step = -(-table.count // _SPECTRA)
    binned = Table(web.path / BINS_TABLE, BINS)
    valid, spectra, good, skip = [], [], [], 0
    number, flags = 0, np.zeros(0, dtype=bool)
    for piece in table.pieces():
        kept = slice(skip, None, step)
        spectra.append(piece.z[kept])
        valid.append(piece.valid[kept])
        for repeat, cell in zip(piece.repeat[kept].tolist(), piece.cell[kept].tolist(), strict=True):
            if repeat != number:
                number, flags = repeat, binned.one(repeat, ["good"])["good"]
            good.append(bool(flags[cell]))
        skip = (skip - len(piece.z)) % step
    return table.frequency_hz, np.concatenate(spectra), np.concatenate(valid), np.array(good)


def _html(web: WebFolder, bins: dict[str, Any], learned: dict[str, Any] | None, made: dict[str, bytes]) -> str:
    about = web.table.about
    title = f"Web of {about.design}"
    parts = [f"<h1>{escape(title)}</h1>"]
    if web.synthetic:
        parts.append('<p class="mark">Synthetic: this web was never measured.</p>')
    metres = about.repeats * web.map.length_um * 1e-6
    look = "held" if bins["verdict"] == "hold" else ""
    parts.append(
        f"<p>{about.repeats} repeats, {metres:.4g} m; {bins['cells']} cells, {bins['tested']} tested, "
        f"{bins['good']} good: {100 * bins['yield']:.2f} %. "
        f'Verdict: <span class="{look}">{bins["verdict"]}</span></p>'
    )
    parts += [f"<p>{escape(reason)}</p>" for reason in bins["reasons"]]
    rules = [(r["bin"], r["title"], r["cells"], r["hits"], r["hits_alone"]) for r in bins["rules"] if r["enabled"]]
    parts += ["<h2>Bins</h2>", _table(("bin", "", "decided", "hit", "hit alone"), rules), _inline(made, "pareto")]
    caps = [
        (name, c["unit"], c["mean"], c["sigma_within"], c["sigma_total"], c["cpk"], c["ppk"])
        for name, c in bins["capability"].items()
    ]
    head = ("reading", "unit", "mean", "sigma within repeats", "sigma in all", "Cpk", "Ppk")
    parts += ["<h2>Readings of good cells</h2>", _table(head, caps), _inline(made, "trend")]
    told = [f"{line[0].upper()}{line[1:]}." for line in estimate_told(bins["estimate"])]
    parts += ["<h2>Capacities by estimate</h2>", *(f"<p>{escape(line)}</p>" for line in told)]
    if learned is not None:
        density, cluster = learned["defect_density"], learned["cluster_parameter"]
        rows = [
            ("defect density, 1/cm2", density["value"], density["low"], density["high"]),
            (
                f"cluster parameter in blocks of {learned['block_mm']:g} mm",
                *(cluster[k] for k in ("value", "low", "high")),
            ),
        ]
        found = [(s["kind"], s["place"], s["cells"], s["p"]) for s in learned["signatures"]]
        parts += ["<h2>Learned</h2>", _table(("", "value", "low", "high"), rows)]
        parts += [_table(("signature", "place", "cells", "p"), found) if found else "<p>No signature.</p>"]
    names = [name for name in made if name not in {"pareto", "trend"}]
    parts += ["<h2>Maps</h2>", *(_inline(made, name) for name in names)]
    head_html = f'<!doctype html><html lang="en"><meta charset="utf-8"><title>{escape(title)}</title>'
    return f"{head_html}<style>{_STYLE}</style><body>{''.join(parts)}</body></html>\n"


def _inline(made: dict[str, bytes], name: str) -> str:
    return f"<figure style='margin:0'>{made[name].decode()}</figure>" if name in made else ""


def _table(head: tuple[str, ...], rows: list[tuple[Any, ...]]) -> str:
    # a heading stands over its numbers
    numbers = [not isinstance(value, str) for value in rows[0]] if rows else [False] * len(head)
    classes = {True: ' class="n"', False: ""}
    top = "".join(f"<th{classes[number]}>{escape(text)}</th>" for text, number in zip(head, numbers, strict=True))
    body = "".join("<tr>" + "".join(_cell(value) for value in row) + "</tr>" for row in rows)
    return f"<table><tr>{top}</tr>{body}</table>"


def _cell(value: Any) -> str:
    if isinstance(value, str):
        return f"<td>{escape(value)}</td>"
    return f'<td class="n">{"" if value is None else f"{value:.5g}" if isinstance(value, float) else value}</td>'
