"""The stack viewer's picture: a cross-section of the ends of the device, films of the first layers and the lids.

Heights are schematic (films differ a thousandfold in thickness), positions along the terminal axis are to scale
within each end, and the middle is broken out. Every true thickness stands in the table beside the picture.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass

from layoutgen.draw.files import inputs_of
from layoutgen.draw.section import Slab, cell_films, unit_cell
from layoutgen.sizing.device import StackFilm
from layoutgen.solver.solution import Solution
from layoutgen.svg import element, label
from layoutgen.template import Rect
from layoutgen.units import counted

WIDTH = 760.0
_BREAK = 44.0
_MARGIN = 10.0
_SHOWN_LAYERS = 2


@dataclass(frozen=True, slots=True)
class _Axis:
    """Positions along the terminal axis in um to x in the picture, with the middle broken out."""

    low: float
    left_end: float
    right_start: float
    high: float

    @property
    def scale(self) -> float:
        return (WIDTH - 2 * _MARGIN - _BREAK) / ((self.left_end - self.low) + (self.high - self.right_start))

    @property
    def gap(self) -> tuple[float, float]:
        left = _MARGIN + (self.left_end - self.low) * self.scale
        return left, left + _BREAK

    def x(self, um: float) -> float:
        if um <= self.left_end:
            return _MARGIN + (um - self.low) * self.scale
        if um >= self.right_start:
            return self.gap[1] + (um - self.right_start) * self.scale
        left, right = self.gap
        return left + (um - self.left_end) / (self.right_start - self.left_end) * (right - left)


def film_height(thickness_um: float) -> float:
    """Height in the picture: grows with the logarithm, so that 0.03 um and 50 um both show."""
    return 7.0 + 12.0 * math.log10(1.0 + thickness_um / 0.1)


def section_svg(solution: Solution) -> str:
    """The cross-section as inline SVG; films carry ``data-film`` with their place in ``device.stack``."""
    device, template = solution.device, solution.template
    boxes = template.rectangles(device.cell_length_um, device.cell_width_um)
    axis = _axis(boxes, device.cell_length_um)
    colours = {name: layer.colour for name, layer in solution.loaded.pdk.layers.items()}
    inputs = inputs_of(solution)
    numbers = {film.film: number for number, film in enumerate(device.stack)}
    unit = [(numbers[film.film], film) for film in cell_films(inputs)]
    slabs = unit_cell(inputs)
    first = unit[0][0] if unit else len(device.stack)
    below = [(n, f) for n, f in enumerate(device.stack) if n < first]
    above = [(n, f) for n, f in enumerate(device.stack) if n >= first and (n, f) not in unit]
    layers = min(device.layers, _SHOWN_LAYERS)
    more = 34.0 if device.layers > layers else 0.0
    height = 2 * _MARGIN + more
    height += sum(film_height(f.thickness_um) for _, f in (*below, *above))
    height += layers * sum(film_height(f.thickness_um) for _, f in unit)
    y = height - _MARGIN
    drawn: list[str] = []
    package = template.package(device.cell_length_um, device.cell_width_um)
    span = (float(package.x0), float(package.x1))
    drawn.append(_body(axis, boxes, template.template.package.encapsulation, colours, height))
    for number, film in below:
        y, shapes = _lid(axis, colours, number, film, y, span)
        drawn += shapes
    for _ in range(layers):
        for _, film in unit:
            bottom, y = y, y - film_height(film.thickness_um)
            for slab in slabs:
                if slab.z0 == film.z0_um - unit[0][1].z0_um:
                    fill = inputs.film_colour(slab.layer, slab.film, 0.0)
                    drawn += _slab(axis, slab, numbers[slab.film], fill, bottom, y)
    if more:
        y -= more
        beside = axis.gap[1] + 4
        drawn.append(label(beside, y + 22, counted(device.layers - layers, "more layer"), class_="more"))
    for number, film in above:
        y, shapes = _lid(axis, colours, number, film, y, span)
        drawn += shapes
    drawn += _caps(axis, boxes, solution, colours, height)
    drawn.append(_break(axis, height))
    name = "Cross-section of the device along the terminal axis, both ends, heights schematic"
    frame = {"viewBox": f"0 0 {WIDTH:g} {height:.1f}", "class_": "section", "role": "img", "aria-label": name}
    return element("svg", frame, "".join(drawn))


def _axis(boxes: Mapping[str, Rect], length_um: float) -> _Axis:
    stops = sorted({float(edge) for box in boxes.values() for edge in (box.x0, box.x1)})
    left = [stop for stop in stops if stop <= length_um / 4] or [stops[0]]
    right = [stop for stop in stops if stop >= length_um * 3 / 4] or [stops[-1]]
    room = max((left[-1] - left[0] + right[-1] - right[0]) * 0.12, 20.0)
    end, start = left[-1] + room, right[0] - room
    if end >= start:
        middle = (end + start) / 2
        end, start = middle, middle
    return _Axis(left[0], end, start, right[-1])


def _lid(
    axis: _Axis, colours: Mapping[str, str], number: int, film: StackFilm, y: float, span: tuple[float, float]
) -> tuple[float, list[str]]:
    top = y - film_height(film.thickness_um)
    if film.film in {"terminal_bottom", "terminal_top"}:
        return top, []
    place = {"x": axis.x(span[0]), "y": top, "width": axis.x(span[1]) - axis.x(span[0]), "height": y - top}
    return top, [element("rect", {**place, "fill": colours[film.layer], "data-film": number})]


def _slab(axis: _Axis, slab: Slab, number: int, fill: str, bottom: float, top: float) -> list[str]:
    """One cut piece of a film; plated lithium lies in the room that is kept for it."""
    x = axis.x(slab.x0)
    place = {"x": x, "y": top, "width": axis.x(slab.x1) - x, "height": bottom - top, "data-film": number}
    if slab.film == "lithium":
        return [
            element("rect", {**place, "class_": name, "fill": of})
            for name, of in (("room", None), ("lithium", fill))
        ]
    return [element("rect", {**place, "fill": fill})]


def _body(axis: _Axis, boxes: Mapping[str, Rect], layer: str, colours: Mapping[str, str], height: float) -> str:
    box = boxes[layer]
    x0, x1 = axis.x(float(box.x0)), axis.x(float(box.x1))
    place = {"x": x0, "y": _MARGIN, "width": x1 - x0, "height": height - 2 * _MARGIN}
    return element("rect", {**place, "fill": colours[layer], "fill-opacity": 0.16})


def _caps(
    axis: _Axis, boxes: Mapping[str, Rect], solution: Solution, colours: Mapping[str, str], height: float
) -> list[str]:
    """Terminals: wraps above and below, and the end faces where the template has end caps."""
    terminals = solution.template.template.terminals
    metal = film_height(solution.template.terminal_metal_um())
    found = []
    last = len(solution.device.stack) - 1
    for name, sign in ((terminals.positive, "+"), (terminals.negative, "−")):
        box = boxes[name]
        x0, x1 = axis.x(float(box.x0)), axis.x(float(box.x1))
        places = [(_MARGIN, last)] if terminals.on_top else []
        for y, number in (*places, (height - _MARGIN - metal, 0)):
            place = {"x": x0, "y": y, "width": x1 - x0, "height": metal}
            found.append(element("rect", {**place, "fill": colours[name], "data-film": number}))
        if terminals.on_top:
            thick = max((axis.x(float(box.x0) + solution.template.terminal_metal_um()) - x0), 3.0)
            edge = x0 if sign == "+" else x1 - thick
            face = {"x": edge, "y": _MARGIN, "width": thick, "height": height - 2 * _MARGIN}
            found.append(element("rect", {**face, "fill": colours[name]}))
        middle = _MARGIN + metal * 0.5 if terminals.on_top else height - _MARGIN - metal * 0.5
        found.append(label((x0 + x1) / 2, middle + 5, sign, text_anchor="middle", class_="pole"))
    if not terminals.on_top:
        top = _MARGIN + film_height(solution.device.stack[-1].thickness_um)
        for item in solution.template.end_faces():
            left, right = axis.x(float(boxes[item.layer].x0)), axis.x(float(boxes[item.layer].x1))
            place = {"x": left, "y": top, "width": max(right - left, 3.0), "height": height - _MARGIN - metal - top}
            found.append(element("rect", {**place, "fill": colours[item.layer]}))
    return found


def _break(axis: _Axis, height: float) -> str:
    """A white strip with wavy edges where the middle of the device is left out."""
    left, right = axis.gap
    inset = (right - left) * 0.32
    left, right = left + inset, right - inset
    steps = [(height * i / 12, 4.0 if i % 2 else -4.0) for i in range(13)]
    down = " ".join(f"L{left + dx:.1f} {y:.1f}" for y, dx in steps)
    up = " ".join(f"L{right + dx:.1f} {y:.1f}" for y, dx in reversed(steps))
    return element("path", {"d": f"M{left - 4:.1f} 0 {down} {up} Z", "class_": "break"})
