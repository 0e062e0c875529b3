"""Is an archive that somebody received whole, and do its masks hold what its order states, its cell maps agree?

What the sender changed on purpose in files, order and checksums alike cannot be seen from the archive alone.
"""

import hashlib
import json
import re
from collections.abc import Mapping
from itertools import pairwise
from typing import Any

from layoutgen.errors import Input, LayoutgenError, PackageError, Problem, Wording
from layoutgen.export.dxf import outlines_of
from layoutgen.export.gerber import regions_of
from layoutgen.files.archive import SUMS
from layoutgen.geometry.boxes import Point
from layoutgen.outputs import receiver_of
from layoutgen.receivers.order import ORDER_CSV, ORDER_PDF, SCHEMA, order_digest, shop_order_csv
from layoutgen.units import counted
from layoutgen.verify.cell_maps import verify_cell_maps
from layoutgen.verify.files import shortened

ORDER = "order.json"
_AGAIN = "ask for the archive again"
_SLACK_MM2 = 2e-9
Outline = tuple[Point, ...]


def verify_shop(files: Mapping[str, bytes], where: str) -> tuple[tuple[str, ...], tuple[Wording, ...]]:
    """Check the files of an archive or folder, by name; what was checked, and notes on what could not be.

    Raises:
        PackageError: they are damaged or altered; holds every problem found.
    """
    checked = [verify_sums(files, where)]
    receiver = receiver_of(files)
    if receiver == "test":
        note = "the maps were compared with each other only; " + Input("against", "DESIGN") + " makes them again"
        return (*checked, verify_cell_maps(files)), (note,)
    if receiver != "shop":
        return tuple(checked), (f"there is no {ORDER}: files were checked by checksum only",)
    notes = [f"{name} was checked by checksum only" for name in files if name.endswith((".pdf", ".svg"))]
    try:
        order = json.loads(files[ORDER])
        problems = _belongings(files, order)
        count = 0
        if not problems:
            problems, count = _masks(files, order)
    except (ValueError, TypeError, AttributeError, LookupError, ArithmeticError, RecursionError) as error:
        what = f"is damaged: {type(error).__name__}: {error}"
        raise PackageError(Problem(what, ORDER, f"an order of schema {SCHEMA}", _AGAIN)) from error
    if problems:
        raise PackageError(shortened(problems))
    checked.append(
        f"{counted(count, 'mask file')} read again: polygons, areas and boxes are those that {ORDER} states"
    )
    return tuple(checked), tuple(notes)


def verify_sums(files: Mapping[str, bytes], where: str) -> str:
    """What was checked, in words: every file against SHA256SUMS.

    Raises:
        PackageError: they are damaged or altered; holds every problem found.
    """
    problems = _sums(files, where)
    if problems:
        raise PackageError(shortened(problems))
    return f"{counted(len(files) - 1, 'file')} against {SUMS}"


def _sums(files: Mapping[str, bytes], where: str) -> list[Problem]:
    """Every file against SHA256SUMS, which must be as written: sorted, one line a file."""
    if SUMS not in files:
        return [Problem(f"holds no {SUMS}", where, "what layoutgen export made", _AGAIN)]
    text = files[SUMS].decode(errors="replace")
    listed = {line[66:]: line[:64] for line in text.splitlines() if re.fullmatch(r"[0-9a-f]{64}  \S.*", line)}
    problems = [Problem("is missing", name, remedy=_AGAIN) for name in listed if name not in files]
    for name, content in files.items():
        if name == SUMS:
            continue
        if name not in listed:
            problems.append(Problem(f"is not in {SUMS}", name, remedy="remove it: it does not belong here"))
        elif hashlib.sha256(content).hexdigest() != listed[name]:
            problems.append(Problem("is not the file that was sent", name, f"SHA-256 {listed[name]}", _AGAIN))
    if not problems and text != "".join(f"{listed[name]}  {name}\n" for name in sorted(listed)):
        problems.append(Problem("is damaged", SUMS, remedy=_AGAIN))
    return problems


def _belongings(files: Mapping[str, bytes], order: Mapping[str, Any]) -> list[Problem]:
    """The order against its own digest, the table made of it, and the files that it does not list."""
    if order["schema"] != SCHEMA:
        return [Problem(f"schema is {order['schema']!r}", ORDER, SCHEMA)]
    problems = []
    if order.get("order_sha256") != order_digest(order):
        problems.append(Problem("was edited: it is not what its order_sha256 was made of", ORDER, remedy=_AGAIN))
    elif files.get(ORDER_CSV) != shop_order_csv(order):
        problems.append(Problem(f"does not say what {ORDER} says", ORDER_CSV, remedy=_AGAIN))
    entries = [*order["also"], *(entry for mask in order["masks"] for entry in mask["file"]["files"])]
    known = {entry["name"] for entry in entries} | {SUMS, ORDER, ORDER_CSV, ORDER_PDF}
    problems += [
        Problem("is not the file that the order lists", entry["name"], remedy=_AGAIN)
        for entry in entries
        if entry["name"] in files and hashlib.sha256(files[entry["name"]]).hexdigest() != entry["sha256"]
    ]
    problems += [Problem(f"is not listed in {ORDER}", name, remedy=_AGAIN) for name in files if name not in known]
    problems += [Problem("is missing", name, remedy=_AGAIN) for name in sorted(known) if name not in files]
    return problems


