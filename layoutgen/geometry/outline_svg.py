"""The one path of an SVG file as lines and arcs in mm, y upwards."""

import re
import xml.etree.ElementTree as ET
from math import asin, hypot, pi, tan
from pathlib import Path

from layoutgen.errors import InputError, Problem
from layoutgen.geometry.outline_loop import Piece

_ARGUMENTS = {"M": 2, "L": 2, "H": 1, "V": 1, "A": 7, "Z": 0}
_CURVES = {"C": "cubic", "S": "cubic", "Q": "quadratic", "T": "quadratic"}
_NUMBER = re.compile(r"[\s,]*([+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?)")
_FLAG = re.compile(r"[\s,]*([01])")
_LENGTH = re.compile(r"\s*([+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?)\s*([a-z%]*)\s*")
_DRAWN = {"path", "circle", "rect", "polygon", "polyline", "line", "ellipse", "use", "image"}
_MOST_TOKENS = 100_000


def svg_pieces(data: bytes, path: Path, where: str) -> list[Piece]:
    """The lines and arcs of the only shape of an SVG file.

    Raises:
        InputError: no SVG, no or several shapes, a transformation, other units, or curves that are no arcs.
    """
    if b"<!ENTITY" in data or (
        b"<!DOCTYPE" in data and b"[" in data.split(b"<!DOCTYPE", 1)[1][:2000].split(b">")[0]
    ):
        raise InputError(Problem(f"{path} declares entities", where, "a plain SVG"))
    try:
        # entities are refused above, so nothing grows in reading
        root = ET.fromstring(data)  # noqa: S314
    except (ET.ParseError, ValueError, LookupError) as error:
        raise InputError(Problem(f"{path} is not an SVG file that can be read: {error}", where)) from error
    if _tag(root) != "svg":
        raise InputError(Problem(f"{path} is not an SVG file: its root is {_tag(root)!r}", where))
    scale = _scale(root, path, where)
    shapes = [element for element in root.iter() if _tag(element) in _DRAWN]
    for element in root.iter():
        if element.get("transform"):
            raise InputError(
                Problem(
                    f"{path}: {_tag(element)} has a transformation", where, remedy="apply it to the coordinates"
                )
            )
    if len(shapes) != 1:
        kinds = ", ".join(_tag(shape) for shape in shapes[:5]) or "none"
        raise InputError(
            Problem(f"{path} holds {len(shapes)} shapes ({kinds})", where, "one path, circle, rect or polygon")
        )
    return _Shape(path, where, scale).pieces(shapes[0])


def _tag(element: ET.Element) -> str:
    return str(element.tag).rpartition("}")[2]


def _scale(root: ET.Element, path: Path, where: str) -> float:
    """Millimetres in a user unit."""
    units = {"": 1.0, "mm": 1.0, "cm": 10.0}
    box = root.get("viewBox")
    sides = [root.get("width"), root.get("height")]
    lengths: list[float | None] = []
    for side in sides:
        if side is None or side.strip() == "100%":
            lengths.append(None)
            continue
        match = _LENGTH.fullmatch(side)
        if match is None or match.group(2) not in units:
            raise InputError(Problem(f"{path} is {side!r} wide or high", where, "mm or cm, or no unit for mm"))
        lengths.append(float(match.group(1)) * units[match.group(2)])
    if box is None:
        if any(
            side is not None and not re.fullmatch(r"[\s\d.+-]*", side) and side.strip() != "100%" for side in sides
        ):
            raise InputError(
                Problem(f"{path} has a size but no viewBox, so a unit of it is a pixel", where, "a viewBox in mm")
            )
        return 1.0
    numbers = [float(text) for text in re.findall(r"[+-]?[\d.]+(?:[eE][+-]?\d+)?", box) if _is_number(text)]
    if len(numbers) != 4 or numbers[2] <= 0 or numbers[3] <= 0:
        raise InputError(Problem(f"{path} has a viewBox of {box!r}", where, "four numbers"))
    scales = [length / number for length, number in zip(lengths, numbers[2:], strict=True) if length is not None]
    if not scales:
        return 1.0
    if max(scales) > min(scales) * (1 + 1e-6) or min(scales) <= 0:
        raise InputError(
            Problem(f"{path} is scaled differently along x and y", where, "a viewBox of the same shape")
        )
    return scales[0]


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


