"""The places in which a file differs from its design, as SVG in mm: one repeat of the web with every cell."""

import textwrap
from collections.abc import Iterator, Sequence
from typing import Final

import numpy as np

from layoutgen.draw.web import WebShapes, web_shapes
from layoutgen.export.xml_text import escape
from layoutgen.identity.answer import Difference, Identity
from layoutgen.identity.places import Places
from layoutgen.web.plan import WebPlan

MAX_CELLS_DRAWN: Final = 60_000
_MOST_PLACES: Final = 2000
_LINE_CHARACTERS: Final = 110
_STYLE: Final = (
    "rect.web{fill:#f3f1ec;stroke:#57534a}rect.field{fill:#fff;stroke:#8a8577}"
    "path.cell{fill:#dfe7ee;stroke:none}text{fill:#22201b;font-family:sans-serif}text.bad{fill:#a1241b}"
    ".gone{fill:#fff;stroke:#c9302c}.more{fill:#e08a2e;fill-opacity:.75;stroke:#9b5408}"
    ".other{fill:#c9302c;fill-opacity:.45;stroke:#8d1f18}.way{stroke:#6a3d9a;fill:none}.there{fill:none;stroke:#6a3d9a}"
)
_CLASSES: Final = {"missing-cells": "gone", "extra-cells": "more", "extra-shapes": "more", "missing-shapes": "gone"}


def picture_svg(identity: Identity, plan: WebPlan, dbu_nm: int) -> str:
    """The picture; y points up as in the layout, text below says what differs, numbered as in the picture."""
    places = Places.of(plan)
    mm = dbu_nm * 1e-6
    boxes = [(number, item, list(_boxes(item, places, mm))) for number, item in enumerate(identity.differences, 1)]
    x0, y0, x1, y1 = _extent([box for _, _, found in boxes for box in found], places, mm)
    span = max(x1 - x0, y1 - y0)
    margin, text = 0.03 * span, 0.014 * span
    lines = _lines(identity)
    width, height = x1 - x0 + 2 * margin, y1 - y0 + 2 * margin + text * 1.5 * (len(lines) + 1)
    width = max(width, 0.55 * text * max(map(len, lines)) + 2 * margin)
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="{_n(x0 - margin)} {_n(-y1 - margin)} {_n(width)} '
        f'{_n(height)}" width="{_n(width)}mm" height="{_n(height)}mm">',
        f"<title>{escape(lines[0])}</title><style>{_STYLE}</style>",
        f'<rect x="{_n(x0 - margin)}" y="{_n(-y1 - margin)}" width="100%" height="100%" fill="#fff"/>',
        f'<g stroke-width="{_n(span / 1500)}" transform="scale(1 -1)">',
        *_web(web_shapes(plan, dbu_nm), detail=places.count <= MAX_CELLS_DRAWN),
        *(shape for _, item, found in boxes for shape in _marked(item, found, span)),
        "</g>",
        *(
            f'<text class="bad" x="{_n(found[0][2] + text / 3)}" y="{_n(-found[0][3])}" font-size="{_n(text)}">'
            f"{number}</text>"
            for number, _, found in boxes
            if found
        ),
        *(
            f'<text x="{_n(x0)}" y="{_n(-y0 + margin + text * 1.5 * (number + 1))}" font-size="{_n(text)}">'
            f"{escape(line)}</text>"
            for number, line in enumerate(lines)
        ),
        "</svg>",
        "",
    ]
    return "\n".join(parts)


def _lines(identity: Identity) -> list[str]:
    lines = [identity.text().splitlines()[0]]
    for number, item in enumerate(identity.differences[:20], 1):
        lines += textwrap.wrap(f"{number}  {item.text}", _LINE_CHARACTERS, subsequent_indent="    ")
    if len(identity.differences) > 20:
        lines.append(f"and {len(identity.differences) - 20} more")
    return lines


Rect = tuple[float, float, float, float]


def _boxes(item: Difference, places: Places, mm: float) -> Iterator[Rect]:
    """Every place of a difference, mm."""
    if item.cells and "places_mm" not in item.numbers:
        for cell in places.addresses.indices(list(item.cells)).tolist():
            x0, y0, x1, y1 = places.box(cell)
            yield x0 * mm, y0 * mm, x1 * mm, y1 * mm
    for x, y in item.numbers.get("corners_mm", ()):
        width, height = places.arrays[0].size if places.arrays else (0, 0)
        yield x, y, x + width * mm, y + height * mm
    listed = item.numbers.get("places_mm")
    if listed:
        yield from (tuple(box) for box in listed)
    elif item.box_mm and not item.cells and "corners_mm" not in item.numbers:
        yield item.box_mm


def _extent(boxes: Sequence[Rect], places: Places, mm: float) -> Rect:
    left, low, right, high = (value * mm for value in places.repeat)
    every = [(left, low, right, high), *boxes]
    x0, y0, x1, y1 = (np.array(column) for column in zip(*every, strict=True))
    span = 3 * max(right - left, high - low)
    return (
        max(float(x0.min()), left - span),
        max(float(y0.min()), low - span),
        min(float(x1.max()), right + span),
        min(float(y1.max()), high + span),
    )


def _web(web: WebShapes, *, detail: bool) -> Iterator[str]:
    """The repeat, its fields, and its cells, or blocks where these are too many."""
    yield _rect("web", (0.0, 0.0, web.width, web.length))
    for field in web.fields:
        yield _rect("field", (*field.corners[0], *field.corners[2]))
    for block in web.blocks:
        w, h = block.cell if detail else block.extent
        corners = block.corners if detail else [(block.x, block.y)]
        drawn = "".join(f"M{_n(x)} {_n(y)}h{_n(w)}v{_n(h)}h{_n(-w)}z" for x, y in corners)
        yield f'<path class="cell" d="{drawn}"/>'


def _marked(item: Difference, boxes: Sequence[Rect], span: float) -> Iterator[str]:
    """The places of a difference; what is too small to be seen gets a ring around it."""
    kind = _CLASSES.get(item.kind, "other")
    for box in boxes[:_MOST_PLACES]:
        x0, y0, x1, y1 = box
        if item.kind == "moved-cells":
            dx, dy = item.numbers["by_mm"]
            yield _rect("gone", box)
            yield _rect("there", (x0 + dx, y0 + dy, x1 + dx, y1 + dy))
            middle = (x0 + x1) / 2, (y0 + y1) / 2
            yield f'<path class="way" d="M{_n(middle[0])} {_n(middle[1])}l{_n(dx)} {_n(dy)}"/>'
            continue
        yield _rect(kind, box)
        if max(x1 - x0, y1 - y0) < span / 100:
            ring = f'cx="{_n((x0 + x1) / 2)}" cy="{_n((y0 + y1) / 2)}" r="{_n(span / 80)}"'
            yield f'<circle class="there" {ring}/>'


def _rect(kind: str, box: Sequence[float]) -> str:
    x0, y0, x1, y1 = box
    return f'<rect class="{kind}" x="{_n(x0)}" y="{_n(y0)}" width="{_n(x1 - x0)}" height="{_n(y1 - y0)}"/>'


def _n(value: float) -> str:
    return f"{value:.7g}"