def _masks(files: Mapping[str, bytes], order: Mapping[str, Any]) -> tuple[list[Problem], int]:
    problems: list[Problem] = []
    count = 0
    for mask in order["masks"]:
        stated, first = mask["file"], None
        if not stated["files"]:
            problems.append(Problem("lists no file", f"{ORDER}: {mask['name']}", remedy=_AGAIN))
        for entry in stated["files"]:
            name = entry["name"]
            try:
                outlines = _outlines(name, files[name], mask["layer"], order["grid_nm"])
            except (LayoutgenError, RuntimeError, OSError, ArithmeticError, ValueError, LookupError) as error:
                problems.append(Problem(f"cannot be read: {error}", name, remedy=_AGAIN))
                continue
            if outlines is not None:
                count += 1
                problems += _figures(name, outlines, stated, order["grid_nm"])
                shapes = sorted(map(_from_lowest, outlines))
                first = first or (name, shapes)
                if shapes != first[1]:
                    problems.append(Problem(f"does not have the polygons of {first[0]}", name, remedy=_AGAIN))
    return problems, count


def _from_lowest(points: Outline) -> Outline:
    """An outline counter-clockwise from its lowest leftmost vertex, so that equal polygons are equal."""
    turned = points if _twice_signed(points) > 0 else points[::-1]
    start = min(range(len(turned)), key=lambda index: turned[index][::-1])
    return (*turned[start:], *turned[:start])


def _outlines(name: str, content: bytes, layer: str, dbu_nm: int) -> list[Outline] | None:
    """The polygons of one layer of a file, in dbu; None for a format without a reader here."""
    number, datatype = (int(part) for part in layer.split("/"))
    if name.endswith((".gds", ".oas")):
        return _library(name, content, number, datatype, dbu_nm)
    if name.endswith(".dxf"):
        wanted = f"L{number}" if not datatype else f"L{number}D{datatype}"
        found = outlines_of(content.decode("ascii"), dbu_nm)
        return [points for on, closed, points in found if on == wanted and closed]
    if name.endswith(".gbr"):
        return list(regions_of(content.decode("ascii"), dbu_nm))
    return None


def _library(name: str, content: bytes, number: int, datatype: int, dbu_nm: int) -> list[Outline]:
    from layoutgen.foreign.flat import flat
    from layoutgen.foreign.reading import read_layout_bytes

    layout = read_layout_bytes(content, name)
    if len(layout.tops) != 1:
        raise ValueError(f"it has {counted(len(layout.tops), 'top cell')}")
    scale = layout.dbu_m / (dbu_nm * 1e-9)
    found = []
    for chunk in flat(layout, layout.tops[0], name, {(number, datatype)}):
        for start, stop in pairwise(chunk.starts.tolist()):
            points = (chunk.points[start:stop] * scale).tolist()
            found.append(tuple((round(x), round(y)) for x, y in points))
    return found


def _figures(name: str, outlines: list[Outline], stated: Mapping[str, Any], dbu_nm: int) -> list[Problem]:
    mm = dbu_nm * 1e-6
    area = sum(map(_twice_area, outlines)) / 2 * mm**2
    xs, ys = [x for points in outlines for x, _ in points], [y for points in outlines for _, y in points]
    box = [value * mm for value in (min(xs), min(ys), max(xs), max(ys))] if xs else []
    problems = []
    if len(outlines) != stated["polygons"]:
        problems.append(Problem(f"has {len(outlines)} polygons, the order states {stated['polygons']}", name))
    if not abs(area - stated["area_mm2"]) <= _SLACK_MM2 + 1e-9 * area:
        problems.append(Problem(f"has {area:.9f} mm2, the order states {stated['area_mm2']}", name))
    if len(box) != len(stated["bounding_box_mm"]) or any(
        not abs(a - b) < 1e-6 for a, b in zip(box, stated["bounding_box_mm"], strict=True)
    ):
        problems.append(Problem(f"reaches {box}, the order states {stated['bounding_box_mm']}", name))
    return problems


def _twice_area(points: Outline) -> int:
    return abs(_twice_signed(points))


def _twice_signed(points: Outline) -> int:
    return sum(a * d - c * b for (a, b), (c, d) in zip(points, (*points[1:], points[0]), strict=True))
