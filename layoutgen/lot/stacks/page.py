"""The page of stacks: their capacity before and after the choice, and where the cells of a stack lay on the web."""

import json
import math
from collections.abc import Mapping
from html import escape
from statistics import NormalDist
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from layoutgen.lot.stacks.choose import Chosen
from layoutgen.lot.stacks.differencing import Ints
from layoutgen.lot.stacks.files import stack_name
from layoutgen.lot.stacks.orders import web_order
from layoutgen.lot.stacks.pool import NAH_PER_MAH, Pool, stack_errors
from layoutgen.lot.stacks.record import remarks
from layoutgen.resources import data_folder
from layoutgen.svg import element, label
from layoutgen.web.addresses import REPEAT_DIGITS

FILE: Final = "stacks.html"
_MOST: Final = 400
"""Stacks that can be clicked, evenly by rank: so that the page is as small for a kilometre as for ten metres."""
_WIDTH, _HEIGHT, _LEFT, _TOP, _FOOT = 900.0, 340.0, 76.0, 16.0, 34.0
_STYLE: Final = (
    "body{font:15px/1.5 system-ui,sans-serif;max-width:980px;margin:2em auto;padding:0 1em;color:#222}"
    "svg{max-width:100%;height:auto}text{font-size:12px;fill:#444}"
    "table{border-collapse:collapse}td,th{padding:.15em .8em;border-bottom:1px solid #ddd;text-align:right;"
    "font-variant-numeric:tabular-nums}td:nth-child(2),td:nth-child(3){text-align:left}"
    ".grid{stroke:#ddd}.before{fill:none;stroke:#888;stroke-width:1.5}.after{fill:none;stroke:#1f5f8b;stroke-width:1.5}"
    ".band{fill:#1f5f8b;fill-opacity:.15}.rated{stroke:#b3372e;stroke-width:1.5}.rating{fill:#b3372e}"
    ".stack{fill:#1f5f8b;cursor:pointer}.stack:hover,.stack:focus,.stack.shown{fill:#d9822b;outline:none}"
    "svg.web rect{fill:#eef2ee;stroke:#bbb}svg.web circle{fill:#d9822b}"
    ".mark{background:#b3372e;color:#fff;padding:.3em .8em}"
)


def page_html(pool: Pool, chosen: Chosen, record: Mapping[str, Any]) -> str:
    """The page as one offline file.

    Args:
        pool: what was chosen from.
        chosen: the stacks, by rising capacity.
        record: stacks.json; its figures are those of the page.
    """
    title = f"Stacks of {record['design']}"
    z = NormalDist().inv_cdf(record["rated"]["confidence"])
    errors = stack_errors(pool, chosen.members, neighbours=chosen.order.neighbours)
    lower = (chosen.sums - z * errors) / NAH_PER_MAH
    shown = np.unique(np.linspace(0, chosen.made - 1, min(_MOST, chosen.made)).round().astype(np.int64))
    before = web_order(pool.count, record["layers"]).members
    sums = np.sort(pool.capacity[before].sum(axis=1)) / NAH_PER_MAH
    mark = '<p class="mark">Synthetic: these cells were never measured.</p>' if record["synthetic"] else ""
    word = "optimal" if record["optimal"] else f"{record['gap']} below the bound"
    lead = (
        f"{record['made']} stacks of {record['layers']} cells, bound {record['bound']} ({word}), order "
        f"{escape(record['order'])}, {record['cells_held']} cells held at the peak; "
        f"{record['left_over']['count']} good cells left over. {record['rated']['sure']} stacks reach "
        f"{record['rated']['mah']:.3f} mAh at {record['rated']['confidence']:g} confidence."
    )
    told = "".join(f"<p>{escape(line[0].upper() + line[1:])}.</p>" for line in remarks(record))
    data = _data(pool, chosen, lower, shown, record)
    parts = [
        f"<h1>{escape(title)}</h1>", mark, f"<p>{lead}</p>", told, "<h2>Capacity of stacks, before and after</h2>",
        _chart(sums, chosen.sums / NAH_PER_MAH, errors / NAH_PER_MAH * z, shown, record),
        "<p>Grey: neighbours as they come off the web. Blue: as chosen, by estimate; the band is the error of the "
        f"estimates at {record['rated']['confidence']:g} confidence. Red: the rating.</p>",
        "<h2>Cells of a stack on the web</h2><p>Click a stack, or choose it with Tab and Enter"
        + (f"; {len(shown)} of {chosen.made} are drawn, evenly by rank" if len(shown) < chosen.made else "")
        + '. The web runs from left to right.</p><p id="told"></p>',
        *(_strip(pool, number) for number in range(len(pool.webs))),
        '<table><thead><tr><th>layer</th><th>web</th><th>cell</th><th>along, mm</th>'
        '<th>across, mm</th><th>mAh</th></tr></thead><tbody id="cells"></tbody></table>',
        f'<script type="application/json" id="data">{data}</script>',
        f"<script>{(data_folder('templates') / 'stacks' / 'stacks.js').read_text(encoding='utf-8')}</script>",
    ]  # fmt: skip
    head = f'<!doctype html><html lang="en"><meta charset="utf-8"><title>{escape(title)}</title>'
    return f"{head}<style>{_STYLE}</style><body>{''.join(parts)}</body></html>\n"


