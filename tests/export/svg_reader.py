"""A small SVG reader that shares no code with the writer: paths, groups, uses and transforms, in mm."""

import re
import xml.etree.ElementTree as ET
from decimal import Decimal

import klayout.db as kdb

_SVG = "{http://www.w3.org/2000/svg}"
_HREF = "{http://www.w3.org/1999/xlink}href"
_IDENTITY = (Decimal(1), Decimal(0), Decimal(0), Decimal(1), Decimal(0), Decimal(0))
_ROTATIONS = {90: (0, 1, -1, 0), 180: (-1, 0, 0, -1), 270: (0, -1, 1, 0)}


def _times(m, n):
    a, b, c, d, e, f = m
    p, q, r, s, t, u = n
    return a * p + c * q, b * p + d * q, a * r + c * s, b * r + d * s, a * t + c * u + e, b * t + d * u + f


def _matrix(text):
    matrix = _IDENTITY
    for kind, values in re.findall(r"(\w+)\(([^)]*)\)", text):
        numbers = [Decimal(value) for value in values.split(",")]
        if kind == "translate":
            step = (*_IDENTITY[:4], *numbers)
        elif kind == "scale":
            step = (numbers[0], Decimal(0), Decimal(0), numbers[-1], Decimal(0), Decimal(0))
        else:
            step = (*map(Decimal, _ROTATIONS[int(numbers[0])]), Decimal(0), Decimal(0))
        matrix = _times(matrix, step)
    return matrix


def read_svg(content: bytes, dbu_nm: int) -> kdb.Region:
    """All polygons of a file as a region in dbu, y up. Fails where a coordinate is not a whole dbu."""
    root = ET.fromstring(content)
    assert root.get("width") == root.get("viewBox").split()[2] + "mm", "not 1:1"
    ids = {element.get("id"): element for element in root.iter() if element.get("id")}
    region = kdb.Region()
    per_mm = Decimal(10**6) / dbu_nm

    def draw(element, matrix):
        if element.get("transform"):
            matrix = _times(matrix, _matrix(element.get("transform")))
        if element.tag == f"{_SVG}g":
            for child in element:
                draw(child, matrix)
        elif element.tag == f"{_SVG}use":
            move = (*_IDENTITY[:4], Decimal(element.get("x", 0)), Decimal(element.get("y", 0)))
            draw(ids[element.get(_HREF)[1:]], _times(matrix, move))
        elif element.tag == f"{_SVG}path":
            for ring in element.get("d").rstrip("Z").split("Z"):
                points = []
                for pair in ring[1:].split("L"):
                    x, y = map(Decimal, pair.split())
                    a, b, c, d, e, f = matrix
                    u, v = (a * x + c * y + e) * per_mm, -(b * x + d * y + f) * per_mm
                    assert u == int(u)
                    assert v == int(v)
                    points.append(kdb.Point(int(u), int(v)))
                region.insert(kdb.Polygon(points))

    for child in root:
        if child.tag != f"{_SVG}defs":
            draw(child, _IDENTITY)
    return region
