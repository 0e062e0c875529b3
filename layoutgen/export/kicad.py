"""KiCad footprint and symbol, as KiCad 6 files (later versions upgrade them).

Conventions of the KiCad library: silkscreen 0.12 mm and 0.2 mm from copper, none under the body; fabrication layer
0.10 mm with the nominal body and a bevel at pad 1; courtyard 0.05 mm on a 0.01 mm grid, with room for the plus sign
at its side, so that no other part covers it; origin in the middle of the part; pad 1 is + and on the left. The 3D
model is named by a relative path.
"""

import math
import uuid
from collections.abc import Iterator
from typing import Final, TypeAlias

from layoutgen.smt.land_pattern import LandPattern, Level
from layoutgen.smt.part import SolderPart
from layoutgen.smt.paste import MASK_EXPANSION_MM, PASTE_SHRINK_MM, Opening, lands, paste_openings
from layoutgen.smt.record import PADS

VERSION: Final = 20211014
SILK_MM: Final = 0.12
FAB_MM: Final = 0.10
COURTYARD_MM: Final = 0.05
SILK_CLEARANCE_MM: Final = 0.2
_GRID_MM: Final = 0.01
_NAMESPACE: Final = uuid.uuid5(uuid.NAMESPACE_URL, "https://github.com/layoutgen/layoutgen#kicad")
_SYMBOL_LINE_MM: Final = 0.254

Node: TypeAlias = "str | int | float | Word | list[Node]"
"""An s-expression: text is quoted, a Word is not, numbers are written without exponent."""
Line: TypeAlias = tuple[float, float, float, float]


class Word(str):
    """A bare word of an s-expression."""

    __slots__ = ()


def footprint_name(name: str, level: Level) -> str:
    """The name of a footprint; level B, the usual one, has the plain name."""
    return name if level is Level.B else f"{name}_{level}"


def footprint_text(
    name: str, part: SolderPart, pattern: LandPattern, description: str, model: str, datasheet: str = ""
) -> str:
    """A ``.kicad_mod`` file.

    Args:
        name: name of the design.
        part: body and terminals.
        pattern: the land pattern, of any level.
        description: one line about the part.
        model: file name of the STEP model beside the footprint.
        datasheet: its web address, where it has one.
    """
    title = footprint_name(name, pattern.level)
    half_y = max(pattern.courtyard_width, part.width.nominal_mm) / 2 + 1.0
    size = min(1.0, max(0.3, part.length.nominal_mm / 5))
    nodes: list[Node] = [
        Word("footprint"),
        title,
        [Word("version"), VERSION],
        [Word("generator"), Word("layoutgen")],
        [Word("layer"), "F.Cu"],
        [
            Word("descr"),
            ", ".join(filter(None, (description, *_says(pattern), datasheet))),
        ],
        [Word("tags"), "battery thin-film solid-state"],
        [Word("attr"), Word("smd")],
        _text("reference", "REF**", (0.0, -half_y), "F.SilkS", 1.0, title),
        _text("value", title, (0.0, half_y), "F.Fab", 1.0, title),
        _text("user", "${REFERENCE}", (0.0, 0.0), "F.Fab", size, title),
    ]
    drawn = (
        ("F.SilkS", SILK_MM, list(silk_lines(part, pattern))),
        ("F.Fab", FAB_MM, list(_ring(_fab_ring(part)))),
        ("F.CrtYd", COURTYARD_MM, list(_ring(_courtyard_ring(part, pattern)))),
    )
    for layer, width, lines in drawn:
        nodes += [_line(line, layer, width, f"{title} {layer} {i}") for i, line in enumerate(lines)]
    nodes += _pads(title, pattern)
    nodes.append(
        [
            Word("model"),
            model,
            [Word("offset"), [Word("xyz"), 0, 0, 0]],
            [Word("scale"), [Word("xyz"), 1, 1, 1]],
            [Word("rotate"), [Word("xyz"), 0, 0, 0]],
        ]
    )
    return _write(nodes) + "\n"


def _says(pattern: LandPattern) -> tuple[str, ...]:
    model = f"IPC-7351B model, level {pattern.level}"
    return (model, f"no paste: {pattern.no_reflow}") if pattern.no_reflow else (model,)