def _data(pool: Pool, chosen: Chosen, lower: NDArray[np.float64], shown: Ints, record: Mapping[str, Any]) -> str:
    """What a click needs: the cells of the stacks that are drawn, and where the cells of a repeat lie."""
    first = pool.webs[0].map
    stacks = [
        {
            "label": stack_name(at + 1, chosen.made),
            "mah": round(int(chosen.sums[at]) / NAH_PER_MAH, 6),
            "lower": round(float(lower[at]), 6),
            "cells": np.column_stack(
                [pool.lot[row], pool.repeat[row], pool.cell[row], pool.capacity[row]]
            ).tolist(),
        }
        for at, row in zip(shown.tolist(), chosen.members[shown], strict=True)
    ]
    webs = [
        {
            "name": web.path.name,
            "first": web.table.about.first_repeat,
            "metres": round(web.table.about.repeats * first.length_um * 1e-6, 6),
        }
        for web in pool.webs
    ]
    content = {
        "confidence": record["rated"]["confidence"],
        "width": first.width_um / 1000,
        "length": first.length_um / 1000,
        "names": list(first.names),
        "repeat_digits": REPEAT_DIGITS,
        "x": [round(float(x) / 1000, 3) for x in first.x_um],
        "y": [round(float(y) / 1000, 3) for y in first.y_um],
        "webs": webs,
        "stacks": stacks,
    }
    return json.dumps(content, separators=(",", ":"), ensure_ascii=False).replace("<", "\\u003c")


def _strip(pool: Pool, number: int) -> str:
    """One web, drawn along the page; its cells are put in by a click."""
    web = pool.webs[number]
    metres = web.table.about.repeats * web.map.length_um * 1e-6
    inner = element("rect", {"x": 0, "y": 0, "width": 900, "height": 90}) + element("g", {"class_": "cells"}, "")
    frame = {"viewBox": "-4 -4 908 98", "class_": "web", "id": f"web{number}", "role": "img",
             "aria-label": f"Web {web.path.name}"}  # fmt: skip
    return f"<p>{escape(web.path.name)}, {metres:.4g} m</p>{element('svg', frame, inner)}"


def _chart(
    before: NDArray[np.float64],
    after: NDArray[np.float64],
    band: NDArray[np.float64],
    shown: Ints,
    record: Mapping[str, Any],
) -> str:
    rated = float(record["rated"]["mah"])
    values = [rated, *before[[0, -1]].tolist()] if len(before) else [rated]
    if len(after):
        values += [float((after - band).min()), float((after + band).max())]
    low, high = min(values), max(values)
    decade = 10.0 ** math.floor(math.log10(max(high - low, 1e-6) / 3))
    step = next(decade * factor for factor in (1, 2, 5, 10) if (high - low) / (decade * factor) <= 6)
    low, high = math.floor(low / step) * step, math.ceil(high / step) * step

    def x_of(rank: float, count: int) -> float:
        return _LEFT + rank / max(count - 1, 1) * (_WIDTH - _LEFT - 12)

    def y_of(mah: float) -> float:
        return _TOP + (high - mah) / (high - low) * (_HEIGHT - _TOP - _FOOT)

    def line(values: NDArray[np.float64]) -> str:
        ranks = np.unique(np.linspace(0, len(values) - 1, min(_MOST, len(values))).round().astype(np.int64))
        return " ".join(f"{x_of(r, len(values)):.1f},{y_of(float(values[r])):.1f}" for r in ranks.tolist())

    drawn = []
    for number in range(round((high - low) / step) + 1):
        y = y_of(low + number * step)
        drawn.append(element("line", {"x1": _LEFT, "x2": _WIDTH - 12, "y1": y, "y2": y, "class_": "grid"}))
        drawn.append(label(_LEFT - 8, y + 4, f"{low + number * step:.4g}", text_anchor="end"))
    middle = (_TOP + _HEIGHT - _FOOT) / 2
    drawn.append(label((_LEFT + _WIDTH - 12) / 2, _HEIGHT - 8, "stacks by rising capacity", text_anchor="middle"))
    turn = f"rotate(-90 14 {middle:g})"
    drawn.append(label(14.0, middle, "capacity of a stack, mAh", text_anchor="middle", transform=turn))
    if len(after):
        points = line(after - band) + " " + " ".join(line(after + band).split(" ")[::-1])
        drawn.append(element("polygon", {"points": points, "class_": "band"}))
    if len(before):
        drawn.append(element("polyline", {"points": line(before), "class_": "before"}))
    y = y_of(rated)
    drawn.append(element("line", {"x1": _LEFT, "x2": _WIDTH - 12, "y1": y, "y2": y, "class_": "rated"}))
    drawn.append(label(_WIDTH - 14, y - 5, f"rated {rated:.3f} mAh", text_anchor="end", class_="rating"))
    for number, at in enumerate(shown.tolist()):
        text = f"{stack_name(at + 1, len(after))}: {after[at]:.4f} mAh"
        place = {"cx": x_of(at, len(after)), "cy": y_of(float(after[at])), "r": 3.0, "class_": "stack",
                 "id": f"s{number}", "tabindex": "0", "role": "button", "aria-label": text}  # fmt: skip
        drawn.append(element("circle", place, element("title", {}, text)))
    frame = {"viewBox": f"0 0 {_WIDTH:g} {_HEIGHT:g}", "role": "group",
             "aria-label": "Capacity of stacks by rank, before and after"}  # fmt: skip
    return element("svg", frame, "".join(drawn))
