"""A packing or a repeat as SVG, in mm, one path for each block."""

from collections.abc import Iterable, Sequence

from layoutgen.geometry.boxes import Box
from layoutgen.web.plan import Block

MAX_CELLS_DRAWN = 60_000
_STYLE = (
    "rect.room{fill:#f3f1ec;stroke:#57534a}rect.field{fill:#fff;stroke:#8a8577}"
    ".straight{fill:#7fa7c9;stroke:#27455e}.turned{fill:#e2b36b;stroke:#6d4a12}"
    ".zone{fill:#c9463d;fill-opacity:.35;stroke:#8d1f18}text{fill:#22201b;font-family:sans-serif}"
)


def drawing(
    *,
    size: tuple[int, int],
    cell: tuple[int, int],
    kerf: int,
    fields: Sequence[tuple[Box, Iterable[Block]]],
    zones: Sequence[Sequence[tuple[int, int]]],
    title: str,
    dbu_per_mm: int,
) -> str:
    """SVG text. ``fields`` are (box, blocks of finished-cell corners) in the coordinates of ``size``; y points
    up.
    """
    width, height = size[0] / dbu_per_mm, size[1] / dbu_per_mm
    margin = 0.03 * max(width, height)
    line = max(width, height) / 2500
    text = margin * 0.55
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="{_n(-margin)} {_n(-2 * margin)} '
        f'{_n(width + 2 * margin)} {_n(height + 3 * margin)}" width="{_n(width + 2 * margin)}mm" '
        f'height="{_n(height + 3 * margin)}mm">',
        f"<title>{_escape(title)}</title><style>{_STYLE}</style>",
        f'<text x="0" y="{_n(-0.7 * margin)}" font-size="{_n(text)}">{_escape(title)}</text>',
        f'<g stroke-width="{_n(line)}" transform="translate(0 {_n(height)}) scale({_n(1 / dbu_per_mm, 12)} '
        f'{_n(-1 / dbu_per_mm, 12)})">',
        f'<g stroke-width="{round(line * dbu_per_mm)}">',
        f'<rect class="room" x="0" y="0" width="{size[0]}" height="{size[1]}"/>',
    ]
    detail = sum(block.count for _, blocks in fields for block in blocks) <= MAX_CELLS_DRAWN
    for (x0, y0, x1, y1), blocks in fields:
        parts.append(f'<rect class="field" x="{x0}" y="{y0}" width="{x1 - x0}" height="{y1 - y0}"/>')
        parts += [_block(block, cell, kerf, detail=detail) for block in blocks]
    for corners in zones:
        points = " ".join(f"{x},{y}" for x, y in corners)
        parts.append(f'<polygon class="zone" points="{points}"/>')
    return "\n".join([*parts, "</g></g></svg>", ""])


def _block(block: Block, cell: tuple[int, int], kerf: int, *, detail: bool) -> str:
    w, h = (cell[1], cell[0]) if block.rotated else cell
    kind = "turned" if block.rotated else "straight"
    if not detail:
        across, up = block.columns * (w + kerf) - kerf, block.rows * (h + kerf) - kerf
        return f'<path class="{kind}" d="M{block.x} {block.y}h{across}v{up}h{-across}z"/>'
    outline = "".join(
        f"M{block.x + column * (w + kerf)} {block.y + row * (h + kerf)}h{w}v{h}h{-w}z"
        for column in range(block.columns)
        for row in range(block.rows)
    )
    return f'<path class="{kind}" d="{outline}"/>'


def _n(value: float, digits: int = 6) -> str:
    return f"{value:.{digits}g}"


def _escape(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