def symbol_text(name: str, footprint: str, description: str, voltage: str, datasheet: str = "") -> str:
    """A ``.kicad_sym`` file with one symbol: pin 1 is +, on top; ``datasheet`` is a web address."""
    hidden: Node = [Word("effects"), [Word("font"), [Word("size"), 1.27, 1.27]], Word("hide")]
    left: Node = [
        Word("effects"),
        [Word("font"), [Word("size"), 1.27, 1.27]],
        [Word("justify"), Word("left")],
    ]
    fields: list[tuple[str, str, float, Node]] = [
        ("Reference", "BT", 1.27, left),
        ("Value", name, -1.27, left),
        ("Footprint", footprint, 0.0, hidden),
        ("Datasheet", datasheet or "~", 0.0, hidden),
        ("ki_keywords", "battery solid-state thin-film", 0.0, hidden),
        ("ki_description", f"{description}, {voltage}", 0.0, hidden),
        ("ki_fp_filters", f"{name.replace('-', '?').replace('_', '?')}*", 0.0, hidden),
    ]
    properties: list[Node] = [
        [Word("property"), key, text, [Word("id"), i], [Word("at"), 3.81 if effects is left else 0, y, 0], effects]
        for i, (key, text, y, effects) in enumerate(fields)
    ]
    plates = ((-2.54, 0.635, 2.54, 0.635), (-1.27, -0.635, 1.27, -0.635))
    wires = ((0.0, 0.635, 0.0, 2.54), (0.0, -0.635, 0.0, -2.54))
    plus = ((-2.54, 1.905, -1.27, 1.905), (-1.905, 1.27, -1.905, 2.54))
    graphics: list[Node] = [_polyline(line) for line in (*plates, *wires, *plus)]
    pins: list[Node] = [_pin("+", "1", 5.08, 270), _pin("-", "2", -5.08, 90)]
    symbol: list[Node] = [
        Word("symbol"),
        name,
        [Word("pin_numbers"), Word("hide")],
        [Word("pin_names"), [Word("offset"), 1.016], Word("hide")],
        [Word("in_bom"), Word("yes")],
        [Word("on_board"), Word("yes")],
        *properties,
        [Word("symbol"), f"{name}_0_1", *graphics],
        [Word("symbol"), f"{name}_1_1", *pins],
    ]
    library: list[Node] = [
        Word("kicad_symbol_lib"),
        [Word("version"), VERSION],
        [Word("generator"), Word("layoutgen")],
        symbol,
    ]
    return _write(library) + "\n"


def silk_lines(part: SolderPart, pattern: LandPattern) -> Iterator[Line]:
    """A bracket that is open at the - end, and a plus sign outside the + end."""
    away = SILK_CLEARANCE_MM + SILK_MM / 2
    y = round(max(pattern.x, part.width.most_mm) / 2 + away, 3)
    left = -round(max(pattern.z, part.length.most_mm) / 2 + away, 3)
    right = round(part.length.nominal_mm / 2, 3)
    yield (left, -y, right, -y)
    yield (left, -y, left, y)
    yield (left, y, right, y)
    x, arm = _plus(part, pattern)
    yield (round(x - arm, 3), 0.0, round(x + arm, 3), 0.0)
    yield (x, -arm, x, arm)


def _plus(part: SolderPart, pattern: LandPattern) -> tuple[float, float]:
    """Middle and arm of the plus sign on the silkscreen, left of the bracket."""
    away = SILK_CLEARANCE_MM + SILK_MM / 2
    left = -round(max(pattern.z, part.length.most_mm) / 2 + away, 3)
    arm = min(0.5, max(0.2, part.width.nominal_mm / 6))
    return round(left - away - arm, 3), arm


def _fab_ring(part: SolderPart) -> list[tuple[float, float]]:
    x, y = part.length.nominal_mm / 2, part.width.nominal_mm / 2
    bevel = min(1.0, 0.25 * min(part.length.nominal_mm, part.width.nominal_mm))
    return [(-x + bevel, -y), (x, -y), (x, y), (-x, y), (-x, -y + bevel)]


def _courtyard_ring(part: SolderPart, pattern: LandPattern) -> list[tuple[float, float]]:
    """The courtyard of the model, and a tab around the plus sign on the 0.01 mm grid."""
    x, y = pattern.courtyard_length / 2, pattern.courtyard_width / 2
    middle, arm = _plus(part, pattern)
    out, half = (
        math.ceil((value + SILK_MM / 2 + COURTYARD_MM) / _GRID_MM - 1e-9) * _GRID_MM
        for value in (arm - middle, arm)
    )
    out, half = round(out, 2), round(half, 2)
    return [(-x, -y), (x, -y), (x, y), (-x, y), (-x, half), (-out, half), (-out, -half), (-x, -half)]


