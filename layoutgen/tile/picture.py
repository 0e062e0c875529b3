"""Packed cells as SVG, in mm, arcs as arcs: the outline is drawn once and used for every cell."""

from collections.abc import Iterable, Sequence
from html import escape

from layoutgen.geometry.boxes import Box
from layoutgen.geometry.outline import Outline, outline_of
from layoutgen.tile.outline.model import Lattice
from layoutgen.web.plan import Block, Cell

MAX_CELLS_DRAWN = 60_000
_STYLE = (
    "rect.room{fill:#f3f1ec;stroke:#57534a}rect.field{fill:#fff;stroke:#8a8577}"
    ".t0{fill:#7fa7c9;stroke:#27455e}.t90{fill:#e2b36b;stroke:#6d4a12}.t180{fill:#93bf95;stroke:#2c5a30}"
    ".t270{fill:#c9a0c4;stroke:#5d3158}.zone{fill:#c9463d;fill-opacity:.35;stroke:#8d1f18}"
    "text{fill:#22201b;font-family:sans-serif}"
)


def path_of(outline: Outline, per_mm: float) -> str:
    """An SVG path with arcs; y as it is in the outline."""
    first = outline.edges[0]
    parts = [f"M{_n(first.x0 / per_mm)} {_n(first.y0 / per_mm)}"]
    for edge in outline.edges:
        end = f"{_n(edge.x1 / per_mm)} {_n(edge.y1 / per_mm)}"
        if edge.is_arc:
            radius = _n(edge.radius / per_mm)
            large, sweep = int(abs(edge.bulge) > 1), int(edge.bulge > 0)
            parts.append(f"A{radius} {radius} 0 {large} {sweep} {end}")
        else:
            parts.append(f"L{end}")
    return "".join(parts) + "Z"


def lattices_of(blocks: Iterable[Block], cell: Cell, kerf: int) -> list[Lattice]:
    """Blocks of rectangular cells, sides and kerf in dbu, as lattices of their outline."""
    found = []
    for block in blocks:
        w, h = block.lying(cell)
        turn = 90 if block.rotated else 0
        found.append(Lattice(block.x, block.y, block.columns, block.rows, w + kerf, h + kerf, turn))
    return found


def rectangle(cell: Cell) -> Outline:
    """The outline of a rectangular cell."""
    w, h = cell
    return outline_of([(0, 0), (w, 0), (w, h), (0, h)])


def drawing(
    *,
    size: tuple[int, int],
    outline: Outline,
    fields: Sequence[tuple[Box, Iterable[Lattice]]],
    zones: Sequence[Sequence[tuple[int, int]]],
    title: str,
    dbu_per_mm: int,
) -> str:
    """SVG text; boxes, lattices and zones in the coordinates of ``size``, y upwards."""
    width, height = size[0] / dbu_per_mm, size[1] / dbu_per_mm
    margin = 0.03 * max(width, height)
    text = margin * 0.55
    used = sorted({lattice.turn for _, lattices in fields for lattice in lattices})
    shapes = "".join(
        f'<path id="t{turn}" class="t{turn}" d="{path_of(outline.turned(turn).at_origin(), dbu_per_mm)}"/>'
        for turn in used
    )
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="{_n(-margin)} {_n(-2 * margin)} '
        f'{_n(width + 2 * margin)} {_n(height + 3 * margin)}" width="{_n(width + 2 * margin)}mm" '
        f'height="{_n(height + 3 * margin)}mm">',
        f"<title>{escape(title, quote=False)}</title><style>{_STYLE}</style><defs>{shapes}</defs>",
        f'<text x="0" y="{_n(-0.7 * margin)}" font-size="{_n(text)}">{escape(title, quote=False)}</text>',
        f'<g stroke-width="{_n(max(width, height) / 2500)}" transform="translate(0 {_n(height)}) scale(1 -1)">',
        f'<rect class="room" x="0" y="0" width="{_n(width)}" height="{_n(height)}"/>',
    ]
    detail = sum(lattice.count for _, lattices in fields for lattice in lattices) <= MAX_CELLS_DRAWN
    sizes = {turn: outline.turned(turn).size for turn in used}
    for (x0, y0, x1, y1), lattices in fields:
        box = [_n(value / dbu_per_mm) for value in (x0, y0, x1 - x0, y1 - y0)]
        parts.append(f'<rect class="field" x="{box[0]}" y="{box[1]}" width="{box[2]}" height="{box[3]}"/>')
        parts += [_lattice(lattice, sizes[lattice.turn], dbu_per_mm, detail=detail) for lattice in lattices]
    for corners in zones:
        points = " ".join(f"{_n(x / dbu_per_mm)},{_n(y / dbu_per_mm)}" for x, y in corners)
        parts.append(f'<polygon class="zone" points="{points}"/>')
    return "\n".join([*parts, "</g></svg>", ""])


def _lattice(lattice: Lattice, size: tuple[int, int], per_mm: int, *, detail: bool) -> str:
    if not detail:
        across = (lattice.columns - 1) * lattice.pitch_x + size[0]
        up = (lattice.rows - 1) * lattice.pitch_y + size[1]
        box = [_n(value / per_mm) for value in (lattice.x, lattice.y, across, up)]
        return (
            f'<rect class="t{lattice.turn}" x="{box[0]}" y="{box[1]}" width="{box[2]}" height="{box[3]}" '
            'fill-opacity=".5"/>'
        )
    return "".join(
        f'<use href="#t{turn}" x="{_n(x / per_mm)}" y="{_n(y / per_mm)}"/>' for turn, x, y in lattice.places()
    )


def _n(value: float) -> str:
    return f"{value:.9g}"
