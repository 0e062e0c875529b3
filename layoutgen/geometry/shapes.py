"""Outlines from text: ``circle:d=10``, ``stadium:12x4``, ``sector:r=9..11.5,angle=100``, or a DXF or SVG file.

Turn 0 of each shape: lengths along x; a D stands on its flat side; a sector is symmetric about +y with its arc up;
an L has its outer corner at the lower left and the long arm along x; a hexagon has corners left and right.
"""

from collections.abc import Callable
from math import cos, pi, sin, sqrt
from pathlib import Path

from layoutgen.errors import InputError, Problem, QuantityError, did_you_mean
from layoutgen.geometry.crossings import self_crossing
from layoutgen.geometry.outline import Outline, bulge_of, outline_of
from layoutgen.units import parse, parse_footprint_mm

DBU_PER_MM = 1_000_000
LEAST_MM, MOST_MM = 0.05, 3_000.0
SHAPES = {
    "circle": "circle:d=10",
    "stadium": "stadium:12x4",
    "rounded": "rounded:10x8,r=2",
    "d-shape": "d-shape:12x10",
    "sector": "sector:r=9..11.5,angle=100",
    "l-shape": "l-shape:12x8,arm=4",
    "hexagon": "hexagon:10",
    "rectangle": "rectangle:8x10",
}
_FILES = (".dxf", ".svg")


def outline_from(text: str, where: str = "outline") -> tuple[Outline, tuple[str, ...]]:
    """The outline that a text or a file states, in dbu with its box at (0, 0), and what was done to a file's path.

    Raises:
        InputError: the text is no shape, its lengths make none, or the file holds no single closed simple path.
    """
    if text.lower().endswith(_FILES):
        from layoutgen.geometry.outline_files import read_outline

        outline, notes = read_outline(Path(text), where)
    else:
        outline, notes = _named(text.strip(), where), ()
    _check(outline, text, where)
    return outline.at_origin(), notes


def _check(outline: Outline, text: str, where: str) -> None:
    """Refuse what crosses itself or has no sensible size."""
    width, height = (side / DBU_PER_MM for side in outline.size)
    allowed = f"sides from {LEAST_MM:g} mm to {MOST_MM / 1000:g} m"
    if max(width, height) > MOST_MM:
        raise InputError(Problem(f"{text!r} is {width:g} x {height:g} mm: too large", where, allowed))
    if min(width, height) < LEAST_MM:
        raise InputError(Problem(f"{text!r} is {width:g} x {height:g} mm: too small", where, allowed))
    place = self_crossing(outline)
    if place is not None:
        x, y = (value / DBU_PER_MM for value in place)
        raise InputError(
            Problem(
                f"{text!r} meets itself at ({x:.6g}, {y:.6g}) mm",
                where,
                "a path that nowhere crosses, touches or doubles back on itself",
            )
        )


def _named(text: str, where: str) -> Outline:
    name, sign, rest = text.partition(":")
    name = name.strip().lower()
    if name not in SHAPES or not sign:
        remedy = did_you_mean(name, SHAPES) if name not in SHAPES else f"for example {SHAPES[name]}"
        raise InputError(
            Problem(
                f"{text!r} is not a shape",
                where,
                f"{', '.join(SHAPES.values())}, or a file that ends in .dxf or .svg; lengths in mm",
                remedy,
            )
        )
    reader = _Words(name, rest, where)
    try:
        return _MAKERS[name](reader)
    except QuantityError as error:
        problem = error.problems[0]
        raise InputError(
            Problem(f"{text!r}: {problem.what}", where, problem.allowed, f"for example {SHAPES[name]}")
        ) from error


class _Words:
    """The parts of a shape's text: a size first, then ``key=value``."""

    def __init__(self, name: str, text: str, where: str) -> None:
        self.name, self.where, self.text = name, where, text
        parts = [part.strip() for part in text.split(",") if part.strip()]
        self.plain = [part for part in parts if "=" not in part]
        pairs = [part.partition("=") for part in parts if "=" in part]
        self.keys = {key.strip().lower(): value.strip() for key, _, value in pairs}
        if len(self.keys) < len(pairs):
            raise self.wrong("a word is there twice")

    def wrong(self, what: str, allowed: str = "") -> InputError:
        said = f"{self.name}:{self.text}"
        return InputError(Problem(f"{said!r}: {what}", self.where, allowed, f"for example {SHAPES[self.name]}"))

    def expect(self, size: int, *keys: str) -> None:
        """Refuse words that this shape does not know, or that are missing."""
        unknown = sorted(set(self.keys) - set(keys))
        if unknown:
            raise self.wrong(f"{self.name} has no {unknown[0]!r}", ", ".join(keys) or "a size only")
        missing = [key for key in keys if key not in self.keys]
        if missing:
            raise self.wrong(f"{missing[0]!r} is missing")
        if len(self.plain) != size:
            raise self.wrong(f"{'a size' if size else 'no size'} is expected, {len(self.plain)} are there")

    def mm(self, key: str) -> float:
        return parse(self.keys[key], "mm", self.where)

    def dbu(self, key: str) -> int:
        return _dbu(self.mm(key))

    def size(self) -> tuple[int, int]:
        first, second = parse_footprint_mm(self.plain[0], self.where)
        if first is None or second is None:
            raise self.wrong("a side is left free", "two lengths")
        return _dbu(first), _dbu(second)