class _Shape:
    """Reads one element; places come out in mm with y upwards."""

    def __init__(self, path: Path, where: str, scale: float) -> None:
        self.path, self.where, self.scale = path, where, scale

    def wrong(self, what: str, allowed: str = "", remedy: str = "") -> InputError:
        return InputError(Problem(f"{self.path}: {what}", self.where, allowed, remedy))

    def piece(self, start: tuple[float, float], end: tuple[float, float], bulge: float, said: str) -> Piece:
        s = self.scale
        # y is turned over, so what ran clockwise on the screen runs counter-clockwise in numbers as seen
        return Piece((start[0] * s, -start[1] * s), (end[0] * s, -end[1] * s), -bulge, "", said)

    def pieces(self, element: ET.Element) -> list[Piece]:
        kind = _tag(element)
        if kind == "path":
            return self._path(element.get("d") or "")
        if kind == "circle":
            x, y, r = (self._number(element, key) for key in ("cx", "cy", "r"))
            left, right = (x - r, y), (x + r, y)
            return [self.piece(left, right, 1.0, "circle"), self.piece(right, left, 1.0, "circle")]
        if kind == "rect":
            if element.get("rx") or element.get("ry"):
                raise self.wrong("a rect with round corners", "a path with A commands")
            x, y, w, h = (self._number(element, key) for key in ("x", "y", "width", "height"))
            return self._closed([(x, y), (x + w, y), (x + w, y + h), (x, y + h)], "rect")
        if kind == "polygon":
            values = [
                float(text) for text in re.findall(r"[+-]?[\d.]+(?:[eE][+-]?\d+)?", element.get("points") or "")
            ]
            if len(values) < 6 or len(values) % 2:
                raise self.wrong("polygon has no three corners")
            return self._closed(list(zip(values[::2], values[1::2], strict=True)), "polygon")
        raise self.wrong(f"{kind} is not an outline", "path, circle, rect or polygon")

    def _closed(self, points: list[tuple[float, float]], said: str) -> list[Piece]:
        return [self.piece(a, b, 0.0, said) for a, b in zip(points, points[1:] + points[:1], strict=True) if a != b]

    def _number(self, element: ET.Element, key: str) -> float:
        text = element.get(key, "0")
        match = _LENGTH.fullmatch(text)
        if match is None or match.group(2):
            raise self.wrong(f"{key} = {text!r} is not a plain number")
        return float(match.group(1))

    def _path(self, text: str) -> list[Piece]:
        found: list[Piece] = []
        x = y = x0 = y0 = 0.0
        loops = 0
        for command, values in self._commands(text):
            upper, relative = command.upper(), command.islower()
            if upper == "Z":
                if (x, y) != (x0, y0):
                    found.append(self.piece((x, y), (x0, y0), 0.0, "Z"))
                x, y = x0, y0
                continue
            end = self._end(upper, values, (x, y), relative=relative)
            if upper == "M":
                loops += 1
                if loops > 1:
                    raise self.wrong(f"several loops: another M at ({end[0]:g}, {end[1]:g})", "one closed loop")
                x0, y0 = end
            elif end != (x, y):
                bulge = self._bulge(values, (x, y), end) if upper == "A" else 0.0
                found.append(self.piece((x, y), end, bulge, command))
            x, y = end
        if not found:
            raise self.wrong("an empty path", "M, L, H, V, A, Z")
        return found

    @staticmethod
    def _end(upper: str, values: list[float], at: tuple[float, float], *, relative: bool) -> tuple[float, float]:
        base = at if relative else (0.0, 0.0)
        if upper == "H":
            return values[0] + base[0], at[1]
        if upper == "V":
            return at[0], values[0] + base[1]
        return values[-2] + base[0], values[-1] + base[1]

    def _bulge(self, values: list[float], start: tuple[float, float], end: tuple[float, float]) -> float:
        rx, ry, _, large, sweep = values[:5]
        rx, ry = abs(rx), abs(ry)
        if rx == 0 or ry == 0:
            return 0.0
        if abs(rx - ry) > 1e-9 * max(rx, ry):
            raise self.wrong(f"an arc of an ellipse ({rx:g}, {ry:g})", "circular arcs: both radii equal")
        chord = hypot(end[0] - start[0], end[1] - start[1])
        # a radius that is too short is made as long as needed (SVG 2, 9.5.1)
        radius = max(rx, chord / 2)
        half = asin(min(1.0, chord / (2 * radius)))
        angle = 2 * half if not large else 2 * pi - 2 * half
        # sweep 1 is clockwise on the screen, which is positive in numbers of y down
        return tan(angle / 4) * (1 if sweep else -1)

    def _commands(self, text: str) -> list[tuple[str, list[float]]]:
        found: list[tuple[str, list[float]]] = []
        at, command = 0, ""
        while at < len(text):
            if text[at].isspace() or text[at] == ",":
                at += 1
                continue
            if text[at].isalpha():
                command = text[at]
                at += 1
                if command.upper() in _CURVES:
                    kind = _CURVES[command.upper()]
                    raise self.wrong(
                        f"{command} at character {at}: a {kind} curve is no arc",
                        "M, L, H, V, A, Z",
                        "arcs (A) instead",
                    )
                if command.upper() not in _ARGUMENTS:
                    raise self.wrong(f"{command!r} at character {at} is no path command", "M, L, H, V, A, Z")
                if not found and command.upper() != "M":
                    raise self.wrong("the path does not begin with M")
                if command.upper() == "Z":
                    found.append((command, []))
                    continue
            elif not command or command.upper() == "Z":
                raise self.wrong(f"{text[at]!r} at character {at + 1} follows no command")
            values, at = self._values(text, at, command)
            found.append((command, values))
            # pairs after the first of an M are lines
            command = {"M": "L", "m": "l"}.get(command, command)
            if len(found) > _MOST_TOKENS:
                raise self.wrong("a path of more than 100 000 commands")
        return found

    def _values(self, text: str, at: int, command: str) -> tuple[list[float], int]:
        values = []
        for index in range(_ARGUMENTS[command.upper()]):
            pattern = _FLAG if command.upper() == "A" and index in (3, 4) else _NUMBER
            match = pattern.match(text, at)
            if match is None:
                raise self.wrong(f"{command} at character {at + 1} lacks a number")
            values.append(float(match.group(1)))
            at = match.end()
        return values, at