def _ring(points: list[tuple[float, float]]) -> Iterator[Line]:
    for (x0, y0), (x1, y1) in zip(points, points[1:] + points[:1], strict=True):
        yield x0, y0, x1, y1


def _pads(title: str, pattern: LandPattern) -> list[Node]:
    openings = paste_openings(pattern)
    whole = len(openings) == 2
    found: list[Node] = []
    for (number, _), land in zip(PADS, lands(pattern), strict=True):
        layers: list[Node] = [Word("layers"), "F.Cu", "F.Mask", *(["F.Paste"] if whole else [])]
        pad = _pad(number, land, layers, f"{title} pad {number}")
        pad.insert(-1, [Word("solder_mask_margin"), MASK_EXPANSION_MM])
        if whole:
            pad.insert(-1, [Word("solder_paste_margin"), -PASTE_SHRINK_MM])
        found.append(pad)
    if len(openings) > 2:
        paste: list[Node] = [Word("layers"), "F.Paste"]
        found += [_pad("", opening, paste, f"{title} paste {i}") for i, opening in enumerate(openings)]
    return found


def _pad(number: str, shape: Opening, layers: list[Node], identity: str) -> list[Node]:
    return [
        Word("pad"),
        number,
        Word("smd"),
        Word("roundrect"),
        [Word("at"), shape.x, -shape.y],
        [Word("size"), shape.length, shape.width],
        layers,
        [Word("roundrect_rratio"), shape.corner_ratio],
        [Word("tstamp"), Word(_identity(identity))],
    ]


def _text(kind: str, text: str, at: tuple[float, float], layer: str, size: float, title: str) -> list[Node]:
    font: Node = [
        Word("effects"),
        [Word("font"), [Word("size"), size, size], [Word("thickness"), round(size * 0.15, 3)]],
    ]
    stamp: Node = [Word("tstamp"), Word(_identity(f"{title} {kind} {layer}"))]
    return [Word("fp_text"), Word(kind), text, [Word("at"), *at], [Word("layer"), layer], font, stamp]


def _line(line: Line, layer: str, width: float, identity: str) -> list[Node]:
    x0, y0, x1, y1 = line
    return [
        Word("fp_line"),
        [Word("start"), x0, y0],
        [Word("end"), x1, y1],
        [Word("layer"), layer],
        [Word("width"), width],
        [Word("tstamp"), Word(_identity(identity))],
    ]


def _polyline(line: Line) -> list[Node]:
    x0, y0, x1, y1 = line
    return [
        Word("polyline"),
        [Word("pts"), [Word("xy"), x0, y0], [Word("xy"), x1, y1]],
        [Word("stroke"), [Word("width"), _SYMBOL_LINE_MM], [Word("type"), Word("default")]],
        [Word("fill"), [Word("type"), Word("none")]],
    ]


def _pin(name: str, number: str, y: float, angle: int) -> list[Node]:
    font: Node = [Word("effects"), [Word("font"), [Word("size"), 1.27, 1.27]]]
    return [
        Word("pin"),
        Word("passive"),
        Word("line"),
        [Word("at"), 0, y, angle],
        [Word("length"), 2.54],
        [Word("name"), name, font],
        [Word("number"), number, font],
    ]


def _identity(text: str) -> str:
    return str(uuid.uuid5(_NAMESPACE, text))


def _write(node: Node, depth: int = 0) -> str:
    if isinstance(node, list):
        flat = "(" + " ".join(_write(child, depth + 1) for child in node) + ")"
        if len(flat) <= 100 and "\n" not in flat:
            return flat
        pad = "\n" + "  " * (depth + 1)
        parts = [_write(child, depth + 1) for child in node]
        head = [part for part, child in zip(parts, node, strict=True) if not isinstance(child, list)]
        tail = [part for part, child in zip(parts, node, strict=True) if isinstance(child, list)]
        return "(" + " ".join(head) + "".join(pad + part for part in tail) + ")"
    if isinstance(node, Word):
        return str(node)
    if isinstance(node, str):
        return '"' + node.replace("\\", "\\\\").replace('"', '\\"') + '"'
    text = f"{float(node):.6f}".rstrip("0").rstrip(".")
    return "0" if text == "-0" else text