def _dbu(value_mm: float) -> int:
    return round(value_mm * DBU_PER_MM)


def _circle(words: _Words) -> Outline:
    words.expect(0, "d")
    d = words.dbu("d")
    y = (d + 1) // 2
    return outline_of([(0, y), (d, y)], [1.0, 1.0], ["lower", "upper"])


def _stadium(words: _Words) -> Outline:
    words.expect(1)
    length, width = words.size()
    if length == width:
        raise words.wrong("length and width are equal", "a length above the width, or circle:d=...")
    if length < width:
        return _upright_stadium(length, width)
    r = width / 2
    a, b = round(r), length - round(r)
    return outline_of(
        [(a, 0), (b, 0), (b, width), (a, width)], [0, 1.0, 0, 1.0], ["lower", "right", "upper", "left"]
    )


def _upright_stadium(width: int, length: int) -> Outline:
    a, b = round(width / 2), length - round(width / 2)
    return outline_of(
        [(width, a), (width, b), (0, b), (0, a)], [0, 1.0, 0, 1.0], ["right", "upper", "left", "lower"]
    )


def _rounded(words: _Words) -> Outline:
    words.expect(1, "r")
    (w, h), r = words.size(), words.dbu("r")
    if 2 * r > min(w, h):
        raise words.wrong(
            f"r = {words.mm('r'):g} mm is more than half of the shorter side",
            f"r up to {min(w, h) / 2 / DBU_PER_MM:g} mm",
        )
    quarter = bulge_of(90)
    corners = [(r, 0), (w - r, 0), (w, r), (w, h - r), (w - r, h), (r, h), (0, h - r), (0, r)]
    names = ["lower", "", "right", "", "upper", "", "left", ""]
    return outline_of(corners, [0, quarter] * 4, names)


def _d_shape(words: _Words) -> Outline:
    words.expect(1)
    w, h = words.size()
    if 2 * h < w:
        raise words.wrong(
            "a half disc of that width is higher than the whole", f"a height of at least {w / 2 / DBU_PER_MM:g} mm"
        )
    low = h - round(w / 2)
    corners = [(0, 0), (w, 0), (w, low), (0, low)]
    return outline_of(corners, [0, 0, 1.0, 0], ["flat", "right", "rim", "left"])


def _sector(words: _Words) -> Outline:
    words.expect(0, "r", "angle")
    ends = words.keys["r"].split("..")
    if len(ends) != 2 or not all(end.strip() for end in ends):
        raise words.wrong(
            f"r = {words.keys['r']!r} is not two radii", "INNER..OUTER, such as 9..11.5; INNER may be 0"
        )
    inner = 0.0 if ends[0].strip() in {"0", "0.0"} else parse(ends[0], "mm", words.where)
    outer = parse(ends[1], "mm", words.where)
    try:
        angle = float(words.keys["angle"].removesuffix("deg").strip())
    except ValueError:
        angle = 0.0
    if not 1 <= angle <= 359:
        raise words.wrong(f"an angle of {words.keys['angle']!r}", "1 to 359 degrees")
    if inner >= outer:
        raise words.wrong("the inner radius is not below the outer one", "INNER..OUTER, such as 9..11.5")
    half, bulge = angle * pi / 360, bulge_of(angle)

    def place(radius: float, sign: int) -> tuple[int, int]:
        return round(sign * radius * sin(half) * DBU_PER_MM), round(radius * cos(half) * DBU_PER_MM)

    if inner == 0:
        return outline_of([(0, 0), place(outer, 1), place(outer, -1)], [0, bulge, 0], ["right", "rim", "left"])
    corners = [place(outer, 1), place(outer, -1), place(inner, -1), place(inner, 1)]
    return outline_of(corners, [bulge, 0, -bulge, 0], ["rim", "left", "inner", "right"])


def _l_shape(words: _Words) -> Outline:
    words.expect(1, "arm")
    (w, h), arm = words.size(), words.dbu("arm")
    if arm >= min(w, h):
        raise words.wrong(
            "the arm is as wide as a side", f"an arm below {min(w, h) / DBU_PER_MM:g} mm, the shorter side"
        )
    corners = [(0, 0), (w, 0), (w, arm), (arm, arm), (arm, h), (0, h)]
    return outline_of(corners, names=["lower", "long end", "long inner", "short inner", "short end", "left"])


def _hexagon(words: _Words) -> Outline:
    words.expect(1)
    across = _dbu(parse(words.plain[0], "mm", words.where))
    side = across / sqrt(3)
    half = round(across / 2)
    left, right, width = round(side / 2), round(side * 1.5), round(side * 2)
    corners = [(left, 0), (right, 0), (width, half), (right, across), (left, across), (0, half)]
    names = ["lower", "lower right", "upper right", "upper", "upper left", "lower left"]
    return outline_of(corners, names=names)


def _rectangle(words: _Words) -> Outline:
    words.expect(1)
    w, h = words.size()
    return outline_of([(0, 0), (w, 0), (w, h), (0, h)], names=["lower", "right", "upper", "left"])


_MAKERS: dict[str, Callable[[_Words], Outline]] = {
    "circle": _circle,
    "stadium": _stadium,
    "rounded": _rounded,
    "d-shape": _d_shape,
    "sector": _sector,
    "l-shape": _l_shape,
    "hexagon": _hexagon,
    "rectangle": _rectangle,
}
